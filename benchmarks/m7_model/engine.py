"""Builds, runs and records the C programs the model is compared with a board on."""

from __future__ import annotations

import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from host_sim.emulator.core import Core
from host_sim.m7.meter import Meter, functions_of
from host_sim.m7.profile import Profile
from host_sim.m7.trace import Trace, recording
from namgen.processors.pipeline import Parameters

HERE = Path(__file__).parent
BLOCK = 48
WEIGHT_FLOATS = 1871
WARM_UP, BLOCKS = 6, 10
_FLAGS = (
    *("-mcpu=cortex-m7", "-mthumb", "-mfpu=fpv5-d16", "-mfloat-abi=hard", "-std=gnu11"),
    *("-ffunction-sections", "-fdata-sections", "-fno-tree-loop-distribute-patterns"),
)
_SCRIPT = """MEMORY {{ flash (rx) : ORIGIN = {code:#x}, LENGTH = 60K
  data (rw) : ORIGIN = {data:#x}, LENGTH = 500K
  constants (r) : ORIGIN = {weights:#x}, LENGTH = 16K }}
SECTIONS {{ .text : {{ KEEP(*(.text*)) *(.rodata*) }} > flash
  .weights : {{ KEEP(*(.weights*)) }} > constants
  .bss (NOLOAD) : {{ *(.data*) *(.bss*) *(COMMON) }} > data }}
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Executed blocks, ready to be timed under any parameters."""

    traces: tuple[Trace, ...]
    core: Core
    block_symbol: str = "engine_process"

    def profile(self, parameters: Parameters) -> Profile:
        """Time the recorded blocks."""
        meter = Meter(
            functions_of(self.core),
            self.core.memory.read,
            block_symbol=self.block_symbol,
            warm_up=WARM_UP,
            parameters=parameters,
        )
        for trace in self.traces:
            meter.add(trace)
        return meter.profile()


def record(
    *,
    opt: str = "-O3",
    code: int = 0x0800_0000,
    data: int = 0x2400_0000,
    weights: int = 0x0801_0000,
    extra: tuple[str, ...] = (),
) -> Recorded:
    """Record the A2-Lite engine, built by arm-none-eabi-gcc, from its reset on."""
    script = _SCRIPT.format(code=code, data=data, weights=weights)
    core = build([HERE / "published_engine.c"], script, opt, *extra)
    values = [0.05 * ((i * 7919 % 200) / 100 - 1) for i in range(WEIGHT_FLOATS)]
    core.memory.write(weights, struct.pack(f"<{WEIGHT_FLOATS}f", *values))
    core.call("engine_reset")
    return record_calls(core, "engine_process", WARM_UP + BLOCKS)


def record_fir() -> Recorded:
    """Record the FIR filter, everything in zero-wait memory."""
    script = _SCRIPT.format(code=0x1000, data=0x2000_0000, weights=0x2001_D000)
    return record_calls(build([HERE / "fir.c"], script, "-O2"), "fir_process", WARM_UP + 2)


def build(sources: Sequence[Path], script: str, *options: str) -> Core:
    """Compile and link sources by arm-none-eabi-gcc, and load what comes out.

    Raises:
        subprocess.CalledProcessError: the compiler refused; it has said why.

    """
    with tempfile.TemporaryDirectory() as folder:
        script_path, elf = Path(folder) / "program.ld", Path(folder) / "program.elf"
        script_path.write_text(script, encoding="utf-8")
        command = ["arm-none-eabi-gcc", *_FLAGS, *options, "-nostdlib", "-T", str(script_path)]
        command += [*map(str, sources), "-lgcc", "-o", str(elf)]
        subprocess.run(command, check=True)
        core = Core()
        core.load(elf)
        return core


def record_calls(core: Core, symbol: str, blocks: int) -> Recorded:
    """Record calls of a function, one after the other."""
    traces = []
    for _ in range(blocks):
        with recording(core) as running:
            core.call(symbol, BLOCK)
        traces.append(running.result)
    return Recorded(tuple(traces), core, symbol)
