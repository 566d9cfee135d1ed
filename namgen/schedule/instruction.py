"""What the scheduler knows of an instruction: what it reads and makes, and where, and its text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from namgen.processors.pipeline import Kind, Producer, Use


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A number that is made once; which core register holds it is decided last."""

    name: str  # for a reader


Place: TypeAlias = Value | str
"""A value, or a register that a kernel has given a purpose: "r0", "sp", "s16", "flags"."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an instruction touches of memory: words of a space that overlaps with no other."""

    space: str
    offset: int  # bytes
    words: int = 1
    stores: bool = False
    constant: bool = False  # nothing in the program writes there
    bank: int | None = None  # of the first word: 0 even, 1 odd; None: unknown

    @property
    def cells(self) -> tuple[tuple[str, int], ...]:
        """The words, by name."""
        return tuple((self.space, self.offset + 4 * word) for word in range(self.words))


class Early(IntEnum):
    """When the early one of the two integer units may compute it."""

    NEVER = 0
    OLDER = 1  # as the older instruction of a pair
    EITHER = 2


@dataclass(frozen=True, slots=True, eq=False)
class Instruction:
    """One instruction of a straight run of code."""

    form: str  # "smlad {}, {}, {}, {}"
    operands: tuple[Place, ...]  # in the order of the braces
    kind: Kind
    sources: tuple[tuple[Place, Use], ...] = ()
    results: tuple[tuple[Place, Producer], ...] = ()
    early: Early = Early.NEVER
    access: Access | None = None
    remark: str = ""

    @property
    def made(self) -> tuple[Value, ...]:
        """The values it makes."""
        return tuple(place for place, _ in self.results if isinstance(place, Value))

    @property
    def used(self) -> tuple[Value, ...]:
        """The values it reads, each once."""
        found = (place for place, _ in self.sources if isinstance(place, Value))
        return tuple(dict.fromkeys(found))
