"""What one kernel does to one tile of frames: sums of products, and maps over their results.

A *kernel* is a C function that walks over the block in tiles of a few frames. Inside a tile it runs
its *steps* in order. A `Sum` takes linear combinations with its accumulators in registers; a map
(`Modulate`, `Apply`, `Gate`, `Add`) works element by element. Steps read and write *rows*: the
channels of a few frames, in memory that a *port* points at or in an array local to the tile.

Everything here is hashable, so that layers of one shape share one kernel; the numbers are elsewhere
(`Draft.weights`), in the order in which `reads` says that the steps consume them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from namgen.activation_kernels import KernelCall


@dataclass(frozen=True, slots=True)
class Rows:
    """`channels` values a frame, under the name the C text uses."""

    name: str
    channels: int
    local: bool = False  # an array of the tile, rather than behind a port


@dataclass(frozen=True, slots=True)
class Bias:
    """Start the sum with one weight per row, or add it to what is there."""


@dataclass(frozen=True, slots=True)
class Zero:
    """Start the sum at +0: a convolution without bias."""


@dataclass(frozen=True, slots=True)
class Carry:
    """Start the sum with the values of `source`: the residual path."""

    source: Rows


@dataclass(frozen=True, slots=True)
class Products:
    """The products of a map, perhaps of groups, with `inputs` for `rows`, both of one group."""

    source: Rows
    inputs: int
    rows: int
    unroll: int  # inputs spelled out per turn of the inner loop
    batch: int  # products of a tap and an input loaded together
    ahead: int  # registers for what is loaded ahead of its products; 0: batch by batch

    @property
    def grouped(self) -> bool:
        """Whether different rows read different inputs."""
        return self.inputs < self.source.channels


@dataclass(frozen=True, slots=True)
class Dense(Products):
    """Add ``weight[row, input] * source[input]`` for inputs in ascending order."""


@dataclass(frozen=True, slots=True)
class Taps(Products):
    """Add a convolution's products: taps oldest to newest, inputs ascending within a tap.

    Reads through the port `taps`, one pointer per tap; `source` is as seen through one of them.
    """

    kernel_size: int
    tap_unroll: int  # taps spelled out per turn of the outer loop; more than 1 with all inputs only


@dataclass(frozen=True, slots=True)
class Window:
    """Add a convolution's products where the taps are neighbours: one run of memory serves all.

    `source` points at the oldest tap of the tile's first frame. Order as in `Taps`.
    """

    source: Rows
    kernel_size: int
    unroll: int  # taps spelled out per turn of the loop


Term: TypeAlias = Bias | Zero | Carry | Dense | Taps | Window


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiply the finished sum by a constant."""

    value: float


@dataclass(frozen=True, slots=True)
class OwnScale:
    """Multiply every row of the finished sum by a weight of its own."""


@dataclass(frozen=True, slots=True)
class Activate:
    """Apply an activation to the finished sum; per-channel parameters come from the weights."""

    call: KernelCall
    per_channel: bool


Tail: TypeAlias = Scale | OwnScale | Activate


@dataclass(frozen=True, slots=True)
class Store:
    """Write the row to `target`."""

    target: Rows


@dataclass(frozen=True, slots=True)
class Accumulate:
    """Add the row to what is in `target`."""

    target: Rows


Sink: TypeAlias = Store | Accumulate


@dataclass(frozen=True, slots=True)
class Sum:
    """Linear combinations: `row_tile` rows by the tile's frames at a time, in registers."""

    title: str
    rows: int
    row_tile: int
    frame_tile: int  # frames in registers at a time; divides the kernel's tile
    terms: tuple[Term, ...]
    tail: tuple[Tail, ...]
    sinks: tuple[Sink, ...]

    @property
    def tiles(self) -> int:
        """Turns of the loop over rows."""
        return self.rows // self.row_tile


@dataclass(frozen=True, slots=True)
class Modulate:
    """FiLM: ``target = source * scale + shift``, scale and shift being rows of `modulation`."""

    title: str
    target: Rows
    source: Rows
    modulation: Rows
    shift: bool


@dataclass(frozen=True, slots=True)
class Apply:
    """Apply an activation to `rows` in place."""

    title: str
    rows: Rows
    activation: Activate


@dataclass(frozen=True, slots=True)
class Gate:
    """Fold the two halves of `source` into `target`: gated or blended."""

    title: str
    target: Rows
    source: Rows
    primary: Activate
    secondary: Activate
    blended: bool

    @property
    def secondary_offset(self) -> int:
        """Where the weights of the secondary activation begin."""
        return self.target.channels if self.primary.per_channel else 0


@dataclass(frozen=True, slots=True)
class Add:
    """Add `source` to `target`."""

    title: str
    target: Rows
    source: Rows


@dataclass(frozen=True, slots=True)
class Copy:
    """Write `source` to `target`."""

    title: str
    target: Rows
    source: Rows


Step: TypeAlias = Sum | Modulate | Apply | Gate | Add | Copy


@dataclass(frozen=True, slots=True)
class Port:
    """A pointer parameter of a kernel, other than its weights."""

    rows: Rows
    writable: bool


@dataclass(frozen=True, slots=True)
class Kernel:
    """One C function over the whole block, as steps on tiles of `tile_frames` frames."""

    steps: tuple[Step, ...]
    ports: tuple[Port, ...]
    tile_frames: int
    tap_rows: Rows | None  # what the port `taps` reads, if any

    @property
    def locals(self) -> tuple[Rows, ...]:
        """Arrays that live for one tile, in order of first use."""
        found: dict[str, Rows] = {}
        for step in self.steps:
            for rows in rows_of(step):
                if rows.local:
                    found.setdefault(rows.name, rows)
        return tuple(found.values())

    @property
    def activations(self) -> Iterator[Activate]:
        """Yield every activation, in order of use."""
        for step in self.steps:
            yield from activations_of(step)

    @property
    def needs_weights(self) -> bool:
        """Whether any step reads a weight."""
        return any(weight_count(step) for step in self.steps)

    def weight_offset(self, step: int) -> int:
        """Where the weights of one step begin."""
        return sum(weight_count(before) for before in self.steps[:step])


def rows_of(step: Step) -> Iterator[Rows]:
    """Yield every `Rows` a step touches."""
    if isinstance(step, Sum):
        for term in step.terms:
            if isinstance(term, Carry | Dense | Window):
                yield term.source
        for sink in step.sinks:
            yield sink.target
    elif isinstance(step, Apply):
        yield step.rows
    else:
        yield step.source
        yield step.target
        if isinstance(step, Modulate):
            yield step.modulation


def activations_of(step: Step) -> Iterator[Activate]:
    """Yield the activations of a step, in the order in which it reads their weights."""
    if isinstance(step, Sum):
        yield from (tail for tail in step.tail if isinstance(tail, Activate))
    elif isinstance(step, Apply):
        yield step.activation
    elif isinstance(step, Gate):
        yield from (step.primary, step.secondary)


READING_ORDER = ("tap", "input", "row")
"""How a term walks over the weights of a convolution, the slowest axis first."""


def term_shape(term: Term, rows: int) -> tuple[int, ...]:
    """Return the shape of the weights a term reads for `rows` rows, in `READING_ORDER`."""
    match term:
        case Bias():
            return (rows,)
        case Dense():
            return (1, term.inputs, rows)
        case Taps():
            return (term.kernel_size, term.inputs, rows)
        case Window():
            return (term.kernel_size, term.source.channels, rows)
        case Zero() | Carry():
            return (0,)


def term_weights(term: Term, rows: int) -> int:
    """Count the weights a term consumes for `rows` rows."""
    return prod(term_shape(term, rows))


def reads(step: Step) -> Iterator[tuple[int, ...]]:
    """Yield the shapes of the weights a step reads, in order: tile after tile of its rows."""
    if isinstance(step, Sum):
        for _ in range(step.tiles):
            yield from (term_shape(term, step.row_tile) for term in step.terms)
            yield from ((step.row_tile,) for tail in step.tail if _is_per_row(tail))
    elif isinstance(step, Apply | Gate):
        channels = step.rows.channels if isinstance(step, Apply) else step.target.channels
        yield from ((channels,) for activation in activations_of(step) if activation.per_channel)


def _is_per_row(tail: Tail) -> bool:
    return isinstance(tail, OwnScale) or (isinstance(tail, Activate) and tail.per_channel)


def weight_count(step: Step) -> int:
    """Count the weights a step consumes."""
    return sum(map(prod, reads(step)))
