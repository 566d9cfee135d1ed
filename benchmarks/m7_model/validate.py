"""Compares the cycle model with published measurements: `python -m benchmarks.m7_model.validate`.

Prints the tables of docs/m7-model.md. Needs unicorn, capstone and arm-none-eabi-gcc; programs that
are not in this repository are timed where their source folders are given, else skipped.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.m7_model.anchors import lines, load_anchors
from benchmarks.m7_model.engine import BLOCK, record, record_fir
from benchmarks.m7_model.rules import cycles_per_repetition, load_rules
from host_sim.m7.profile import Profile
from namgen.processors.pipeline import Parameters, load_parameters
from namgen.toolchain import find_cross

CYCLES_PER_US = 480
_TAPS_IN_LAYERS = 156
_NARROW, _WIDE = (0, 7, 16), (6, 13, 22)  # layers with 6 taps at dilations 1 and 239


@dataclass(frozen=True, slots=True)
class Point:
    """A published measurement beside the model's number."""

    name: str
    unit: str
    measured: float
    modelled: float
    use: str = ""  # "fitted", or why the point says little

    @property
    def error(self) -> float:
        """Relative error of the model."""
        return self.modelled / self.measured - 1

    @property
    def comparable(self) -> bool:
        """Whether the point tests the model: not fitted, and what ran on the board is known."""
        return not self.use


def board_points(parameters: Parameters) -> tuple[Point, ...]:
    """Programs measured on a board; those marked fitted chose a parameter."""
    best, compare, slow, itcm = (
        recording.profile(parameters)
        for recording in (
            record(),
            record(extra=("-DLEAKY=1",)),
            record(opt="-O2"),
            record(code=0x1000),
        )
    )
    layers = _layer_cycles(best)
    taps = _tap_loop_cycles(best)
    head = sum(c.cycles for c in best.calls if "process_head" in c.function) / _blocks(best)
    fixed = (sum(layers) - taps * _TAPS_IN_LAYERS) / len(layers)
    fir = record_fir().profile(parameters).average_cycles / (512 * BLOCK)
    per_sample = best.average_cycles / BLOCK
    wide = _mean(layers, _WIDE) / _mean(layers, _NARROW)
    ratio = slow.average_cycles / best.average_cycles
    saved = (compare.average_cycles - best.average_cycles) / CYCLES_PER_US
    moved = itcm.average_cycles / best.average_cycles
    return (
        Point("widest / narrowest dilation, layers of 6 taps", "ratio", 1.07, wide, "fitted"),
        Point("LeakyReLU as a maximum, saved", "us/block", 13.0, saved, "fitted"),
        Point("A2-Lite engine, -O3", "cycles/sample", 5520.0, per_sample),
        Point("one tap over 48 frames", "cycles", 895.0, taps, "fitted (one rule)"),
        Point("per-layer work outside the taps", "cycles", 4500.0, fixed),
        Point("head, 16 taps", "cycles/block", 14000.0, head),
        Point("-O2 / -O3", "ratio", 883 / 605, ratio),
        Point("code in ITCM / in flash", "ratio", 1 + 9 / 552, moved),
        Point("FIR, 4 sums, zero wait", "cycles/tap", 3.75, fir, "code not known"),
    )


def _blocks(profile: Profile) -> int:
    return len(profile.cycles_of_blocks)


def _layer_cycles(profile: Profile) -> list[float]:
    """Mean cycles of each of the 23 layers, in order."""
    cycles = [c.cycles for c in profile.calls if "process_layer" in c.function]
    count = len(cycles) // _blocks(profile)
    return [sum(cycles[layer::count]) / _blocks(profile) for layer in range(count)]


def _tap_loop_cycles(profile: Profile) -> float:
    """Cycles per tap and block of the loop over two taps: the most executed one."""
    inside = [line for line in profile.lines if "process_layer" in line.function]
    most = max(line.executions_per_block for line in inside)
    loop = [line for line in inside if line.executions_per_block == most]
    return sum(line.cycles_per_block for line in loop) / most * BLOCK / 2


def _mean(values: Sequence[float], positions: Sequence[int]) -> float:
    return sum(values[p] for p in positions) / len(positions)


def anchor_folders(arguments: Sequence[str] | None = None) -> dict[str, Path | None]:
    """Where the sources of the programs are that are not in this repository."""
    parser = argparse.ArgumentParser(description="Compare the cycle model with measurements.")
    for name, anchor in load_anchors().items():
        if anchor.variable:
            parser.add_argument(
                f"--{name}",
                type=Path,
                metavar="FOLDER",
                default=os.environ.get(anchor.variable),
                help=f"sources of {anchor.what} ({anchor.get})  [default: {anchor.variable}]",
            )
    return vars(parser.parse_args(arguments))


def main() -> None:
    """Print the residuals."""
    folders = anchor_folders()
    parameters = load_parameters()
    toolchain = find_cross()
    rules = load_rules()
    right = sum(cycles_per_repetition(r, toolchain, parameters) == r.cycles for r in rules)
    print(f"small sequences: {right} of {len(rules)} exactly as published\n")
    print("| point | unit | board | model | error | |\n|---|---|---|---|---|---|")
    for point in board_points(parameters):
        print(
            f"| {point.name} | {point.unit} | {point.measured:.4g} | {point.modelled:.4g} "
            f"| {100 * point.error:+.1f} % | {point.use} |"
        )
    for line in lines(folders, parameters):
        print(line)


if __name__ == "__main__":
    main()
