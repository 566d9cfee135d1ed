"""Counts what an audio block of the presets takes: `python -m benchmarks.instruction_counts`.

`--save` writes tests/instruction_counts.toml, which a test compares with. The instructions are
exact for one version of the compiler; the cycles are predicted by the cycle model.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.models import presets
from host_sim.m7.pedal_profile import profile_pedal
from host_sim.pedal_run import pedal_image
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import find_cross

PATH = Path(__file__).resolve().parents[1] / "tests" / "instruction_counts.toml"
BLOCK = 48


@dataclass(frozen=True, slots=True)
class BlockCost:
    """One audio interrupt: instructions executed, cycles predicted."""

    instructions: int
    cycles: int


def block_cost(name: str) -> BlockCost:
    """Cost of one audio interrupt of a preset, in the fourth block after power-on."""
    (preset,) = (candidate for candidate in presets() if candidate.name == name)
    target = load_target("daisy")
    planned = plan_model(preset.load(), target=target, block_frames=BLOCK)
    image = pedal_image(planned, target.pedal, toolchain=find_cross(), boot="flash")
    found = profile_pedal(image.elf, planned, blocks=1, warm_up=3).interrupt
    return BlockCost(round(found.instructions), round(found.average_cycles))


def text(costs: Mapping[str, BlockCost]) -> str:
    lines = [
        "# Instructions and predicted cycles of one audio interrupt, 48 frames, default toolchain.",
        "# Written by `python -m benchmarks.instruction_counts --save`.",
        f'compiler = "{find_cross().version}"',
        "",
        "[instructions]",
        *(f'"{name}" = {cost.instructions}' for name, cost in costs.items()),
        "",
        "[cycles]",
        *(f'"{name}" = {cost.cycles}' for name, cost in costs.items()),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    written = text({preset.name: block_cost(preset.name) for preset in presets()})
    print(written, end="")
    if "--save" in sys.argv[1:]:
        PATH.write_text(written, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
