"""The way through a tile of frames, and the part of a sum that it makes."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.plan.layouts.frame_major.cells import CellProducts
from namgen.plan.layouts.frame_major.operations import Products, Window
from namgen.plan.layouts.statements import Advance, Do, For, Pointer, Scope, Statement, moved
from namgen.plan.layouts.walk import Walk


@dataclass(slots=True)
class FrameWalk(Walk):
    """The way through a tile of frames, some of it in turns."""

    def turns(
        self, operation: Products | Window | CellProducts, name: str, turns: int, by: int
    ) -> tuple[Statement, ...]:
        """Use an operation in `turns` turns, each of which moves the pointer `name` on."""
        if turns == 1:
            return (Do(operation, (self.take_weights(operation.weights), Pointer(name))),)
        self.step_over_weights()
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
