"""Decides how a kernel walks over its tiles: operations, pointers, and what they move by.

The order of sums is the program's; here it is decided what is loaded when, through which pointer,
into which register. `emit` spells what this says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from namgen.plan import steps
from namgen.plan.layouts import whole_sums
from namgen.plan.layouts.frame_major import maps
from namgen.plan.layouts.frame_major.cell_schedule import CellSchedule, schedule_cell
from namgen.plan.layouts.frame_major.cells import CellOperation, CellProducts
from namgen.plan.layouts.frame_major.cut import ScalarUnit
from namgen.plan.layouts.frame_major.maps import MapOperation
from namgen.plan.layouts.frame_major.operations import Operation, Products, Tile, Window
from namgen.plan.layouts.frame_major.walk import Part, PartWalk, follows_taps, tap_names
from namgen.plan.layouts.kernel_steps import (
    MapSchedule,
    SumWeights,
    constants,
    schedule_steps,
    taps_of,
)
from namgen.plan.layouts.operations import (
    Declare,
    TileOperations,
    by_size,
    distinct,
    within,
)
from namgen.plan.layouts.statements import (
    Constant,
    Distance,
    Do,
    Extent,
    For,
    Pointer,
    TileOperation,
    used,
)
from namgen.plan.stages import CellKernel, NamedKernel
from namgen.plan.steps import Kernel, Step, Sum, weight_count


@dataclass(frozen=True, slots=True)
class SumSchedule:
    """A `Sum` with every operation chosen."""

    tile: Tile
    loop: For | None  # over rows
    weights: SumWeights
    parts: tuple[Part, ...]

    @property
    def loop_of_parts(self) -> For | None:
        """The loop that is around several parts."""
        return self.loop if len(self.parts) > 1 else None

    @property
    def loop_of_part(self) -> For | None:
        """The loop of the only part."""
        return self.loop if len(self.parts) == 1 else None


@dataclass(frozen=True, slots=True)
class WholeSum:
    """A whole sum as one operation: the scale and the shift of a FiLM, or a grouped map."""

    verb: str
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
        return f"{held}{self.verb}_{self.rows}x{self.frames}_FROM_{self.inputs}{wide}"

    @property
    def operations(self) -> Iterator[TileOperation]:
        """Yield what it is made of."""
        for part in self.sum.parts:
            yield from used(part.body)


@dataclass(frozen=True, slots=True)
class KernelSchedule:
    """A kernel with every operation chosen."""

    named: NamedKernel
    taps: Constant | None  # of its convolution
    constants: tuple[Constant, ...]  # places among its weights
    arrays: tuple[tuple[str, Extent], ...]  # of one tile
    strides: tuple[tuple[str, Extent], ...]  # of its pointers, from tile to tile
    followed: tuple[tuple[str, int], ...]  # pointers to taps that move with them, and which taps
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
    kernel, frames, taps = named.kernel, named.kernel.tile_frames, taps_of(named, steps.Taps)
    followed = tuple(_followed(kernel))
    ports = [(port.rows.name, port.rows.channels) for port in kernel.ports]
    moving = (*ports, *((name, channels) for name, _, channels in followed))
    return KernelSchedule(
        named,
        taps,
        tuple(constants(kernel)),
        tuple((rows.name, Extent(rows.channels, frames)) for rows in kernel.locals),
        tuple((name, Extent(channels, frames)) for name, channels in moving),
        tuple((name, tap) for name, tap, _ in followed),
        schedule_steps(kernel, _Scheduler(frames, unit, taps)),
    )


def _followed(kernel: Kernel) -> Iterator[tuple[str, int, int]]:
    """Yield the pointers to taps that move through the block: name, tap and channels."""
    sums = (step for step in kernel.steps if isinstance(step, Sum))
    for term in (term for step in sums for term in step.terms):
        if isinstance(term, steps.Taps) and follows_taps(term):
            for tap, name in enumerate(tap_names(term)):
                yield name, tap, term.source.channels


@dataclass(frozen=True, slots=True)
class _Scheduler:
    """Chooses the operations of each step of one kernel."""

    frames: int  # of a tile
    unit: ScalarUnit
    taps: Constant | None

    def sum(self, step: Sum, weights: SumWeights) -> SumSchedule:
        """Choose the operations of a sum."""
        looped = step.tiles > 1
        tile = Tile(step.row_tile, step.frame_tile, self.unit.paired_loads)
        firsts = range(0, self.frames, step.frame_tile)
        return SumSchedule(
            tile,
            For("row", step.rows, step.row_tile) if looped else None,
            weights,
            tuple(self._part(step, tile, first, looped=looped) for first in firsts),
        )

    def _part(self, step: Sum, tile: Tile, first: int, *, looped: bool) -> Part:
        walk = PartWalk(tile=tile, first=first, looped=looped, taps=self.taps)
        walk.do(Declare(walk.tile))
        for index, term in enumerate(step.terms):
            walk.term(term, adds=index > 0)
        for tail in step.tail:
            walk.tail(tail)
        walk.finish(step.sinks)
        title = step.title
        if step.frame_tile < self.frames:
            title += f": frames {first} to {first + step.frame_tile - 1}"
        return Part(title, tuple(walk.body))

    def whole(self, step: Sum, verb: str, weights: Distance) -> Do:
        """Choose the operation that is all of a sum."""
        dense = whole_sums.dense(step)
        source = dense.source
        whole = self.sum(whole_sums.anonymous(step), SumWeights(0, weight_count(step) // step.rows))
        operation = WholeSum(
            verb, step.rows, self.frames, dense.inputs, source.local, source.channels, whole
        )
        places = (source.name, step.sinks[0].target.name)
        return Do(operation, (Pointer("weights", weights), *map(Pointer, places)))

    def map(self, step: Step, weights: Distance) -> Do:
        """Choose the operation of a step that works element by element."""
        slopes = (Pointer("weights", weights),) if weight_count(step) else ()
        operation, rows = _map(step, self.frames)
        return Do(operation, (*(Pointer(r.name) for r in rows), *slopes))


def _map(step: Step, frames: int) -> tuple[MapOperation, tuple[steps.Rows, ...]]:
    """Return the operation of a step that works element by element, and its arrays."""
    match step:
        case steps.Modulate():
            modulate = maps.Modulate(step.target.channels, frames, step.shift)
            return modulate, (step.target, step.source, step.modulation)
        case steps.Apply():
            return maps.Apply(step.rows.channels, frames, step.activation), (step.rows,)
        case steps.Gate():
            sides = step.primary, step.secondary
            gate = maps.Gate(step.target.channels, frames, *sides, step.blended)
            return gate, (step.target, step.source)
        case steps.Add() | steps.Copy():
            move = maps.Move(step.target.channels * frames, isinstance(step, steps.Add))
            return move, (step.target, step.source)
        case _:
            raise TypeError(f"{type(step).__name__} is no map")


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
        of_cells = {o.units for o in self.operations if isinstance(o, CellProducts)}
        return tuple(sorted({*self.rows_of_tiles, *of_cells}))

    @property
    def rows_of_tiles(self) -> tuple[int, ...]:
        """Those of kernels: the sums of cells are held gate by gate."""
        products = (o for o in self.operations if isinstance(o, Products | Window))
        return tuple(sorted({operation.tile.rows for operation in products}))

    @property
    def tiles(self) -> tuple[TileOperations, ...]:
        """The operations on tiles of sums, by size."""
        return by_size(o for o in self.operations if isinstance(o, Operation))

    @property
    def sums(self) -> tuple[WholeSum, ...]:
        """The operations that are whole sums."""
        return tuple(o for o in self.operations if isinstance(o, WholeSum))

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
    if isinstance(operation, WholeSum):
        for used_by_sum in operation.operations:
            yield from parts(used_by_sum)
    yield operation
