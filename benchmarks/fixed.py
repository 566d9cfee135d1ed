"""Prints what networks in integers cost and how true they are: `python -m benchmarks.fixed`.

Cycles are the cycle model's (docs/m7-model.md) for whole audio interrupts, over a full turn of the
longest ring; the signal to noise is against float64, with a guitar that nothing was chosen by.

python -m benchmarks.fixed [FILE.nam ...] [--short]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.fixed_quality import louder
from benchmarks.models import candidates
from benchmarks.targets import BLOCK, build, spelled
from host_sim.m7.pedal_profile import BLOCKS
from namgen import ir
from namgen.errors import NamgenError
from namgen.fixed.model import FixedModel, in_fixed_point
from namgen.fixed.precision import FIXED_PRECISIONS, FixedPrecision
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.targets import Target, load_target
from namgen.toolchain import CrossToolchain, find_cross

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
GAINS = (1.0, 6.0, 20.0)
PRESETS: dict[str, dict[FixedPrecision, int | None]] = {
    "A1 nano": {"fixed32": 1550, "fixed16": None},
    "A1 feather": {"fixed32": 4250, "fixed16": None},
    "A1 lite": {"fixed32": None, "fixed16": 5500},
    "A1 standard": {"fixed16": None},
}
"""Cycles per sample that are the goal, where there is one."""

A2_GOAL = 8100


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A network in a precision."""

    name: str
    model: Model
    precision: FixedPrecision
    goal: int | None


def rows(files: Sequence[Path]) -> Iterator[Row]:
    """Yield captures as they are, an A2 with more gain too; then the presets."""
    for file in files:
        model = lower(read(file))
        is_a2 = isinstance(model.network, ir.WaveNet) and len(model.network.arrays) == 1
        for gain in GAINS if is_a2 else ():
            name = file.name if gain == 1 else f"{file.name}, x {gain:g}"
            louder_one = replace(model, network=louder(model.network, gain))
            yield Row(name, louder_one, "fixed16", A2_GOAL)
        for precision in () if is_a2 else FIXED_PRECISIONS:
            yield Row(file.name, model, precision, None)
    networks = {candidate.name: candidate for candidate in candidates()}
    for name, goals in PRESETS.items():
        for precision, goal in goals.items():
            yield Row(f"{name} (random)", networks[name].load(), precision, goal)


def table(
    files: Sequence[Path], target: Target, cross: CrossToolchain, *, turn: bool
) -> Iterator[str]:
    yield (
        "| network | precision | goal | cycles | worst block | code | guitar | 20 dB down "
        "| 40 dB down | 12 dB up | calibration |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for one in rows(files):
        goal = "" if one.goal is None else spelled(one.goal)
        found = row(one.model, one.precision, target, cross, turn=turn)
        yield f"| {one.name} | {one.precision} | {goal} | {found} |"


def row(
    model: Model,
    precision: FixedPrecision,
    target: Target,
    cross: CrossToolchain,
    *,
    turn: bool,
) -> str:
    try:
        made = in_fixed_point(model, precision)
        built = build(made, target, cross, BLOCK, blocks=ring_blocks(made) if turn else BLOCKS)
    except NamgenError as error:
        return "; ".join(error.lines)
    worst = built.profile.interrupt.worst_cycles / BLOCK
    code = sum(buffer.size_bytes for buffer in built.planned.code)
    levels = (f"{signal.snr_db:.1f}" for signal in made.quality.signals)
    return " | ".join((spelled(built.per_sample), spelled(worst), spelled(code), *levels))


def ring_blocks(model: FixedModel) -> int:
    """Return how many blocks a full turn of the longest ring takes at most."""
    arrays = model.integers.arrays
    frames = sum(layer.lookback for array in arrays for layer in array.layers)
    return -(-frames // BLOCK) + 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        default=[EXAMPLES / "tweed-a2.nam", EXAMPLES / "tweed-nano.nam"],
    )
    parser.add_argument("--short", action="store_true", help="time a few blocks, not a full turn")
    options = parser.parse_args()
    target, cross = load_target("daisy"), find_cross()
    print(f"{BLOCK} frames per block, {cross.version}\n")
    for line in table(options.files, target, cross, turn=not options.short):
        print(line, flush=True)


if __name__ == "__main__":
    main()
