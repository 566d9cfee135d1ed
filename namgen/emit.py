"""Spells a plan as C: templates give the shape, views here give them names and numbers to spell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import jinja2

from namgen.activation_kernels import AT_ONCE, KernelCall, grouped
from namgen.c_text import comment, literal, literal_rows, tidy
from namgen.emit_vectors import VECTOR_HEADERS, vector_views
from namgen.plan.program import (
    Block,
    CellKernel,
    History,
    KernelStage,
    OldestRun,
    Plan,
    Run,
)
from namgen.plan.steps import (
    Accumulate,
    Activate,
    Carry,
    Dense,
    Kernel,
    Rows,
    Scale,
    Sum,
    Taps,
    Term,
    Window,
    term_weights,
    weight_count,
)
from namgen.resources import templates_dir
from namgen.version import VERSION

KERNEL_HEADERS = (
    "nam_math.h",
    "nam_activations.h",
    "nam_tanh_table.h",
    "nam_platform.h",
    "nam_tile.h",
)


def emit(plan: Plan) -> dict[str, str]:
    """Return the text of every file of the model's C, by file name.

    ``nam_<name>.c`` is the one file to compile; the rest are headers it includes.
    """
    stem = f"nam_{plan.name}"
    environment = _environment()
    source, headers = "model.c.j2", list(KERNEL_HEADERS)
    if plan.layout is not None:
        source, headers = "host_model.c.j2", [*KERNEL_HEADERS, *VECTOR_HEADERS]
        environment.globals |= vector_views(plan.layout)
    values = {"plan": plan, "stem": stem, "prefix": stem.upper(), "version": VERSION}
    files = {
        f"{stem}.h": tidy(environment.get_template("model.h.j2").render(values)),
        f"{stem}.c": tidy(environment.get_template(source).render(values)),
        f"{stem}_weights.h": tidy(environment.get_template("weights.h.j2").render(values)),
    }
    kernels = templates_dir() / "kernels"
    return files | {name: (kernels / name).read_text("utf-8") for name in headers}


def _environment() -> jinja2.Environment:
    """Return the one Jinja environment: undefined names fail, white space is what is written."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(templates_dir())),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters |= {
        "comment": comment,
        "f32": literal,
        "f32_rows": literal_rows,
        "f32_list": lambda values: ", ".join(map(literal, values)),
    }
    environment.globals |= {
        "view_sum": view_sum,
        "view_cell": view_cell,
        "activated": activated,
        "pins": pins,
        "kind": lambda value: type(value).__name__,
        "newest": newest,
        "argument": argument,
        "weight_count": weight_count,
        "region_macro": region_macro,
        "parameters": parameters,
        "call_arguments": call_arguments,
        "apply": spell_activation,
        "fail": _fail,
    }
    return environment


def _fail(message: str) -> str:
    raise AssertionError(f"template: {message}")


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
        return Batch(tuple(_alternate_banks(loads)), tuple(products))

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
        batch = Batch(tuple(_alternate_banks([*weights, *values])), products)
        stride = taps * term.source.channels
        return Loop(count, len(order) * self.row_tile, stride, (batch,), again)


def _alternate_banks(loads: list[Load]) -> Iterator[Load]:
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


def newest(run: Run) -> str:
    """Spell a pointer to the newest block of `run`."""
    if isinstance(run, Block) or not run.lookback:
        return run.symbol
    if run.is_ring:
        return f"{run.symbol} + {ring_position(run)} * {run.channels}"
    return f"{run.symbol} + {run.newest_offset}"


def ring_position(history: History) -> str:
    """Spell the variable that says where the newest block of a ring starts."""
    return f"{history.symbol}_newest"


def argument(run: Run | OldestRun) -> str:
    """Spell what a kernel's port is bound to."""
    return run.history.symbol if isinstance(run, OldestRun) else newest(run)


def parameters(kernel: Kernel) -> list[str]:
    """Spell the parameter list of a kernel's C function."""
    found = ["const float *weights"] if kernel.needs_weights else []
    found += ["const float *const *taps"] if kernel.tap_rows else []
    for port in kernel.ports:
        constant = "" if port.writable else "const "
        found.append(f"{constant}float *restrict {port.rows.name}")
    return found


def call_arguments(stage: KernelStage) -> list[str]:
    """Spell the arguments of a kernel's call."""
    found = [stage.weights.symbol] if stage.weights else []
    found += ["taps"] if stage.taps else []
    return found + [argument(run) for run in stage.arguments]


def region_macro(plan: Plan, symbol: str, *, constant: bool = False) -> str:
    """Spell the placement macro of a static array, with the space before it."""
    region = plan.region_of(symbol)
    if region == "host":
        return ""
    return f" NAM_{region.upper()}_{'DATA' if constant else 'BSS'}"


@dataclass(frozen=True, slots=True)
class CellView:
    """An LSTM cell kernel with its registers named: a gate's units are the rows of a tile."""

    kernel: CellKernel
    gates: tuple[str, ...]
    units: tuple[int, ...]
    inputs: Loop
    hidden: Loop

    def names(self, gate: str) -> list[str]:
        """Name one value of every unit."""
        return [f"{gate}_{unit}" for unit in self.units]


def view_cell(kernel: CellKernel) -> CellView:
    """Name the registers of an LSTM cell."""
    return CellView(
        kernel,
        tuple("ifgo"),
        tuple(range(kernel.unit_tile)),
        _cell_loop(kernel, kernel.input_size, kernel.unroll_inputs, "x_in"),
        _cell_loop(kernel, kernel.hidden_size, kernel.unroll_hidden, "hidden_in"),
    )


def _cell_loop(kernel: CellKernel, size: int, unroll: int, base: str) -> Loop:
    order = [(i, gate) for i in range(unroll) for gate in "ifgo"]
    step = kernel.weights_per_batch // kernel.unit_tile
    batches = tuple(
        _cell_batch(kernel, order[start : start + step], start, base)
        for start in range(0, len(order), step)
    )
    return Loop(size // unroll, len(order) * kernel.unit_tile, unroll, batches)


def _cell_batch(kernel: CellKernel, order: list[tuple[int, str]], start: int, base: str) -> Batch:
    weights = [
        Load(f"w{n}_{unit}", "w", (start + n) * kernel.unit_tile + unit)
        for n in range(len(order))
        for unit in range(kernel.unit_tile)
    ]
    values = [Load(f"v{i}", base, i) for i in dict.fromkeys(i for i, _ in order)]
    products = tuple(Product(gate, f"w{n}", f"v{i}") for n, (i, gate) in enumerate(order))
    return Batch(tuple(_alternate_banks([*weights, *values])), products)
