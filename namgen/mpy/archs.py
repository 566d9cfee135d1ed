"""The machines that MicroPython has native modules for, as far as namgen makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from namgen.errors import one_of
from namgen.processors import Compiler, Processor


@dataclass(frozen=True, slots=True)
class Arch:
    """A machine: its number in a file, its words, how its code is compiled, how fast it can be."""

    name: str  # as MicroPython has it
    title: str
    number: int  # of py/persistentcode.h
    word_bytes: int
    flags: tuple[str, ...] = ()  # of both compilers, in place of the processor's; none: those
    clock_hz: int = 0  # of a fast board that one can buy; 0: nobody plays in real time
    clock_of: str = ""  # which that is

    @property
    def holds_state(self) -> bool:
        """Whether what is remembered lies in the text.

        Where a machine can, code keeps addresses in aligned words of its own, and the loader can
        let them lead elsewhere.
        """
        return bool(self.flags)

    def compiling(self, made_for: Processor) -> Processor:
        """Return a processor with compilers that put addresses where a loader can adapt them."""
        if self.flags:
            gcc = replace(made_for.gcc, flags=(*self.flags, "-static"))
            return replace(made_for, zig=Compiler((*_FREESTANDING, *self.flags)), gcc=gcc)
        zig = replace(made_for.zig, flags=tuple(_without_movt(made_for.zig.flags)))
        gcc = replace(made_for.gcc, flags=(*made_for.gcc.flags, "-mword-relocations"))
        return replace(made_for, zig=zig, gcc=gcc)


def _without_movt(flags: tuple[str, ...]) -> Iterator[str]:
    """Clang loads an address by two halves of an instruction each, unless it is told not to."""
    for flag in flags:
        yield f"{flag}+no_movt" if flag.startswith("-mcpu=") else flag


_FREESTANDING = ("-target", "x86_64-freestanding", "-mcpu=x86_64")

_ARCHS = (
    Arch(
        name="armv7emdp",
        title="Cortex-M7 with doubles: STM32H7, STM32F76x, i.MX RT",
        number=8,
        word_bytes=4,
        clock_hz=600_000_000,
        clock_of="as a Teensy 4.1 has",
    ),
    Arch(
        name="armv7emsp",
        title="Cortex-M4F, -M33, and -M7 with floats: STM32F4, STM32F72x, SAMD51, nRF52, RP2350",
        number=7,
        word_bytes=4,
        clock_hz=216_000_000,
        clock_of="as a PYBD-SF2 has",
    ),
    Arch(
        name="x64",
        title="x86-64: to try a module on a computer",
        number=2,
        word_bytes=8,
        flags=("-fPIC", "-mno-red-zone"),
    ),
)

ARCHS: Mapping[str, Arch] = {arch.name: arch for arch in _ARCHS}
"""By their names, those of the package's variants in `namgen/targets.py`."""


def arch_of(name: str) -> Arch:
    """Return the machine `name`.

    Raises:
        ChoiceError: namgen makes no modules for it.

    """
    return ARCHS[one_of("mpy-arch", name, ARCHS)]
