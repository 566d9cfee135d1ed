"""Decides how a kernel walks over its tiles of vectors: operations, pointers, loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from namgen.plan import steps
from namgen.plan.layouts import whole_sums
from namgen.plan.layouts.kernel_steps import (
    MapSchedule,
    SumWeights,
    constants,
    schedule_steps,
    taps_of,
)
from namgen.plan.layouts.operations import (
    ActivateTile,
    Declare,
    Seed,
    TileOperations,
    Times,
    TimesOwn,
    Zero,
    by_size,
    distinct,
    within,
)
from namgen.plan.layouts.planar import operations
from namgen.plan.layouts.planar.cell_schedule import CellSchedule, schedule_cell
from namgen.plan.layouts.planar.cells import CellOperation
from namgen.plan.layouts.planar.operations import (
    MapOperation,
    Products,
    SumOperation,
    Tile,
    Where,
    where,
)
from namgen.plan.layouts.statements import (
    Constant,
    Distance,
    Do,
    Extent,
    For,
    GroupOfRow,
    Pointer,
    RowPointer,
    Scope,
    Statement,
    TileOperation,
    Tried,
    moved,
    used,
)
from namgen.plan.layouts.walk import Walk
from namgen.plan.stages import CellKernel, NamedKernel
from namgen.plan.steps import Kernel, Rows, Step, Sum, Term, weight_count


@dataclass(frozen=True, slots=True)
class SumSchedule:
    """A `Sum` with every operation chosen."""

    title: str
    loop: For | None  # over rows
    weights: SumWeights
    tried: Tried
    closing: tuple[Statement, ...]  # what is done to the sums

    @property
    def body(self) -> tuple[Statement, ...]:
        """All that a turn of the loop does."""
        return (*self.tried.statements, *self.closing)

    @property
    def moves_weights(self) -> bool:
        """Whether the pointer to the weights moves."""
        return "w" in moved(self.body)


@dataclass(frozen=True, slots=True)
class WholeSum:
    """A whole sum as one operation: the scale and the shift of a FiLM, or a grouped map."""

    verb: str
    rows: int
    vectors: int
    inputs: int
    source: Where
    target: Where
    channels: int  # of the source
    sum: SumSchedule

    @property
    def name(self) -> str:
        """What it is called."""
        wide = within(self.inputs, self.channels)
        tile = f"_BY_{self.sum.loop.step}" if self.sum.loop else ""
        size = f"{self.rows}x{self.vectors}{tile}"
        places = f"{self.target.value}_{self.source.value}"
        return f"{self.verb}_{places}_{size}_FROM_{self.inputs}{wide}"


@dataclass(frozen=True, slots=True)
class Variant:
    """A kernel for tiles of so many vectors."""

    vectors: int
    arrays: tuple[tuple[str, Extent], ...]  # of one tile, vectors in place of frames
    steps: tuple[SumSchedule | MapSchedule, ...]


@dataclass(frozen=True, slots=True)
class KernelSchedule:
    """A kernel with every operation chosen, for whole tiles and for what is left of a block."""

    named: NamedKernel
    taps: Constant | None  # of its convolution
    constants: tuple[Constant, ...]  # places among its weights
    tile: Tile | None  # of the main sum, which is the first; None where nothing is summed
    variants: tuple[Variant, ...]  # the largest first

    @property
    def operations(self) -> Iterator[TileOperation]:
        """Yield what is used, in order of use, and what that is made of before it."""
        for variant in self.variants:
            for step in variant.steps:
                uses = step.uses if isinstance(step, MapSchedule) else step.body
                for operation in used(uses):
                    yield from parts(operation)


def schedule_kernel(named: NamedKernel, lanes: int) -> KernelSchedule:
    """Choose the operations of every step, for every number of vectors up to the tile's."""
    kernel, taps = named.kernel, taps_of(named, steps.Taps, steps.Window)
    most = kernel.tile_frames // lanes
    main = next((step for step in kernel.steps if isinstance(step, Sum)), None)
    return KernelSchedule(
        named,
        taps,
        tuple(constants(kernel)),
        Tile(main.row_tile, most) if main else None,
        tuple(_variant(kernel, vectors, taps) for vectors in range(most, 0, -1)),
    )


def _variant(kernel: Kernel, vectors: int, taps: Constant | None) -> Variant:
    arrays = ((rows.name, Extent(rows.channels, vectors)) for rows in kernel.locals)
    return Variant(vectors, tuple(arrays), schedule_steps(kernel, _Scheduler(vectors, taps)))


@dataclass(frozen=True, slots=True)
class _Scheduler:
    """Chooses the operations of each step of one kernel."""

    vectors: int  # of a tile
    taps: Constant | None

    def sum(self, step: Sum, weights: SumWeights) -> SumSchedule:
        """Choose the operations of a sum."""
        looped = step.tiles > 1
        walk = _TileWalk(tile=Tile(step.row_tile, self.vectors), looped=looped, taps=self.taps)
        walk.do(Declare(walk.tile))
        for index, term in enumerate(step.terms):
            walk.term(term, adds=index > 0)
        tried = Tried.of(walk.body)
        for tail in step.tail:
            walk.tail(tail)
        for sink in step.sinks:
            walk.finish(sink)
        loop = For("row", step.rows, step.row_tile) if looped else None
        closing = tuple(walk.body[len(tried.statements) :])
        return SumSchedule(step.title, loop, weights, tried, closing)

    def whole(self, step: Sum, verb: str, weights: Distance) -> Do:
        """Choose the operation that is all of a sum."""
        dense = whole_sums.dense(step)
        source, target = dense.source, step.sinks[0].target
        whole = self.sum(whole_sums.anonymous(step), SumWeights(0, weight_count(step) // step.rows))
        operation = WholeSum(
            verb,
            step.rows,
            self.vectors,
            dense.inputs,
            where(source),
            where(target),
            source.channels,
            whole,
        )
        return Do(operation, (Pointer("weights", weights), *_place(source), *_place(target)))

    def map(self, step: Step, weights: Distance) -> Do:
        """Choose the operation of a step that works vector by vector."""
        operation, rows = _map(step, self.vectors)
        slopes = (Pointer("weights", weights),) if weight_count(step) else ()
        arguments = (argument for one in rows for argument in _place(one))
        return Do(operation, (*arguments, *slopes))


def _map(step: Step, vectors: int) -> tuple[MapOperation, tuple[Rows, ...]]:
    """Return the operation of a step that works vector by vector, and its arrays."""
    activations: tuple[steps.Activate, ...] = ()
    variant = False
    match step:
        case steps.Modulate():
            rows: tuple[Rows, ...] = (step.target, step.source, step.modulation)
            variant = step.shift
        case steps.Apply():
            rows, activations = (step.rows,), (step.activation,)
        case steps.Gate():
            rows, activations = (step.target, step.source), (step.primary, step.secondary)
            variant = step.blended
        case steps.Add() | steps.Copy():
            rows = (step.target, step.source)
        case _:
            raise TypeError(f"{type(step).__name__} is no map")
    kind, places = type(step).__name__, tuple(map(where, rows))
    return MapOperation(kind, rows[0].channels, vectors, places, activations, variant), rows


def _place(rows: Rows) -> tuple[Pointer, ...]:
    """Point at rows, and tell the stride between them."""
    if where(rows) is operations.Where.ROWS:
        return Pointer(rows.name), Pointer(_stride(rows))
    return (Pointer(rows.name),)


def _stride(rows: Rows) -> str:
    return f"{rows.name}_row"


@dataclass(frozen=True, slots=True)
class Taps:
    """How often a run of memory is read, and what says how far apart; empty: one frame."""

    count: int | Constant
    distance: str


@dataclass(slots=True)
class _TileWalk(Walk):
    """The way through one tile."""

    tile: Tile = field(kw_only=True)
    looped: bool = field(kw_only=True)  # over rows
    taps: Constant | None = field(kw_only=True)  # of the kernel's convolution

    def rows(self, rows: Rows) -> tuple[Pointer, ...]:
        """Point at rows, and tell which of them the tile begins with."""
        first = Pointer("row" if self.looped else "0")
        return _place(rows) if where(rows) is operations.Where.ROW else (*_place(rows), first)

    def term(self, term: Term, *, adds: bool) -> None:
        """Add a term of the sum, or start with it."""
        match term:
            case steps.Zero():
                self.do(Zero(self.tile))
            case steps.Bias():
                seed = Seed(self.tile, adds)
                self.body.append(Do(seed, (Pointer("w"),), frozenset({"w"})))
            case steps.Carry():
                carry = operations.Carry(self.tile, where(term.source), adds)
                self.do(carry, *self.rows(term.source))
            case steps.Dense():
                self._products(term.source, term.inputs, term.unroll, self._group(term))
            case steps.Taps():
                taps = Taps(self.taps or term.kernel_size, "dilation")
                self._products(term.source, term.inputs, term.unroll, self._group(term), taps)
            case steps.Window():
                taps = Taps(self.taps or term.kernel_size, "")
                self._products(term.source, term.source.channels, 1, None, taps)

    def _group(self, term: steps.Dense | steps.Taps) -> GroupOfRow | None:
        return (term.rows, term.inputs) if term.grouped and self.looped else None

    def _products(
        self,
        source: Rows,
        inputs: int,
        unroll: int,
        group: GroupOfRow | None = None,
        taps: Taps | None = None,
    ) -> None:
        """Add the products with all inputs of a source, tap by tap where it has taps."""
        stride = str(self.tile.vectors) if source.local else _stride(source)
        products = Products(self.tile, unroll, inputs // unroll, source.local)
        strides = (Pointer(stride),) if products.has_stride else ()
        if inputs == 1 and taps is None and group is None:
            arguments = (Pointer("w"), Pointer(source.name))
            self.body.append(Do(products, arguments, products.moves))
            return
        use = Do(products, (Pointer("w"), Pointer("in"), *strides), products.moves)
        start = RowPointer(
            source.name, source.local, taps.distance if taps else None, group, stride
        )
        loop = For("tap", taps.count) if taps else None
        self.body.append(Scope(loop, (("in", start),), (use,)))

    def finish(self, sink: steps.Sink) -> None:
        """Bring the sums to a place."""
        adds = isinstance(sink, steps.Accumulate)
        finish = operations.Finish(self.tile, where(sink.target), adds)
        self.do(finish, *self.rows(sink.target))

    def tail(self, tail: steps.Tail) -> None:
        """Scale the sums, or apply an activation."""
        if isinstance(tail, steps.Scale):
            self.do(Times(self.tile), tail.value)
            return
        if isinstance(tail, steps.OwnScale):
            self.body.append(Do(TimesOwn(self.tile), (Pointer("w"),), frozenset({"w"})))
            return
        call, own = tail.call, tail.per_channel
        operation = ActivateTile(self.tile, call.function, len(call.params), own)
        self.do(operation, *((Pointer("w"),) if own else call.params))


@dataclass(frozen=True, slots=True)
class Schedule:
    """How every kernel walks over its tiles, and the operations they share."""

    kernels: tuple[KernelSchedule, ...]
    cells: tuple[CellSchedule, ...]

    @property
    def operations(self) -> tuple[TileOperation, ...]:
        """Everything that is used, once."""
        used_by_kernels = (use for kernel in self.kernels for use in kernel.operations)
        used_by_cells = (use for cell in self.cells for use in used(cell.statements))
        return distinct(chain(used_by_kernels, used_by_cells))

    @property
    def tiles(self) -> tuple[TileOperations, ...]:
        """The operations on tiles of sums, by size."""
        return by_size(o for o in self.operations if isinstance(o, SumOperation))

    @property
    def sums(self) -> tuple[WholeSum, ...]:
        """The operations that are whole sums."""
        return tuple(o for o in self.operations if isinstance(o, WholeSum))

    @property
    def maps(self) -> tuple[MapOperation, ...]:
        """The operations that work vector by vector."""
        return tuple(o for o in self.operations if isinstance(o, MapOperation))

    @property
    def gates(self) -> tuple[CellOperation, ...]:
        """The operations on the gates of LSTM cells."""
        return tuple(o for o in self.operations if isinstance(o, CellOperation))


def schedule(kernels: Iterable[NamedKernel], cells: Iterable[CellKernel], lanes: int) -> Schedule:
    """Choose the operations of all kernels, for vectors of `lanes` elements."""
    return Schedule(
        tuple(schedule_kernel(named, lanes) for named in kernels),
        tuple(schedule_cell(kernel, lanes) for kernel in cells),
    )


def parts(operation: TileOperation) -> Iterator[TileOperation]:
    """Yield the operations that `operation` is made of, then itself."""
    if isinstance(operation, Products):
        yield operation.input
    if isinstance(operation, WholeSum):
        for used_by_sum in used(operation.sum.body):
            yield from parts(used_by_sum)
    yield operation
