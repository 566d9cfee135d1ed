"""Counts instructions per audio block of the presets: `python -m benchmarks.instruction_counts`.

`--save` writes tests/instruction_counts.toml, which a test compares with. The counts are exact for
one version of the compiler.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.models import presets
from host_sim.m7.pedal_profile import profile_pedal
from host_sim.pedal_run import pedal_image
from namgen.selection import plan_model
from namgen.targets import load_target
from namgen.toolchain import find_cross

PATH = Path(__file__).resolve().parents[1] / "tests" / "instruction_counts.toml"
BLOCK = 48


def instructions(name: str) -> int:
    """Instructions of one audio interrupt of a preset, in the fourth block after power-on."""
    (preset,) = (candidate for candidate in presets() if candidate.name == name)
    target = load_target("daisy")
    planned = plan_model(preset.load(), target=target, block_frames=BLOCK)
    image = pedal_image(planned, target, toolchain=find_cross(), boot="flash")
    return round(profile_pedal(image.elf, planned, blocks=1, warm_up=3).interrupt.instructions)


def text(counts: Mapping[str, int]) -> str:
    lines = [
        "# Instructions of one audio interrupt, 48 frames, default toolchain.",
        "# Written by `python -m benchmarks.instruction_counts --save`.",
        f'compiler = "{find_cross().version}"',
        "",
        "[instructions]",
        *(f'"{name}" = {count}' for name, count in counts.items()),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    written = text({preset.name: instructions(preset.name) for preset in presets()})
    print(written, end="")
    if "--save" in sys.argv[1:]:
        PATH.write_text(written, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
