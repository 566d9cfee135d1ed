"""Decides how a kernel walks over its tiles: operations, pointers, and what they move by.

The order of sums is the program's; here it is decided what is loaded when, through which pointer,
into which register. `emit` spells what this says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from namgen.plan import steps
from namgen.plan.layouts import films
from namgen.plan.layouts.frame_major import maps, operations
from namgen.plan.layouts.frame_major.cell_schedule import CellSchedule, schedule_cell
from namgen.plan.layouts.frame_major.cells import CellOperation, CellProducts
from namgen.plan.layouts.frame_major.cut import ScalarUnit
from namgen.plan.layouts.frame_major.maps import MapOperation
from namgen.plan.layouts.frame_major.operations import Operation, Products, Tile, Window
from namgen.plan.layouts.frame_major.walk import FrameWalk, Part
from namgen.plan.layouts.kernel_steps import MapSchedule, schedule_steps
from namgen.plan.layouts.operations import (
    ActivateTile,
    Declare,
    Seed,
    TileOperations,
    Times,
    Zero,
    by_size,
    distinct,
    within,
)
from namgen.plan.layouts.statements import (
    Do,
    For,
    GroupOfRow,
    Pointer,
    Scope,
    Statement,
    TapPointer,
    TileOperation,
    used,
)
from namgen.plan.stages import CellKernel, NamedKernel
from namgen.plan.steps import Step, Sum, Term, weight_count


@dataclass(frozen=True, slots=True)
class SumSchedule:
    """A `Sum` with every operation chosen."""

    title: str
    tile: Tile
    loop: For | None  # over rows
    weight_offset: int
    weights_per_row: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class FilmSum:
    """A whole sum as one operation: the scale and the shift of a FiLM."""

    rows: int
    frames: int
    inputs: int
    held: bool
    channels: int  # of the source
    sum: SumSchedule

    @property
    def name(self) -> str:
        """What it is called."""
        held = "HELD_" if self.held else ""
        wide = within(self.inputs, self.channels)
        return f"{held}FILM_{self.rows}x{self.frames}_FROM_{self.inputs}{wide}"

    @property
    def operations(self) -> Iterator[TileOperation]:
        """Yield what it is made of."""
        for part in self.sum.parts:
            yield from used(part.body)


@dataclass(frozen=True, slots=True)
class KernelSchedule:
    """A kernel with every operation chosen."""

    named: NamedKernel
    steps: tuple[SumSchedule | MapSchedule, ...]

    @property
    def tile(self) -> Tile | None:
        """The tile of the main sum, which is the first; None where nothing is summed."""
        return next((s.tile for s in self.steps if isinstance(s, SumSchedule)), None)

    @property
    def operations(self) -> Iterator[TileOperation]:
        """Yield what is used, in order of use."""
        for step in self.steps:
            if isinstance(step, MapSchedule):
                yield from used(step.uses)
            else:
                for part in step.parts:
                    yield from used(part.body)


def schedule_kernel(named: NamedKernel, unit: ScalarUnit) -> KernelSchedule:
    """Choose the operations of every step."""
    frames = named.kernel.tile_frames
    scheduled = schedule_steps(
        named.kernel,
        sum_of=lambda step, offset: _schedule_sum(step, frames, offset, unit),
        film_of=lambda step, offset: _film(step, frames, offset, unit),
        map_of=lambda step, offset: _map(step, frames, offset),
    )
    return KernelSchedule(named, scheduled)


def _film(step: Sum, frames: int, offset: int, unit: ScalarUnit) -> Do:
    """Choose the operation that makes a FiLM's scale and shift."""
    dense = films.dense(step)
    source = dense.source
    whole = _schedule_sum(films.anonymous(step), frames, 0, unit)
    operation = FilmSum(step.rows, frames, dense.inputs, source.local, source.channels, whole)
    places = (source.name, step.sinks[0].target.name)
    return Do(operation, (Pointer("weights", offset), *map(Pointer, places)))


def _map(step: Step, frames: int, offset: int) -> Do:
    """Choose the operation of a step that works element by element."""
    slopes = (Pointer("weights", offset),) if weight_count(step) else ()
    match step:
        case steps.Modulate():
            operation: MapOperation = maps.Modulate(step.target.channels, frames, step.shift)
            rows: tuple[steps.Rows, ...] = (step.target, step.source, step.modulation)
        case steps.Apply():
            operation = maps.Apply(step.rows.channels, frames, step.activation)
            rows = (step.rows,)
        case steps.Gate():
            sides = step.primary, step.secondary
            operation = maps.Gate(step.target.channels, frames, *sides, step.blended)
            rows = (step.target, step.source)
        case steps.Add() | steps.Copy():
            operation = maps.Move(step.target.channels * frames, isinstance(step, steps.Add))
            rows = (step.target, step.source)
        case _:
            raise TypeError(f"{type(step).__name__} is no map")
    return Do(operation, (*(Pointer(r.name) for r in rows), *slopes))


def _schedule_sum(step: Sum, frames: int, offset: int, unit: ScalarUnit) -> SumSchedule:
    looped = step.tiles > 1
    tile = Tile(step.row_tile, step.frame_tile, unit.paired_loads)
    firsts = range(0, frames, step.frame_tile)
    return SumSchedule(
        step.title,
        tile,
        For("row", step.rows, step.row_tile) if looped else None,
        offset,
        weight_count(step) // step.rows,
        tuple(_schedule_part(step, tile, first, looped=looped) for first in firsts),
    )


def _schedule_part(step: Sum, tile: Tile, first: int, *, looped: bool) -> Part:
    walk = _PartWalk(tile=tile, first=first, looped=looped)
    walk.do(Declare(walk.tile))
    for index, term in enumerate(step.terms):
        walk.term(term, adds=index > 0)
    for tail in step.tail:
        walk.tail(tail)
    walk.finish(step.sinks)
    return Part(first, first + step.frame_tile - 1, tuple(walk.body))


@dataclass(slots=True)
class _PartWalk(FrameWalk):
    """The way through one part of a sum."""

    tile: Tile = field(kw_only=True)
    first: int = field(kw_only=True)  # frame
    looped: bool = field(kw_only=True)  # over rows

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
        return Pointer(rows.name, self.first * rows.channels, self.looped)

    def _dense(self, term: steps.Dense) -> None:
        products = self._products(term, term.unroll, held=term.source.local)
        start = Pointer(term.source.name, self.first * term.source.channels, group=_group(term))
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
        """Go through the taps in turns.

        All taps in one turn are a loop as well, and move the weights on: without that GCC gives out
        registers another way.
        """
        many = term.tap_unroll > 1
        names = [f"past{n}" if many else "past" for n in range(term.tap_unroll)]
        group = _group(term)
        pointers = (
            (name, TapPointer(n, term.source.channels, group)) for n, name in enumerate(names)
        )
        self.step_over_weights()
        body = (*self._tap_turn(term, names), *self.steps_over())
        loop = For("tap", term.kernel_size, term.tap_unroll)
        self.body.append(Scope(loop, tuple(pointers), body))

    def _tap_turn(self, term: steps.Taps, names: list[str]) -> tuple[Statement, ...]:
        turns = term.inputs // term.unroll
        if turns == 1:
            return tuple(self._neighbours(term, names))
        return self.turns(self._products(term, term.unroll), names[0], turns, term.unroll)

    def _neighbours(self, term: steps.Taps, names: list[str]) -> Iterator[Statement]:
        """Use one operation for as few taps as fill whole batches."""
        taken: list[str] = []
        done = 0
        for tap in names:
            taken.append(tap)
            inputs = term.inputs * len(taken)
            if inputs % term.batch == 0 or tap == names[-1]:
                products = replace(
                    self._products(term, term.inputs),
                    pointers=len(taken),
                    batch=min(term.batch, inputs),
                    odd_weights=self.tile.is_odd(done * self.tile.rows),
                )
                first = self.first * term.source.channels
                pointers = (Pointer(name, first) for name in taken)
                yield Do(products, (self.take_weights(products.weights), *pointers))
                done += inputs
                taken = []

    def _window(self, term: steps.Window) -> None:
        channels = term.source.channels
        start = self.first * channels
        whole, rest = divmod(term.kernel_size, term.unroll)
        by = term.unroll * channels
        main = Window(self.tile, term.unroll, channels, self.tile.is_odd(start))
        last = replace(main, taps=rest)
        if whole <= 1:
            cuts = [(main, start)] * whole + [(last, start + whole * by)] * bool(rest)
            for operation, offset in cuts:
                pointer = Pointer(term.source.name, offset)
                self.do(operation, self.take_weights(operation.weights), pointer)
            return
        inner = self.turns(main, "window", whole, by)
        if rest:
            inner = (*inner, Do(last, (self.take_weights(last.weights), Pointer("window"))))
        self.body.append(Scope(None, (("window", Pointer(term.source.name, start)),), inner))

    def tail(self, tail: steps.Tail) -> None:
        """Scale the sums, or apply an activation."""
        if isinstance(tail, steps.Scale):
            self.do(Times(self.tile), tail.value)
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


def _group(term: steps.Dense | steps.Taps) -> GroupOfRow | None:
    return (term.rows, term.inputs) if term.grouped else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """How every kernel walks over its tiles, and the operations they share."""

    kernels: tuple[KernelSchedule, ...]
    cells: tuple[CellSchedule, ...]

    @property
    def operations(self) -> tuple[TileOperation, ...]:
        """Everything that is used, once, and what it is made of before it."""
        used_by_kernels = (use for kernel in self.kernels for use in kernel.operations)
        used_by_cells = (use for cell in self.cells for use in used(cell.body))
        every = chain(used_by_kernels, used_by_cells)
        return distinct(part for use in every for part in parts(use))

    @property
    def rows(self) -> tuple[int, ...]:
        """Row counts of tiles that anything is multiplied in."""
        of_tiles = {o.tile.rows for o in self.operations if isinstance(o, Products | Window)}
        of_cells = {o.units for o in self.operations if isinstance(o, CellProducts)}
        return tuple(sorted(of_tiles | of_cells))

    @property
    def tiles(self) -> tuple[TileOperations, ...]:
        """The operations on tiles of sums, by size."""
        return by_size(o for o in self.operations if isinstance(o, Operation))

    @property
    def films(self) -> tuple[FilmSum, ...]:
        """The whole sums of FiLMs."""
        return tuple(o for o in self.operations if isinstance(o, FilmSum))

    @property
    def maps(self) -> tuple[MapOperation, ...]:
        """The operations that work element by element."""
        return tuple(o for o in self.operations if isinstance(o, MapOperation))

    @property
    def gates(self) -> tuple[CellOperation, ...]:
        """The operations on the gates of LSTM cells."""
        return tuple(o for o in self.operations if isinstance(o, CellOperation))


def schedule(
    kernels: Iterable[NamedKernel], cells: Iterable[CellKernel], unit: ScalarUnit
) -> Schedule:
    """Choose the operations of all kernels, on a processor with `unit`."""
    return Schedule(
        tuple(schedule_kernel(named, unit) for named in kernels),
        tuple(schedule_cell(kernel, unit) for kernel in cells),
    )


def parts(operation: TileOperation) -> Iterator[TileOperation]:
    """Yield the operations that `operation` is made of, then itself."""
    if isinstance(operation, Products):
        yield from (part.operation for part in operation.parts)
    if isinstance(operation, FilmSum):
        for used_by_film in operation.operations:
            yield from parts(used_by_film)
    yield operation
