"""The stand-in model's images for the emulated pedal, each built once per run, and their load."""

from __future__ import annotations

import hashlib
import tempfile
from functools import cache
from pathlib import Path

import emulator_images
import firmware_stand_in as stand_in
import numpy as np

from host_sim.codec import codes_of_samples, fade_in, samples_of_codes
from host_sim.pedal import Pedal
from host_sim.stm32h750.audio_clock import RealTime
from namgen.boards import load_board
from namgen.codecs import CodecTable
from namgen.firmware import Image, build_image

_FOLDER = tempfile.TemporaryDirectory(prefix="namgen-")


def build_stand_in(
    folder: Path,
    source: str = stand_in.SOURCE,
    *,
    boot: str = "flash",
    block_frames: int = 48,
    clock_hz: int = 480_000_000,
    options: dict[str, str] | None = None,
    buffers: tuple[stand_in.Buffer, ...] = stand_in.BUFFERS,
    target: str = "daisy",
    codec: CodecTable | None = None,
) -> Image:
    """An image around any C in place of the stand-in's, with its buffers."""
    c_dir, board = stand_in.write_c(folder / "c"), load_board(target)
    (c_dir / f"nam_{stand_in.NAME}.c").write_text(source, encoding="utf-8")
    return build_image(
        c_dir,
        stand_in.NAME,
        board=board.with_codec(codec) if codec else board,
        boot=boot,
        clock_hz=clock_hz,
        block_frames=block_frames,
        toolchain=emulator_images.cross(),
        buffers=buffers,
        out_dir=folder / "out",
        options=options,
    )


@cache
def stand_in_image(
    boot: str = "flash",
    block_frames: int = 48,
    clock_hz: int = 480_000_000,
    *,
    skips: bool = True,
    source: str = stand_in.SOURCE,
    target: str = "daisy",
) -> Image:
    """The pedal's image around the stand-in model, or around another `source` for it.

    Without `skips` it goes on after a late block instead of taking a rest.
    """
    text = hashlib.sha256(source.encode()).hexdigest()[:8]
    return build_stand_in(
        Path(_FOLDER.name) / f"{target}{boot}{block_frames}at{clock_hz}{skips}{text}",
        source,
        boot=boot,
        block_frames=block_frames,
        clock_hz=clock_hz,
        options=None if skips else {"PEDAL_SKIPPED_AFTER_LATE": "0u"},
        target=target,
    )


@cache
def usual_load(block_frames: int, *, skips: bool) -> float:
    """The part of a block's time that an interrupt takes at one cycle per instruction."""
    image = stand_in_image(block_frames=block_frames, skips=skips)
    pedal = Pedal(image.elf, real_time=RealTime())
    pedal.boot()
    pedal.play(np.zeros(8 * block_frames, np.int32))
    return float(np.median(pedal.block_loads))


def noise(frames: int, seed: int = 0) -> np.ndarray:
    """24-bit values that no two blocks have alike."""
    return np.random.default_rng(seed).integers(-(1 << 23), 1 << 23, frames, dtype=np.int32)


def expected(left: np.ndarray) -> np.ndarray:
    """What the stand-in makes of them from its start, faded in, without latency."""
    return codes_of_samples(fade_in(stand_in.reference(samples_of_codes(left))))
