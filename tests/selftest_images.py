"""The self-test's image, short, and what it plays on the emulated pedal: made once a session."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from host_sim.m7.ladder import BOOT_LIMIT_INSTRUCTIONS, EmulatedLadder
from host_sim.pedal import Pedal
from host_sim.stm32h750.audio_clock import RealTime, steady
from namgen.selftest.image import Job, Made, build_selftest
from namgen.selftest.layout import total_words
from namgen.selftest.results import Results, read_results

COUNT_SECONDS = 1
NOISE_SHIFT = 6
RUNS_SHIFT = 3
CLICK_BLOCKS = 2 * 200
BEFORE_COUNTING = 48 * (CLICK_BLOCKS + 2 * (1 << NOISE_SHIFT) + 3 * 200)
BEFORE_SENDING = BEFORE_COUNTING + 48_000 * COUNT_SECONDS
"""Frames of all phases before."""


@cache
def made(toolchain: str = "zig", boot: str | None = None, board: str | None = None) -> Made:
    """The image of a Daisy Seed, or of a board with one."""
    folder = Path(tempfile.mkdtemp(prefix="namgen-selftest-")) / "image"
    return build_selftest(
        Job(
            folder,
            EmulatedLadder(),
            boot=boot,
            board=board,
            toolchain=toolchain,
            noise_shift=NOISE_SHIFT,
            count_seconds=COUNT_SECONDS,
            runs_shift=RUNS_SHIFT,
        )
    )


def booted(*, real_time: bool = False, toolchain: str = "zig", boot: str | None = None) -> Pedal:
    """A Daisy with it, after the ladder."""
    time = RealTime(lookahead_frames=2, pace=steady(1.0)) if real_time else None
    pedal = Pedal(made(toolchain, boot).out_dir / "firmware.elf", real_time=time)
    pedal.boot(limit=BOOT_LIMIT_INSTRUCTIONS)
    return pedal


def told(pedal: Pedal) -> Results:
    """What it is about to send, out of its memory."""
    return read_results(message_in(pedal))


def message_in(pedal: Pedal) -> bytes:
    """The bytes of it, without their check."""
    address = pedal.core.image.address("message")
    return pedal.core.memory.read(address, 4 * total_words())


def guitar(frames: int) -> npt.NDArray[np.int32]:
    """Some direct voltage on the left, a whine of the blocks' rate on the right."""
    time = np.arange(frames)
    left = np.full(frames, 8389.0)
    right = 83886 * np.sin(2 * np.pi * 1000 * time / 48_000)
    return np.asarray(np.rint(np.stack([left, right])), np.int32)
