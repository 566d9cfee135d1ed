"""The ways to run a model, behind one interface: NumPy, this machine, an emulated processor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from host_sim.host_library import LoadedCode, host_library
from host_sim.host_plan import compiler_of_unit
from namgen.arithmetic import F32
from namgen.emit import emit
from namgen.errors import UnsupportedError
from namgen.fixed.play import reference_of
from namgen.plan.fixed import FixedPlan
from namgen.processors import DEFAULT_PROCESSOR
from namgen.scratch import scratch_folder, write_files
from namgen.toolchain import CrossToolchain, HostCc, find_cross

if TYPE_CHECKING:
    from namgen.ir import Model
    from namgen.plan.any_plan import AnyPlan


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


@dataclass(frozen=True, slots=True)
class Code:
    """The C of a model, whoever wrote it, and what has to be known to run it."""

    files: Mapping[str, str]  # file name to text
    name: str
    out_channels: int
    vector: str | None = None  # the vector unit it is laid out for
    is_fixed: bool = False  # of integers, whose instructions change by what it is told

    @classmethod
    def of_plan(cls, planned: AnyPlan) -> Code:
        """The C that `build` writes for a plan."""
        files = emit(planned)
        is_fixed = isinstance(planned, FixedPlan)
        return cls(files, planned.name, planned.out_channels, planned.vector, is_fixed)


class Engine(Protocol):
    """A model that keeps its state between calls."""

    def reset(self) -> None:
        """Return to the start state."""

    def process(self, samples: F32) -> F32:
        """Run (frames, in channels) float32 samples; the result is (frames, out channels)."""


class ReferenceEngine:
    """The definition of correct, in NumPy."""

    def __init__(self, model: Model) -> None:
        self._reference = reference_of(model)

    def reset(self) -> None:
        """See `Engine.reset`."""
        self._reference.reset()

    def process(self, samples: F32) -> F32:
        """See `Engine.process`."""
        out = self._reference.process(np.ascontiguousarray(samples.T))
        return np.ascontiguousarray(out.T)


class HostEngine:
    """The generated C on this machine."""

    def __init__(
        self, code: Code | AnyPlan, *, compiler: HostCc | None = None, opt: str = "-O2"
    ) -> None:
        code = _code(code)
        compiler = compiler or compiler_of_unit(code.vector)
        library = host_library(code.files, code.name, compiler=compiler, opt=opt)
        self._code = LoadedCode(library, code.name)
        self._out_channels = code.out_channels
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
    """A model as machine code of what its toolchain compiles for, called function by function."""

    def __init__(
        self, code: Code | AnyPlan, *, toolchain: CrossToolchain | None = None, opt: str = "-O2"
    ) -> None:
        code = _code(code)
        toolchain = toolchain or find_cross()
        elf = machine_code(code, toolchain, opt=opt)
        self._load(elf, code.name, code.out_channels, toolchain.processor.name)

    @classmethod
    def of_image(cls, elf: bytes, name: str, out_channels: int) -> EmulatorEngine:
        """Take the model out of a linked image, a whole firmware too; nothing else of it runs."""
        self = cls.__new__(cls)
        self._load(elf, name, out_channels, DEFAULT_PROCESSOR)
        return self

    def _load(self, elf: bytes, name: str, out_channels: int, processor: str) -> None:
        from host_sim.emulator.core import Core
        from host_sim.emulator.memory import SCRATCH

        self._core = Core(processor)
        self._core.load(elf)
        self._prefix = f"nam_{name}"
        self._out_channels = out_channels
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
        self._core.memory.write_floats(self._input, samples)
        self._core.call(f"{self._prefix}_process", self._input, self._output, frames)
        self.instructions += self._core.last_call_instructions
        out = self._core.memory.read_floats(self._output, frames * self._out_channels)
        return out.reshape(frames, self._out_channels)


def make_engine(name: str, model: Model, planned: AnyPlan) -> Engine:
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


def _code(code: Code | AnyPlan) -> Code:
    return code if isinstance(code, Code) else Code.of_plan(code)


def machine_code(code: Code, toolchain: CrossToolchain, *, opt: str = "-O2") -> bytes:
    """Compile and link a model alone, with no firmware around it, to an ELF image.

    Raises:
        ToolError: the C does not compile, or it needs a function it does not contain.

    """
    with scratch_folder() as folder:
        write_files(code.files, folder)
        script = folder / "plain.ld"
        script.write_text(_PLAIN_SCRIPT, encoding="utf-8")
        told = dict.fromkeys(toolchain.processor.macros if code.is_fixed else (), "1")
        toolchain.compile(folder / f"nam_{code.name}.c", folder / "model.o", defines=told, opt=opt)
        toolchain.link([folder / "model.o"], script, folder / "model.elf")
        return (folder / "model.elf").read_bytes()
