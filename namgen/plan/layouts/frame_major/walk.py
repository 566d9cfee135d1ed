"""What a scheduled kernel is made of: operations used, pointers moved, loops around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from namgen.plan.layouts.frame_major.cells import CellOperation, CellProducts
from namgen.plan.layouts.frame_major.maps import MapOperation
from namgen.plan.layouts.frame_major.operations import Operation, Products, Window

AnyOperation: TypeAlias = Operation | MapOperation | CellOperation


GroupOfRow: TypeAlias = tuple[int, int]
"""Rows and inputs of a group: where the inputs of the group of a row begin."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place: `base`, the tile's first row or its row's group, and a fixed offset."""

    base: str
    offset: int = 0
    row: bool = False
    group: GroupOfRow | None = None


@dataclass(frozen=True, slots=True)
class TapPointer:
    """Where one tap of the tile's first frame lies: `number` taps behind the first of a turn."""

    number: int
    channels: int
    group: GroupOfRow | None = None


@dataclass(frozen=True, slots=True)
class Do:
    """Use an operation."""

    operation: AnyOperation
    arguments: tuple[Pointer | float, ...] = ()


@dataclass(frozen=True, slots=True)
class Advance:
    """Move a pointer on."""

    pointer: str
    by: int


@dataclass(frozen=True, slots=True)
class For:
    """A loop: `variable` from 0 to `stop` in steps."""

    variable: str
    stop: int
    step: int = 1


@dataclass(frozen=True, slots=True)
class Scope:
    """Statements under pointers of their own, perhaps in a loop."""

    loop: For | None
    pointers: tuple[tuple[str, Pointer | TapPointer], ...]
    body: tuple[Statement, ...]

    @property
    def moved(self) -> frozenset[str]:
        """Pointers that the body moves."""
        return moved(self.body)


Statement: TypeAlias = Do | Advance | Scope


def moved(body: tuple[Statement, ...]) -> frozenset[str]:
    """Name the pointers that statements move."""
    scopes = (statement.moved for statement in body if isinstance(statement, Scope))
    here = frozenset(statement.pointer for statement in body if isinstance(statement, Advance))
    return here.union(*scopes)


def used(body: tuple[Statement, ...]) -> Iterator[AnyOperation]:
    """Yield the operations that statements use, in order."""
    for statement in body:
        if isinstance(statement, Do):
            yield statement.operation
        elif isinstance(statement, Scope):
            yield from used(statement.body)


@dataclass(slots=True)
class Walk:
    """The way through a tile: what was done, and how far behind the weights are."""

    body: list[Statement] = field(default_factory=list)
    ahead: int = 0  # weights that are read through fixed offsets and not stepped over yet

    def do(self, operation: AnyOperation, *arguments: Pointer | float) -> None:
        """Use an operation."""
        self.body.append(Do(operation, arguments))

    def weights(self, consumed: int) -> Pointer:
        """Point at the next weights, and count them."""
        self.ahead += consumed
        return Pointer("w", self.ahead - consumed)

    def catch_up(self) -> None:
        """Step over the weights that were read, so that a loop can go on from there."""
        if self.ahead:
            self.body.append(Advance("w", self.ahead))
            self.ahead = 0

    def turns(
        self, operation: Products | Window | CellProducts, name: str, turns: int, by: int
    ) -> tuple[Statement, ...]:
        """Use an operation in `turns` turns, each of which moves the pointer `name` on."""
        if turns == 1:
            return (Do(operation, (self.weights(operation.weights), Pointer(name))),)
        self.catch_up()
        steps_on = (Advance("w", operation.weights), Advance(name, by))
        use = Do(operation, (Pointer("w"), Pointer(name)))
        return (Scope(For("turn", turns), (), (use, *steps_on)),)
