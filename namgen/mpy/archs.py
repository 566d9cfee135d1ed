"""The machines that MicroPython has native modules for, as far as namgen makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from namgen.errors import one_of
from namgen.processors import Compiler, Processor, load_processor


@dataclass(frozen=True, slots=True)
class Arch:
    """A machine: its number in a file, its words, and how its code is compiled."""

    name: str  # as MicroPython has it
    title: str
    number: int  # of py/persistentcode.h
    word_bytes: int
    processor: str  # whose layout the C has
    aligned_addresses: bool  # whether code keeps addresses in words of their own
    zig: tuple[str, ...] = ()  # flags in place of the processor's
    gcc: tuple[str, ...] = ()
    gcc_program: str = ""

    @property
    def holds_state(self) -> bool:
        """Whether what is remembered lies in the text, for no word can lead elsewhere."""
        return not self.aligned_addresses

    def compiling(self) -> Processor:
        """Return the processor, with compilers that put addresses where a loader can adapt them."""
        made_for = load_processor(self.processor)
        if self.aligned_addresses:
            zig = replace(made_for.zig, flags=tuple(_without_movt(made_for.zig.flags)))
            gcc = replace(made_for.gcc, flags=(*made_for.gcc.flags, "-mword-relocations"))
            return replace(made_for, zig=zig, gcc=gcc)
        tuning = made_for.gcc.tuning
        return replace(
            made_for, zig=Compiler(self.zig), gcc=Compiler(self.gcc, tuning, self.gcc_program)
        )


def _without_movt(flags: tuple[str, ...]) -> Iterator[str]:
    """Clang loads an address by two halves of an instruction each, unless it is told not to."""
    for flag in flags:
        yield f"{flag}+no_movt" if flag.startswith("-mcpu=") else flag


_ARCHS = (
    Arch(
        name="armv7emdp",
        title="Cortex-M7 with doubles: STM32H7, STM32F76x, i.MX RT",
        number=8,
        word_bytes=4,
        processor="cortex-m7",
        aligned_addresses=True,
    ),
    Arch(
        name="armv7emsp",
        title="Cortex-M4F, Cortex-M33 and Cortex-M7 with floats: STM32F4, SAMD51, nRF52, RP2350",
        number=7,
        word_bytes=4,
        processor="cortex-m4f",
        aligned_addresses=True,
    ),
    Arch(
        name="x64",
        title="x86-64: to try a module on a computer",
        number=2,
        word_bytes=8,
        processor="cortex-m7",
        aligned_addresses=False,
        zig=("-target", "x86_64-freestanding", "-mcpu=x86_64", "-fPIC", "-mno-red-zone"),
        gcc=("-fPIC", "-mno-red-zone"),
        gcc_program="gcc",
    ),
)

ARCHS: Mapping[str, Arch] = {arch.name: arch for arch in _ARCHS}
"""By their names; the first is the one that fits most boards with audio."""


def arch_of(name: str) -> Arch:
    """Return the machine `name`.

    Raises:
        ChoiceError: namgen makes no modules for it.

    """
    return ARCHS[one_of("mpy-arch", name, ARCHS)]
