"""What a scheduled kernel is made of: operations used, pointers moved, loops around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias


class TileOperation(Protocol):
    """Something that is done to a whole tile, spelled once in the header of tile operations."""

    @property
    def name(self) -> str:
        """What it is called."""


GroupOfRow: TypeAlias = tuple[int, int]
"""Rows and inputs of a group: where the inputs of the group of a row begin."""


@dataclass(frozen=True, slots=True)
class Extent:
    """So many frames of so many channels, in elements."""

    channels: int
    frames: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that has a name in the C."""

    name: str
    value: int


Distance: TypeAlias = int | Extent | Constant
"""How far something is from another, or how often: a number, and where it is from."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place: `base`, the tile's first row or its row's group, and a fixed offset."""

    base: str
    offset: Distance = 0
    row: bool = False
    group: GroupOfRow | None = None


@dataclass(frozen=True, slots=True)
class TapPointer:
    """Where one tap of the tile's first frame lies: `number` taps behind the first of a turn."""

    number: int
    channels: int
    group: GroupOfRow | None = None


@dataclass(frozen=True, slots=True)
class RowPointer:
    """Where a vector of frames lies: in the first row that the tile reads, at a tap or newest."""

    base: str
    held: bool  # an array of the tile
    tap_distance: str | None = None  # frames from a tap to the next; empty: one
    group: GroupOfRow | None = None
    stride: str = ""  # from one row to the next


@dataclass(frozen=True, slots=True)
class Sample:
    """Channel `channel` of one frame, in every lane.

    A row lies from one channel to the next; none: they are neighbours.
    """

    pointer: str
    channel: str
    row: str = ""


Start: TypeAlias = Pointer | TapPointer | RowPointer
Argument: TypeAlias = Pointer | Sample | float


@dataclass(frozen=True, slots=True)
class Do:
    """Use an operation."""

    operation: TileOperation
    arguments: tuple[Argument, ...] = ()
    moves: frozenset[str] = frozenset()  # pointers it moves


@dataclass(frozen=True, slots=True)
class Advance:
    """Move a pointer on."""

    pointer: str
    by: Distance


@dataclass(frozen=True, slots=True)
class For:
    """A loop: `variable` from 0 to `stop` in steps."""

    variable: str
    stop: int | Constant
    step: int = 1


@dataclass(frozen=True, slots=True)
class Scope:
    """Statements under pointers of their own, perhaps in a loop."""

    loop: For | None
    pointers: tuple[tuple[str, Start], ...]
    body: tuple[Statement, ...]

    @property
    def moved(self) -> frozenset[str]:
        """Pointers that the body moves."""
        return moved(self.body)


Statement: TypeAlias = Do | Advance | Scope


@dataclass(frozen=True, slots=True)
class Tried:
    """What makes the sums of a tile; it can be done again, and gives the same sums.

    A unit without fused multiply-add does it a second time where one of the sums is doubted.
    """

    opening: Statement
    terms: tuple[Statement, ...]

    @classmethod
    def of(cls, body: list[Statement]) -> Tried:
        """Take all that was done to a tile so far."""
        return cls(body[0], tuple(body[1:]))

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All of it, in order."""
        return (self.opening, *self.terms)

    @property
    def moves_weights(self) -> bool:
        """Whether the pointer to the weights moves."""
        return "w" in moved(self.terms)


def moved(body: tuple[Statement, ...]) -> frozenset[str]:
    """Name the pointers that statements move."""
    scopes = (statement.moved for statement in body if isinstance(statement, Scope))
    used_up = (statement.moves for statement in body if isinstance(statement, Do))
    here = frozenset(statement.pointer for statement in body if isinstance(statement, Advance))
    return here.union(*scopes, *used_up)


def used(body: tuple[Statement, ...]) -> Iterator[TileOperation]:
    """Yield the operations that statements use, in order."""
    for statement in body:
        if isinstance(statement, Do):
            yield statement.operation
        elif isinstance(statement, Scope):
            yield from used(statement.body)
