"""Builds the pedal of a model, plays through it on the emulator, and says what it should play."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from host_sim.boards import usual_board
from host_sim.codec import CODE_MAX, CODE_MIN, codes_of_samples, fade_in, samples_of_codes
from namgen.arithmetic import F32
from namgen.errors import BudgetError
from namgen.firmware import build_image
from namgen.fixed.play import reference_of
from namgen.packages import alone
from namgen.scratch import scratch_folder, write_files

if TYPE_CHECKING:
    from namgen.boards import Board
    from namgen.ir import Model
    from namgen.plan.any_plan import AnyPlan
    from namgen.toolchain import CrossToolchain

I32: TypeAlias = npt.NDArray[np.int32]

_SEED = 20240301


@dataclass(frozen=True, slots=True)
class PedalImage:
    """A firmware image in memory, and what it was made for."""

    elf: bytes
    boot: str
    target: str  # what it was made for


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What a pedal played, (frames, 2) 24-bit values, next to what it should have."""

    expected: I32
    found: I32
    latency_frames: int
    worst_block_instructions: int
    block_frames: int  # as the pedal was found to play
    clock_hz: int


def pedal_image(
    planned: AnyPlan,
    board: Board,
    *,
    toolchain: CrossToolchain,
    boot: str | None = None,
    clock_hz: int | None = None,
) -> PedalImage:
    """Build the firmware for the first boot mode whose memory holds it, or for `boot`.

    `clock_hz` is the board's own where it is not given.

    Raises:
        BudgetError: no boot mode holds it.
        ToolError: the toolchain failed.

    """
    modes = (boot,) if boot else tuple(mode.name for mode in board.boots)
    refused: list[str] = []
    for mode in modes:
        try:
            elf = _elf(planned, board, mode, clock_hz or board.clock.default_hz, toolchain)
            return PedalImage(elf, mode, board.name)
        except BudgetError as error:
            refused += error.lines
    raise BudgetError(*refused)


Plays: TypeAlias = Callable[[F32], F32]
"""What makes samples, (frames,), of samples, as long as nothing is touched."""


def model_alone(model: Model) -> Plays:
    """Return what a pedal plays that has a model and nothing around it."""
    reference = reference_of(model)
    return lambda samples: reference.process(samples[None, :])[0]


def play_pedal(plays: Plays, image: PedalImage, codes: I32) -> Played:
    """Power on the emulated pedal and play `codes`, 24-bit values, into its left input.

    Raises:
        NamgenError: the firmware stopped, or the emulator is not installed.

    """
    from host_sim.pedal import Pedal

    pedal = Pedal(image.elf, board=usual_board(image.target))
    pedal.boot()
    late = pedal.latency_frames
    recorded = np.concatenate([codes, np.zeros(late, np.int32)])
    found = pedal.play(recorded).T
    return Played(
        expected=expected_codes(plays, codes, latency_frames=late),
        found=np.ascontiguousarray(found, np.int32),
        latency_frames=late,
        worst_block_instructions=max(pedal.block_instructions, default=0),
        block_frames=pedal.block_frames,
        clock_hz=pedal.cpu_hz,
    )


def expected_codes(plays: Plays, codes: I32, *, latency_frames: int) -> I32:
    """Compute what a pedal plays on both: silence for its latency, then its sound, faded in."""
    output = plays(samples_of_codes(codes))
    mono = np.concatenate([np.zeros(latency_frames, np.int32), codes_of_samples(fade_in(output))])
    return np.stack([mono, mono], axis=1)


def varied_codes(frames: int) -> I32:
    """Noise that swells to full scale, with the extreme values and stretches of silence in it."""
    random = np.random.default_rng(_SEED)
    swell = np.linspace(0.001, 1.0, frames)
    codes = np.rint(random.uniform(CODE_MIN, CODE_MAX, frames) * swell).astype(np.int32)
    codes[::61] = CODE_MAX
    codes[1::67] = CODE_MIN
    codes[frames // 3 : frames // 3 + frames // 8] = 0
    return codes


def _elf(
    planned: AnyPlan, board: Board, boot: str, clock_hz: int, toolchain: CrossToolchain
) -> bytes:
    with scratch_folder() as folder:
        write_files(alone(planned).files, folder)
        image = build_image(
            folder,
            planned.name,
            board=board,
            boot=boot,
            clock_hz=clock_hz,
            block_frames=planned.block_frames,
            toolchain=toolchain,
            buffers=planned.buffers,
            out_dir=folder,
        )
        return image.elf.read_bytes()
