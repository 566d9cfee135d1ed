"""The ways to run a model, behind one interface: NumPy, this machine, the emulated Cortex-M7."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from host_sim.host_library import LoadedCode, host_library
from host_sim.host_plan import compiler_for
from namgen.build import write_c
from namgen.emit import emit
from namgen.errors import UnsupportedError
from namgen.reference.networks import Reference
from namgen.toolchain import CrossToolchain, HostCc, find_cross

if TYPE_CHECKING:
    from namgen.ir import Model
    from namgen.plan import Plan

F32: TypeAlias = npt.NDArray[np.float32]

ENGINE_NAMES = ("host", "reference", "emulator")

# The code goes where the Daisy's QSPI flash is and the data into the upper half of its SDRAM: a
# model of any size fits, and `Core` has no memory penalties. The lower half is for test buffers.
_PLAIN_SCRIPT = """
MEMORY
{
    code (rx) : ORIGIN = 0x90000000, LENGTH = 8M
    data (rw) : ORIGIN = 0xC2000000, LENGTH = 32M
}
SECTIONS
{
    .text : { KEEP(*(.text .text.*)) *(.itcm_text*) } > code
    .rodata : { *(.rodata .rodata.*) } > code
    .data : { *(.data .data.*) } > data
    .bss (NOLOAD) : { *(.bss .bss.* COMMON) } > data
    /DISCARD/ : { *(.ARM.exidx*) *(.ARM.extab*) }
}
"""


class Engine(Protocol):
    """A model that keeps its state between calls."""

    def reset(self) -> None:
        """Return to the start state."""

    def process(self, samples: F32) -> F32:
        """Run (frames, in channels) float32 samples; the result is (frames, out channels)."""


class ReferenceEngine:
    """The definition of correct, in NumPy."""

    def __init__(self, model: Model) -> None:
        self._reference = Reference(model)

    def reset(self) -> None:
        """See `Engine.reset`."""
        self._reference.reset()

    def process(self, samples: F32) -> F32:
        """See `Engine.process`."""
        out = self._reference.process(np.ascontiguousarray(samples.T))
        return np.ascontiguousarray(out.T)


class HostEngine:
    """The generated C on this machine."""

    def __init__(self, planned: Plan, *, compiler: HostCc | None = None, opt: str = "-O2") -> None:
        compiler = compiler or compiler_for(planned)
        library = host_library(emit(planned), planned.name, compiler=compiler, opt=opt)
        self._code = LoadedCode(library, planned.name)
        self._out_channels = planned.out_channels
        self.reset()

    def reset(self) -> None:
        """See `Engine.reset`."""
        self._code.reset()

    def process(self, samples: F32) -> F32:
        """See `Engine.process`."""
        out = np.empty((len(samples), self._out_channels), np.float32)
        self._code.process(np.ascontiguousarray(samples, np.float32), out, len(samples))
        return out


class EmulatorEngine:
    """The generated C as Cortex-M7 machine code, called function by function."""

    def __init__(
        self, planned: Plan, *, toolchain: CrossToolchain | None = None, opt: str = "-O2"
    ) -> None:
        from host_sim.core import SCRATCH, Core

        self._core = Core()
        self._core.load(machine_code(planned, toolchain or find_cross(), opt=opt))
        self._prefix = f"nam_{planned.name}"
        self._out_channels = planned.out_channels
        self._input = SCRATCH
        self._output = SCRATCH + (16 << 20)
        self.instructions = 0
        self.reset()

    def reset(self) -> None:
        """See `Engine.reset`."""
        self._core.call(f"{self._prefix}_reset")

    def process(self, samples: F32) -> F32:
        """See `Engine.process`; `instructions` counts what was executed."""
        frames = len(samples)
        self._core.write_floats(self._input, samples)
        self._core.call(f"{self._prefix}_process", self._input, self._output, frames)
        self.instructions += self._core.last_call_instructions
        out = self._core.read_floats(self._output, frames * self._out_channels)
        return out.reshape(frames, self._out_channels)


def make_engine(name: str, model: Model, planned: Plan) -> Engine:
    """Return the engine called `name`, one of `ENGINE_NAMES`.

    Raises:
        NamgenError: the engine is unknown, or something it needs is missing.

    """
    if name == "host":
        return HostEngine(planned)
    if name == "reference":
        return ReferenceEngine(model)
    if name == "emulator":
        return EmulatorEngine(planned)
    raise UnsupportedError(f"engine: expected one of {', '.join(ENGINE_NAMES)}, found {name!r}")


def machine_code(planned: Plan, toolchain: CrossToolchain, *, opt: str = "-O2") -> bytes:
    """Compile and link a model alone, with no firmware around it, to an ELF image.

    Raises:
        ToolError: the C does not compile, or it needs a function it does not contain.

    """
    with tempfile.TemporaryDirectory(prefix="namgen-") as name:
        folder = Path(name)
        write_c(planned, folder)
        script = folder / "plain.ld"
        script.write_text(_PLAIN_SCRIPT, encoding="utf-8")
        toolchain.compile(folder / f"nam_{planned.name}.c", folder / "model.o", opt=opt)
        toolchain.link([folder / "model.o"], script, folder / "model.elf")
        return (folder / "model.elf").read_bytes()
