"""The way through a tile: operations in order, and how far the weights were read."""

from __future__ import annotations

from dataclasses import dataclass, field

from namgen.plan.layouts.statements import (
    Advance,
    Argument,
    Constant,
    Do,
    Pointer,
    Statement,
    TileOperation,
)


@dataclass(slots=True)
class Walk:
    """The way through a tile: what was done, and how far behind the weights are."""

    body: list[Statement] = field(default_factory=list)
    ahead: int = 0  # weights that are read through fixed offsets and not stepped over yet

    def do(self, operation: TileOperation, *arguments: Argument) -> None:
        """Use an operation."""
        self.body.append(Do(operation, arguments))

    def take_weights(self, count: int) -> Pointer:
        """Point at the next weights, and count them as read."""
        self.ahead += count
        return Pointer("w", self.ahead - count)

    def step_over_weights(self, name: str = "") -> None:
        """Move on by the weights that were read, so that a loop can go on from there.

        `name` is what the C calls their number; it is spelled as it is without one.
        """
        self.body += self.steps_over(name)

    def steps_over(self, name: str = "") -> tuple[Statement, ...]:
        """Return what moves on by the weights that were read; they count as passed."""
        ahead, self.ahead = self.ahead, 0
        return (Advance("w", Constant(name, ahead) if name else ahead),) if ahead else ()
