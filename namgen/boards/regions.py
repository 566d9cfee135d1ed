"""The memories of a board: where they are, and what a model may put there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from namgen.errors import Problem

RegionKind = Literal["ram", "flash"]


@dataclass(frozen=True, slots=True)
class Window:
    """A range of addresses."""

    origin: int
    size_bytes: int

    @property
    def end(self) -> int:
        """First address behind it."""
        return self.origin + self.size_bytes

    def holds(self, address: int, size_bytes: int) -> bool:
        """Whether the whole range lies in the window."""
        return self.origin <= address and address + size_bytes <= self.end


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of a memory in somebody else's linker script; "" where it has none."""

    state: str  # filled by reset
    constants: str


@dataclass(frozen=True, slots=True)
class Region:
    """One memory of a board."""

    name: str
    title: str
    origin: int
    size_bytes: int
    kind: RegionKind
    is_cached: bool = False  # behind the data cache
    reserved_bytes: int = 0
    reserved_for: str = ""
    linker: str = ""  # its name in `firmware/sections.ld`
    macro: str = ""  # puts an array there: <macro>_BSS filled by reset, <macro>_DATA constant
    section: str = ""  # what these macros spell: <section>_bss and <section>_data
    sections: Sections | None = None  # or any two
    code_section: str = ""  # of code that runs there, where a model's kernels may

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be."""
        if not 0 < self.free_bytes <= self.size_bytes:
            yield Problem("reserved_bytes", f"expected less than the {self.size_bytes} there are")
        if bool(self.reserved_bytes) != bool(self.reserved_for):
            yield Problem("reserved_for", "expected beside reserved_bytes, and only there")
        if bool(self.macro) != bool(self.section or self.sections):
            yield Problem("section", "expected beside a macro, and only there")

    def section_of(self, *, constant: bool) -> str:
        """Name the section of arrays that are constant, or that reset fills; "": there is none."""
        if self.sections is None:
            return f"{self.section}_{'data' if constant else 'bss'}"
        return self.sections.constants if constant else self.sections.state

    @property
    def free_bytes(self) -> int:
        """What a model may use."""
        return self.size_bytes - self.reserved_bytes

    @property
    def window(self) -> Window:
        """Its addresses."""
        return Window(self.origin, self.size_bytes)

    @property
    def end(self) -> int:
        """First address behind the region."""
        return self.window.end

    def holds(self, address: int, size_bytes: int) -> bool:
        """Whether the whole range lies in the region."""
        return self.window.holds(address, size_bytes)
