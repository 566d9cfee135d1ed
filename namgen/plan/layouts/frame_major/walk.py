"""The way through a tile: operations in order, and how far the weights were read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from namgen.plan.layouts.frame_major.cells import CellOperation, CellProducts
from namgen.plan.layouts.frame_major.maps import MapOperation
from namgen.plan.layouts.frame_major.operations import Operation, Products, Window
from namgen.plan.layouts.statements import (
    Advance,
    Argument,
    Do,
    For,
    Pointer,
    Scope,
    Statement,
    moved,
)

AnyOperation: TypeAlias = Operation | MapOperation | CellOperation


@dataclass(slots=True)
class Walk:
    """The way through a tile: what was done, and how far behind the weights are."""

    body: list[Statement] = field(default_factory=list)
    ahead: int = 0  # weights that are read through fixed offsets and not stepped over yet

    def do(self, operation: AnyOperation, *arguments: Argument) -> None:
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


@dataclass(frozen=True, slots=True)
class Part:
    """The sums of some frames of the tile, from seed to sink."""

    first: int
    last: int
    body: tuple[Statement, ...]

    @property
    def moves_weights(self) -> bool:
        """Whether the pointer to the weights moves."""
        return "w" in moved(self.body)
