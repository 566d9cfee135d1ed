"""Prints what native modules take of MicroPython's heap: `python -m benchmarks.micropython`.

The modules are those that `namgen build --target micropython` writes, of captures in `examples/`,
in blocks of 48; each is imported on the emulated Cortex-M7 and plays, and instructions are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from host_sim.mpy.cortex import CortexMachine
from host_sim.mpy.engine import ModuleEngine
from namgen.emit import emit
from namgen.fixed.model import in_fixed_point
from namgen.lower import lower
from namgen.mpy.archs import ARCHS
from namgen.mpy.make import MadeModule, make_module
from namgen.nam_file import read
from namgen.selection.plans import plan_model
from namgen.targets import MODULE, load_target
from namgen.toolchain import find_cross

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
BLOCK = 48
WARM_UP, COUNTED = 4, 16
"""Blocks."""


@dataclass(frozen=True, slots=True)
class Row:
    """A capture for a machine of MicroPython's."""

    title: str
    file: str
    arch: str
    submodel: str = "full"
    is_fixed: bool = False


def rows() -> Iterator[Row]:
    """Yield what the table has."""
    for arch in ("armv7emdp", "armv7emsp"):
        yield Row("A1 nano", "tweed-nano.nam", arch)
    for arch in ("armv7emdp", "armv7emsp"):
        yield Row("A2-Lite", "tweed-a2.nam", arch, "lite")
    for arch in ("armv7emdp", "armv7emsp"):
        yield Row("A2-Full in fixed16", "tweed-a2.nam", arch, is_fixed=True)
    yield Row("A2-Full in float32", "tweed-a2.nam", "armv7emdp")


def module_of(row: Row) -> MadeModule:
    """Make the module of a row."""
    model = lower(read(EXAMPLES / row.file), submodel=row.submodel)
    target, arch = load_target(MODULE, row.arch), ARCHS[row.arch]
    model = in_fixed_point(model, "fixed16") if row.is_fixed else model
    planned = plan_model(model, target=target, block_frames=BLOCK)
    cross = find_cross(processor=target.processor.name)
    return make_module(emit(planned), planned, arch, cross)


def instructions_a_frame(made: MadeModule) -> float:
    """Import a module and count what a frame takes, with the call and its checks."""
    engine = ModuleEngine(made.module)
    machine = engine.machine
    assert isinstance(machine, CortexMachine)
    noise = np.random.default_rng(1).standard_normal((BLOCK, 1)).astype(np.float32) * 0.1
    for _ in range(WARM_UP):
        engine.process(noise)
    before = machine.core.instructions
    for _ in range(COUNTED):
        engine.process(noise)
    return (machine.core.instructions - before) / (COUNTED * BLOCK)


def main() -> None:
    """Print the table of docs/micropython.md."""
    print("| | text | state | heap | instructions a frame |")
    print("|---|---:|---:|---:|---:|")
    for row in rows():
        made = module_of(row)
        text, state = len(made.module.text), made.module.bss_bytes
        counted = round(instructions_a_frame(made))
        cells = (f"{number:,}" for number in (text, state, made.heap_bytes, counted))
        print(f"| {row.title}, `{row.arch}` | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
