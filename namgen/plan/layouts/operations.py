"""Tile operations that every layout has: open a tile of sums, start, scale and activate them.

Kernels of one model share their operations: two that are equal have one name, and are spelled once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeAlias, TypeVar

from namgen.plan.layouts.statements import TileOperation


class HasSize(Protocol):
    """What is of some size."""

    @property
    def size(self) -> str:
        """Its extent, as names say it."""


class Sums(HasSize, Protocol):
    """A tile: accumulators of some rows."""

    @property
    def rows(self) -> int:
        """Rows that are summed at a time."""

    @property
    def registers(self) -> tuple[str, ...]:
        """One name per accumulator."""


class OnSums(TileOperation, Protocol):
    """An operation on a tile of sums."""

    @property
    def tile(self) -> Sums:
        """The tile it works on."""


Sized = TypeVar("Sized", bound=HasSize)


@dataclass(frozen=True, slots=True)
class OnTile(Generic[Sized]):
    """An operation that is named after what it does and the size of its tile."""

    tile: Sized
    verb: ClassVar[str]

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.verb}_{self.tile.size}"


@dataclass(frozen=True, slots=True)
class Declare(OnTile[Sums]):
    """Open a tile."""

    verb: ClassVar[str] = "TILE"


@dataclass(frozen=True, slots=True)
class Zero(OnTile[Sums]):
    """Start all sums at zero."""

    verb: ClassVar[str] = "ZERO"


@dataclass(frozen=True, slots=True)
class Times(OnTile[Sums]):
    """Multiply all sums by a factor."""

    verb: ClassVar[str] = "TIMES"


@dataclass(frozen=True, slots=True)
class TimesOwn(OnTile[Sums]):
    """Multiply every row by a factor of its own."""

    verb: ClassVar[str] = "TIMES_PER_ROW"


@dataclass(frozen=True, slots=True)
class Seed:
    """Start every row with a weight of its own, or add it."""

    tile: Sums
    adds: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{'PLUS' if self.adds else 'SEED'}_{self.tile.size}"


@dataclass(frozen=True, slots=True)
class ActivateTile:
    """Apply an activation to all sums; `params` more arguments, or one of each row's own."""

    tile: Sums
    function: str
    params: int
    per_row: bool

    @property
    def name(self) -> str:
        """What it is called."""
        own = "_PER_ROW" if self.per_row else ""
        return f"{stem(self.function)}{own}_{self.tile.size}"


CommonOperation: TypeAlias = Declare | Zero | Seed | Times | TimesOwn | ActivateTile


@dataclass(frozen=True, slots=True)
class TileOperations:
    """The operations on tiles of one size."""

    tile: Sums
    operations: tuple[OnSums, ...]


def by_size(operations: Iterable[OnSums]) -> tuple[TileOperations, ...]:
    """Group operations by their tile, the smallest first."""
    found: dict[Sums, list[OnSums]] = {}
    for operation in operations:
        found.setdefault(operation.tile, []).append(operation)
    order = sorted(found, key=lambda tile: (tile.rows, len(tile.registers)))
    return tuple(TileOperations(tile, tuple(found[tile])) for tile in order)


def distinct(operations: Iterable[TileOperation]) -> tuple[TileOperation, ...]:
    """Return every operation once, in the order of first use.

    Raises:
        ValueError: two that differ have one name; one of them would be spelled in place of both.

    """
    found: dict[str, TileOperation] = {}
    for operation in operations:
        if found.setdefault(operation.name, operation) != operation:
            raise ValueError(f"two tile operations are called {operation.name}")
    return tuple(found.values())


def stem(function: str) -> str:
    """Name an operation after a function of ``nam_activations.h``."""
    return function.removeprefix("nam_").upper()


def within(values: int, channels: int) -> str:
    """Say how many values a frame has where these are not all of them."""
    return "" if values == channels else f"_IN_{channels}"
