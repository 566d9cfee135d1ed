"""The way through a tile of frames, and the part of a sum that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from namgen.plan import steps
from namgen.plan.layouts.frame_major import operations
from namgen.plan.layouts.frame_major.cells import CellProducts
from namgen.plan.layouts.frame_major.operations import Products, Tile, Window
from namgen.plan.layouts.operations import ActivateTile, Seed, Times, TimesOwn, Zero
from namgen.plan.layouts.statements import (
    Advance,
    Constant,
    Distance,
    Do,
    Extent,
    For,
    GroupOfRow,
    Pointer,
    Scope,
    Statement,
    TapPointer,
    moved,
)
from namgen.plan.layouts.walk import Walk
from namgen.plan.steps import Term

FOLLOWED = range(4, 7)
"""Taps whose pointers find registers beside the others of a kernel; clang is slower with three."""


@dataclass(slots=True)
class FrameWalk(Walk):
    """The way through a tile of frames, some of it in turns."""

    def turns(
        self, operation: Products | Window | CellProducts, name: str, turns: int, by: Distance
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

    title: str
    body: tuple[Statement, ...]

    @property
    def moves_weights(self) -> bool:
        """Whether the pointer to the weights moves."""
        return "w" in moved(self.body)


@dataclass(slots=True)
class PartWalk(FrameWalk):
    """The way through one part of a sum."""

    tile: Tile = field(kw_only=True)
    first: int = field(kw_only=True)  # frame
    looped: bool = field(kw_only=True)  # over rows
    taps: Constant | None = field(kw_only=True)  # of the kernel's convolution

    def term(self, term: Term, *, adds: bool) -> None:
        """Add a term of the sum, or start with it."""
        match term:
            case steps.Zero():
                self.do(Zero(self.tile))
            case steps.Bias():
                self.do(Seed(self.tile, adds), self.take_weights(self.tile.rows))
            case steps.Carry():
                carry = operations.Carry(self.tile, term.source.channels, adds)
                self.do(carry, self._rows(term.source))
            case steps.Dense():
                self._dense(term)
            case steps.Taps():
                self._taps(term)
            case steps.Window():
                self._window(term)

    def _rows(self, rows: steps.Rows) -> Pointer:
        """Point at the tile's first frame and row."""
        return Pointer(rows.name, self._ahead(rows), self.looped)

    def _ahead(self, rows: steps.Rows, frames: int = 0) -> Extent:
        """Return how far the tile's first frame, or one behind it, is from the kernel's."""
        return Extent(rows.channels, self.first + frames)

    def _dense(self, term: steps.Dense) -> None:
        products = self._products(term, term.unroll, held=term.source.local)
        if term.ahead:
            done = self.first * term.source.channels  # values that earlier parts of the tile read
            products = replace(products, ahead=term.ahead + done)
        start = Pointer(term.source.name, self._ahead(term.source), group=_group(term))
        turns = term.inputs // term.unroll
        if turns == 1 and not term.grouped:
            self.do(products, self.take_weights(products.weights), start)
            return
        name = f"{term.source.name}_in"
        inner = self.turns(products, name, turns, term.unroll)
        self.body.append(Scope(None, ((name, start),), inner))

    def _products(
        self, term: steps.Dense | steps.Taps, inputs: int, *, held: bool = False
    ) -> Products:
        channels = term.source.channels
        odd = not held and self.tile.is_odd(self.first * channels)
        batch = min(term.batch, inputs)
        return Products(
            self.tile, inputs, channels, 1, batch, held, odd_weights=False, odd_values=odd
        )

    def _taps(self, term: steps.Taps) -> None:
        """Go through the taps in turns, or all at once by pointers that follow the tiles.

        Other taps in one turn are a loop as well, and move the weights on: without that GCC gives
        out registers another way.
        """
        names = tap_names(term)
        if follows_taps(term):
            self.body += self._tap_turn(term, names)
            return
        group = _group(term)
        pointers = (
            (name, TapPointer(n, term.source.channels, group)) for n, name in enumerate(names)
        )
        self.step_over_weights()
        body = (*self._tap_turn(term, names), *self.steps_over())
        loop = For("tap", self.taps or term.kernel_size, term.tap_unroll)
        self.body.append(Scope(loop, tuple(pointers), body))

    def _tap_turn(self, term: steps.Taps, names: list[str]) -> tuple[Statement, ...]:
        turns = term.inputs // term.unroll
        if turns == 1:
            return tuple(self._neighbours(term, names))
        return self.turns(self._products(term, term.unroll), names[0], turns, term.unroll)

    def _neighbours(self, term: steps.Taps, names: list[str]) -> Iterator[Statement]:
        """Use one operation for as few taps as fill whole batches, or for all."""
        taken: list[str] = []
        done = 0
        for tap in names:
            taken.append(tap)
            inputs = term.inputs * len(taken)
            if tap == names[-1] or not (term.ahead or inputs % term.batch):
                products = replace(
                    self._products(term, term.inputs),
                    pointers=len(taken),
                    batch=min(term.batch, inputs),
                    ahead=term.ahead,
                    odd_weights=self.tile.is_odd(done * self.tile.rows),
                )
                pointers = (Pointer(name, self._ahead(term.source)) for name in taken)
                yield Do(products, (self.take_weights(products.weights), *pointers))
                done += inputs
                taken = []

    def _window(self, term: steps.Window) -> None:
        rows, channels = term.source, term.source.channels
        whole, rest = divmod(term.kernel_size, term.unroll)
        odd = self.tile.is_odd(self.first * channels)
        main = Window(self.tile, term.unroll, channels, odd)
        last = replace(main, taps=rest)
        if whole <= 1:
            cuts = [(main, 0)] * whole + [(last, whole * term.unroll)] * bool(rest)
            for operation, tap in cuts:
                pointer = Pointer(rows.name, self._ahead(rows, tap))
                self.do(operation, self.take_weights(operation.weights), pointer)
            return
        inner = self.turns(main, "window", whole, Extent(channels, term.unroll))
        if rest:
            inner = (*inner, Do(last, (self.take_weights(last.weights), Pointer("window"))))
        self.body.append(Scope(None, (("window", Pointer(rows.name, self._ahead(rows))),), inner))

    def tail(self, tail: steps.Tail) -> None:
        """Scale the sums, or apply an activation."""
        if isinstance(tail, steps.Scale):
            self.do(Times(self.tile), tail.value)
            return
        if isinstance(tail, steps.OwnScale):
            self.do(TimesOwn(self.tile), self.take_weights(self.tile.rows))
            return
        call = tail.call
        own = tail.per_channel
        operation = ActivateTile(self.tile, call.function, len(call.params), own)
        arguments = (self.take_weights(self.tile.rows),) if own else call.params
        self.do(operation, *arguments)

    def finish(self, sinks: tuple[steps.Sink, ...]) -> None:
        """Bring the sums to their places."""
        places = [
            operations.Sink(isinstance(sink, steps.Accumulate), sink.target.channels)
            for sink in sinks
        ]
        targets = (self._rows(sink.target) for sink in sinks)
        self.do(operations.Finish(self.tile, tuple(places)), *targets)


def tap_names(term: steps.Taps) -> list[str]:
    """Name the pointers to the taps of one turn."""
    many = term.tap_unroll > 1
    return [f"past{n}" if many else "past" for n in range(term.tap_unroll)]


def follows_taps(term: steps.Taps) -> bool:
    """Whether a pointer for each tap moves through the block, from tile to tile."""
    whole = term.tap_unroll == term.kernel_size and term.unroll == term.inputs
    return whole and not term.grouped and term.kernel_size in FOLLOWED


def _group(term: steps.Dense | steps.Taps) -> GroupOfRow | None:
    return (term.rows, term.inputs) if term.grouped else None
