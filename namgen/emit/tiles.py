"""Views of a kernel's sums: every register named, every offset computed, in the order to spell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from namgen.activation_kernels import AT_ONCE, KernelCall, grouped
from namgen.c_text import literal
from namgen.plan.steps import (
    Accumulate,
    Activate,
    Carry,
    Dense,
    Rows,
    Scale,
    Sum,
    Taps,
    Term,
    Window,
    term_weights,
    weight_count,
)


@dataclass(frozen=True, slots=True)
class Load:
    """A value read into a register: ``name = base[offset]``."""

    name: str
    base: str
    offset: int


@dataclass(frozen=True, slots=True)
class Product:
    """The products of one value with the weights of all rows, added to one frame's sums."""

    sums: str  # name of the frame's rows
    weights: str  # name of the weights' rows
    value: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Values loaded together, then every product that uses them."""

    loads: tuple[Load, ...]
    products: tuple[Product, ...]

    @property
    def loaded(self) -> tuple[str, ...]:
        """Registers to have filled before the first product."""
        return tuple(load.name for load in self.loads)

    @property
    def sums(self) -> tuple[str, ...]:
        """Frames the products add to."""
        return tuple(dict.fromkeys(product.sums for product in self.products))


@dataclass(frozen=True, slots=True)
class Loop:
    """`count` turns, each spelled out as `batches` that consume `weights` weights."""

    count: int
    weights: int
    stride: int  # floats the value pointer moves per turn
    batches: tuple[Batch, ...]
    again: bool = False  # another loop goes on where this one ends

    @property
    def moves(self) -> bool:
        """Whether the value pointer is read again after a turn."""
        return self.count > 1 or self.again


@dataclass(frozen=True, slots=True)
class TermView:
    """One term of a sum, ready to spell."""

    kind: str
    first: bool
    pointers: tuple[tuple[str, str], ...] = ()  # to declare: name and start
    seeds: tuple[tuple[str, str], ...] = ()  # a frame's rows, and where their start is read
    taps: int = 0  # turns of the loop over taps; 0 without one
    tap_unroll: int = 1
    loops: tuple[Loop, ...] = ()
    consumed: int = 0  # weights read through fixed offsets, to step over afterwards


@dataclass(frozen=True, slots=True)
class FrameView:
    """The finished sums of one frame, and where they go."""

    sums: str
    stores: tuple[tuple[str, bool], ...]  # place, accumulate


@dataclass(frozen=True, slots=True)
class PartView:
    """The accumulators of some frames of a sum, from seed to sink."""

    terms: tuple[TermView, ...]
    frames: tuple[FrameView, ...]
    scale: str
    activations: tuple[str, ...]  # statements


@dataclass(frozen=True, slots=True)
class SumView:
    """A `Sum` with every register named and every offset computed."""

    rows: int
    row_tile: int
    looped: bool
    weights_per_row: int
    parts: tuple[PartView, ...]


def view_sum(step: Sum, frames: int) -> SumView:
    """Name the registers of a sum over `frames` frames."""
    return SumView(
        step.rows,
        step.row_tile,
        step.tiles > 1,
        weight_count(step) // step.rows,
        tuple(
            _view_part(step, range(first, first + step.frame_tile))
            for first in range(0, frames, step.frame_tile)
        ),
    )


def _view_part(step: Sum, frames: range) -> PartView:
    spelling = _Spelling(step.row_tile, frames, step.tiles > 1)
    return PartView(
        tuple(spelling.term(term, first=index == 0) for index, term in enumerate(step.terms)),
        tuple(_view_frame(step, frame) for frame in frames),
        next((literal(tail.value) for tail in step.tail if isinstance(tail, Scale)), ""),
        tuple(_activation_statements(step, frames)),
    )


def _view_frame(step: Sum, frame: int) -> FrameView:
    stores = tuple(
        (_place(sink.target, frame, looped=step.tiles > 1), isinstance(sink, Accumulate))
        for sink in step.sinks
    )
    return FrameView(f"s{frame}", stores)


def _place(rows: Rows, frame: int, *, looped: bool) -> str:
    """Spell the address of one frame of `rows`."""
    terms = [rows.name, "row" if looped else "", str(rows.at(frame, 0) or "")]
    return " + ".join(filter(None, terms))


def _activation_statements(step: Sum, frames: range) -> Iterator[str]:
    """Spell the activation of every finished sum, several at once where a kernel does that."""
    for tail in step.tail:
        if isinstance(tail, Activate):
            rows = range(step.row_tile)
            names = {f"s{frame}_{row}": f"w[{row}]" for frame in frames for row in rows}
            yield from activation_statements(tail, names)


def activation_statements(activation: Activate, names: Mapping[str, str]) -> Iterator[str]:
    """Spell an activation of each variable in place; `names` maps it to its own weight."""
    together = grouped(activation.call.function)
    left = list(names)
    while together and len(left) >= AT_ONCE:
        taken, left = left[:AT_ONCE], left[AT_ONCE:]
        yield f"{together}({', '.join(f'&{name}' for name in taken)});"
    for name in left:
        yield f"{name} = {spell_activation(activation, name, names[name])};"


@dataclass(frozen=True, slots=True)
class _Spelling:
    """Spells the terms of one part: `row_tile` rows by `frames`."""

    row_tile: int
    frames: range
    looped: bool

    def term(self, term: Term, *, first: bool) -> TermView:
        """Spell any term."""
        kind = type(term).__name__
        if isinstance(term, Window):
            return TermView(kind, first, (("run", term.source.name),), loops=self._window(term))
        if isinstance(term, Dense):
            pointers, base = self._dense_pointer(term)
            return TermView(kind, first, pointers, loops=(self._dense(term, base),))
        if isinstance(term, Taps):
            return self._taps(term, kind, first)
        consumed = term_weights(term, self.row_tile)
        return TermView(kind, first, seeds=tuple(self._seeds(term)), consumed=consumed)

    def _seeds(self, term: Term) -> Iterator[tuple[str, str]]:
        for frame in self.frames:
            if isinstance(term, Carry):
                yield f"s{frame}", _place(term.source, frame, looped=self.looped)
            else:
                yield f"s{frame}", "w"

    def _group(self, term: Dense | Taps) -> str:
        return f" + row / {term.rows} * {term.inputs}" if term.grouped else ""

    def _dense_pointer(self, term: Dense) -> tuple[tuple[tuple[str, str], ...], str]:
        """Return the pointers to declare, and the one that values are read through."""
        name = term.source.name
        if term.inputs > term.unroll or term.grouped:
            return ((f"{name}_in", f"{name}{self._group(term)}"),), f"{name}_in"
        return (), name

    def _dense(self, term: Dense, base: str) -> Loop:
        order = [(base, i) for i in range(term.unroll)]
        batches = self._batches(order, term.source, term.batch, in_registers=term.source.local)
        count = term.inputs // term.unroll
        return Loop(count, term.unroll * self.row_tile, term.unroll, batches)

    def _taps(self, term: Taps, kind: str, first: bool) -> TermView:
        names = [f"past{n}" if term.tap_unroll > 1 else "past" for n in range(term.tap_unroll)]
        offset = f" + frame * {term.source.channels}{self._group(term)}"
        pointers = tuple(
            (name, f"taps[tap{f' + {n}' if n else ''}]{offset}") for n, name in enumerate(names)
        )
        order = [(name, i) for name in names for i in range(term.unroll)]
        batches = self._batches(order, term.source, term.batch, in_registers=False)
        loop = Loop(term.inputs // term.unroll, len(order) * self.row_tile, term.unroll, batches)
        return TermView(kind, first, pointers, (), term.kernel_size, term.tap_unroll, (loop,))

    def _batches(
        self, order: list[tuple[str, int]], source: Rows, size: int, *, in_registers: bool
    ) -> tuple[Batch, ...]:
        return tuple(
            self._batch(order[start : start + size], start, source, in_registers)
            for start in range(0, len(order), size)
        )

    def _batch(
        self, order: list[tuple[str, int]], start: int, source: Rows, in_registers: bool
    ) -> Batch:
        loads: list[Load] = []
        products: list[Product] = []
        for n, (base, i) in enumerate(order):
            values = [Load(f"x{n}_{f}", base, source.at(f, i)) for f in self.frames]
            loads += self._weights(n, start + n)
            loads += [] if in_registers else values
            for f, value in zip(self.frames, values, strict=True):
                spelled = f"{value.base}[{value.offset}]" if in_registers else value.name
                products.append(Product(f"s{f}", f"w{n}", spelled))
        return Batch(tuple(alternate_banks(loads)), tuple(products))

    def _weights(self, name: int, position: int) -> list[Load]:
        rows = range(self.row_tile)
        return [Load(f"w{name}_{r}", "w", position * self.row_tile + r) for r in rows]

    def _window(self, term: Window) -> tuple[Loop, ...]:
        whole, rest = divmod(term.kernel_size, term.unroll)
        parts = [(count, taps) for count, taps in ((whole, term.unroll), (1, rest)) if count * taps]
        return tuple(
            self._window_loop(term, count, taps, again=n + 1 < len(parts))
            for n, (count, taps) in enumerate(parts)
        )

    def _window_loop(self, term: Window, count: int, taps: int, *, again: bool) -> Loop:
        inputs = range(term.source.channels)
        spread = range(self.frames.start, self.frames.stop + taps - 1)
        order = [(tap, i) for tap in range(taps) for i in inputs]
        weights = [load for n in range(len(order)) for load in self._weights(n, n)]
        values = [Load(f"x{f}_{i}", "run", term.source.at(f, i)) for f in spread for i in inputs]
        products = tuple(
            Product(f"s{f}", f"w{n}", f"x{f + tap}_{i}")
            for n, (tap, i) in enumerate(order)
            for f in self.frames
        )
        batch = Batch(tuple(alternate_banks([*weights, *values])), products)
        stride = taps * term.source.channels
        return Loop(count, len(order) * self.row_tile, stride, (batch,), again)


def alternate_banks(loads: list[Load]) -> Iterator[Load]:
    """Put loads of even and odd words next to each other, as far as both last."""
    even = [load for load in loads if load.offset % 2 == 0]
    odd = [load for load in loads if load.offset % 2 == 1]
    for pair in zip_longest(even, odd):
        yield from (load for load in pair if load is not None)


def pins(names: tuple[str, ...]) -> list[str]:
    """Spell the macros that hold these registers at one point of the program."""
    groups = [names[start : start + 4] for start in range(0, len(names), 4)]
    return [f"NAM_PIN_{len(group)}({', '.join(group)});" for group in groups]


def spell_activation(activation: Activate, value: str, own: str) -> str:
    """Spell an activation of `value`; `own` is the weight of its channel, where it has one."""
    params = [own] if activation.per_channel else [literal(p) for p in activation.call.params]
    return f"{activation.call.function}({', '.join([value, *params])})"


def activated(function: str, names: list[str]) -> list[str]:
    """Spell an activation without parameters of each variable in place."""
    call = Activate(KernelCall(function), per_channel=False)
    return list(activation_statements(call, dict.fromkeys(names, "")))
