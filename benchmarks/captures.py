"""What a change of captures costs on a Cortex-M7: `python -m benchmarks.captures [FILE ...]`.

Builds pedals of captures, by default of the examples, for a Terrarium, and times every
audio interrupt while one is chosen after the other. A block that loads has to take less time than
the same capture's worst block that plays. Cycles are those of a sample.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import namgen
from host_sim.m7.pedal_profile import pluck, time_interrupts
from host_sim.pedal import Pedal
from namgen.captures import Captures
from namgen.chain.step import CHANGEOVER_STEPS, STEP_FRAMES
from namgen.pedal_boards import load_pedal_board

EXAMPLES = Path(__file__).parent.parent / "examples"
FILES = (EXAMPLES / "tweed-a2.nam", EXAMPLES / "tweed-nano.nam")
BOARD = "terrarium"
BLOCKS = (48, 8)
BOOTS = ("flash", "sram", "qspi")
PLAYED_FRAMES = 960


@dataclass(frozen=True, slots=True)
class Changeover:
    """One choice, in cycles of whole audio interrupts."""

    source: str
    playing: int  # the worst block of what is chosen, before the next choice
    loading: int  # the worst block that loads
    fading: int  # the worst block of the way to silence and back, of both captures
    blocks: int  # from the choice to the first that plays at full level

    def milliseconds(self, block_frames: int, sample_rate_hz: int) -> float:
        """How long the whole of it takes."""
        return 1000 * self.blocks * block_frames / sample_rate_hz


def changeovers(elf: Path, captures: Captures) -> Iterator[Changeover]:
    """Choose all captures of a booted image but the first, and the first again."""
    pedal = Pedal(elf, panel=load_pedal_board(BOARD))
    pedal.boot()
    frames = pedal.block_frames
    _timed(pedal, PLAYED_FRAMES)
    fade = -(-CHANGEOVER_STEPS * STEP_FRAMES // frames)
    count = len(captures.captures)
    for number in [*range(1, count), 0]:
        loading = captures.loading_blocks(number, frames)
        pedal.core.interject("sound_choose", number)
        leaving = _timed(pedal, fade * frames)
        changing = _timed(pedal, loading * frames)
        coming = _timed(pedal, fade * frames)
        playing = _timed(pedal, PLAYED_FRAMES)
        source = captures.captures[number].model.source
        lasts = 2 * fade + loading
        yield Changeover(source, max(playing), max(changing), max(*leaving, *coming), lasts)


def _timed(pedal: Pedal, frames: int) -> tuple[int, ...]:
    whole = -(-frames // pedal.block_frames) * pedal.block_frames
    codes = pluck(whole)
    return time_interrupts(pedal, np.asarray(codes), warm_up=0).cycles_of_blocks


def rows(files: Sequence[Path], block_frames: int, boot: str) -> Iterator[str]:
    """Build a pedal and yield a line of the table for every capture."""
    with tempfile.TemporaryDirectory(prefix="namgen-") as folder:
        out = Path(folder) / "out"
        report = namgen.build(
            *files, board=BOARD, block=block_frames, boot=boot, out_dir=out, force=True
        )
        captures = report.sound.engines
        assert captures is not None
        for found in changeovers(out / "firmware.elf", captures):
            costs = (found.playing, found.fading, found.loading)
            told = " | ".join(f"{cycles / block_frames:.0f}" for cycles in costs)
            lasts_ms = found.milliseconds(block_frames, 48_000)
            yield f"| {found.source} | {block_frames} | {boot} | {told} | {lasts_ms:.0f} ms |"


def main(arguments: list[str]) -> int:
    """Print the table."""
    files = [Path(argument) for argument in arguments] or list(FILES)
    heads = ("capture", "frames per block", "boot", "playing", "fading", "loading", "changeover")
    print(f"| {' | '.join(heads)} |")
    print(f"|{' --- |' * len(heads)}")
    for boot in BOOTS:
        for block_frames in BLOCKS:
            for row in rows(files, block_frames, boot):
                print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
