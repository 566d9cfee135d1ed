"""Spells a plan as C: templates give the shape, views here give them names and numbers to spell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2

from namgen.c_text import comment, literal, literal_rows
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

KERNEL_HEADERS = ("nam_math.h", "nam_activations.h", "nam_tanh_table.h", "nam_sections.h")


def emit(plan: Plan) -> dict[str, str]:
    """Return the text of every file of the model's C, by file name.

    ``nam_<name>.c`` is the one file to compile; the rest are headers it includes.
    """
    stem = f"nam_{plan.name}"
    environment = _environment()
    values = {"plan": plan, "stem": stem, "prefix": stem.upper(), "version": VERSION}
    files = {
        f"{stem}.h": environment.get_template("model.h.j2").render(values),
        f"{stem}.c": environment.get_template("model.c.j2").render(values),
        f"{stem}_weights.h": environment.get_template("weights.h.j2").render(values),
    }
    kernels = templates_dir() / "kernels"
    return files | {name: (kernels / name).read_text("utf-8") for name in KERNEL_HEADERS}


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
    """``sum = fma(weight, value, sum)``."""

    sum: str
    weight: str
    value: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of a loop spells out: loads, then the products that use them."""

    weights: tuple[Load, ...]
    values: tuple[Load, ...]
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """`count` turns that each take `step` inputs or taps and `weights` weights."""

    count: int
    step: int
    weights: int
    stride: int  # floats the value pointer moves per turn
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class TermView:
    """One term of a sum, ready to spell."""

    kind: str
    first: bool
    base: str  # the pointer the values are read from
    start: str  # what that pointer starts as; empty when it is `base` itself
    kernel_size: int
    seeds: tuple[tuple[str, Load], ...]
    loops: tuple[Loop, ...]
    consumed: int  # weights read through fixed offsets, to step over afterwards


@dataclass(frozen=True, slots=True)
class FinishView:
    """What happens to one finished sum."""

    sum: str
    scale: str
    activation: str
    stores: tuple[tuple[str, str, bool], ...]  # array, index, accumulate


@dataclass(frozen=True, slots=True)
class SumView:
    """A `Sum` with every register named and every offset computed."""

    title: str
    rows: int
    row_tile: int
    looped: bool
    sums: tuple[str, ...]
    terms: tuple[TermView, ...]
    finish: tuple[FinishView, ...]
    tail_weights: int


def view_sum(step: Sum, frames: int) -> SumView:
    """Name the registers of a sum over `frames` frames."""
    looped = step.tiles > 1
    grid = tuple((f, r) for f in range(frames) for r in range(step.row_tile))
    per_channel = any(isinstance(tail, Activate) and tail.per_channel for tail in step.tail)
    return SumView(
        step.title,
        step.rows,
        step.row_tile,
        looped,
        tuple(_sum_name(f, r) for f, r in grid),
        tuple(
            _view_term(term, index == 0, step.row_tile, frames, looped)
            for index, term in enumerate(step.terms)
        ),
        tuple(_view_finish(step, f, r, looped) for f, r in grid),
        step.row_tile if per_channel else 0,
    )


def _sum_name(frame: int, row: int) -> str:
    return f"s{frame}_{row}"


def _view_term(term: Term, first: bool, row_tile: int, frames: int, looped: bool) -> TermView:
    kind = type(term).__name__
    grid = [(f, r) for f in range(frames) for r in range(row_tile)]
    seeds: tuple[tuple[str, Load], ...] = ()
    loops: tuple[Loop, ...] = ()
    base, start, taps = "", "", 1
    if kind == "Zero":
        seeds = tuple((_sum_name(f, r), Load("", "", 0)) for f, r in grid)
    elif kind == "Bias":
        seeds = tuple((_sum_name(f, r), Load(f"b{r}", "w", r)) for f, r in grid)
    elif isinstance(term, Carry):
        base = f"{term.source.name}_row" if looped else term.source.name
        start = f"{term.source.name} + row" if looped else ""
        seeds = tuple((_sum_name(f, r), Load("", base, term.source.at(f, r))) for f, r in grid)
    elif isinstance(term, Window):
        base, start = "run", term.source.name
        loops = tuple(_window_loops(term, row_tile, frames))
    elif isinstance(term, Dense | Taps):
        base, start = _value_pointer(term)
        loops = (_input_loop(term, base, row_tile, frames),)
        taps = term.kernel_size if isinstance(term, Taps) else 1
    consumed = 0 if loops else term_weights(term, row_tile)
    return TermView(kind, first, base, start, taps, seeds, loops, consumed)


def _value_pointer(term: Dense | Taps) -> tuple[str, str]:
    """Return the name of the pointer that values are read from, and where it starts."""
    rolled = term.inputs > term.unroll
    group = ""
    if term.grouped:
        group = f" + row / {term.rows} * {term.inputs}"
    if isinstance(term, Taps):
        return "past", f"taps[tap] + frame * {term.source.channels}{group}"
    if rolled or term.grouped:
        return f"{term.source.name}_in", f"{term.source.name}{group}"
    return term.source.name, ""


def _input_loop(term: Dense | Taps, base: str, row_tile: int, frames: int) -> Loop:
    turns = tuple(
        Turn(
            tuple(Load(f"w{r}", "w", i * row_tile + r) for r in range(row_tile)),
            tuple(Load(f"x{f}", base, term.source.at(f, i)) for f in range(frames)),
            tuple(
                Product(_sum_name(f, r), f"w{r}", f"x{f}")
                for f in range(frames)
                for r in range(row_tile)
            ),
        )
        for i in range(term.unroll)
    )
    count = term.inputs // term.unroll
    return Loop(count, term.unroll, term.unroll * row_tile, term.unroll, turns)


def _window_loops(term: Window, row_tile: int, frames: int) -> Iterator[Loop]:
    whole, rest = divmod(term.kernel_size, term.unroll)
    for count, unroll in ((whole, term.unroll), (1, rest)):
        if count and unroll:
            weights = unroll * term.source.channels * row_tile
            turn = _window_turn(term, unroll, row_tile, frames)
            yield Loop(count, unroll, weights, unroll * term.source.channels, (turn,))


def _window_turn(term: Window, unroll: int, row_tile: int, frames: int) -> Turn:
    inputs = range(term.source.channels)
    values = [(f, i) for f in range(frames + unroll - 1) for i in inputs]
    order = [(tap, i) for tap in range(unroll) for i in inputs]
    weights = [(n, r) for n in range(len(order)) for r in range(row_tile)]
    return Turn(
        tuple(Load(f"w{n}_{r}", "w", n * row_tile + r) for n, r in weights),
        tuple(Load(f"x{f}_{i}", "run", term.source.at(f, i)) for f, i in values),
        tuple(
            Product(_sum_name(f, r), f"w{n}_{r}", f"x{f + tap}_{i}")
            for n, (tap, i) in enumerate(order)
            for f in range(frames)
            for r in range(row_tile)
        ),
    )


def _view_finish(step: Sum, frame: int, row: int, looped: bool) -> FinishView:
    name = _sum_name(frame, row)
    scale = next((literal(t.value) for t in step.tail if isinstance(t, Scale)), "")
    activation = next(
        (spell_activation(t, name, f"w[{row}]") for t in step.tail if isinstance(t, Activate)), ""
    )
    stores = tuple(
        (sink.target.name, _index(sink.target, frame, row, looped), isinstance(sink, Accumulate))
        for sink in step.sinks
    )
    return FinishView(name, scale, activation, stores)


def _index(rows: Rows, frame: int, row: int, looped: bool) -> str:
    offset = rows.at(frame, row)
    return f"row + {offset}" if looped else str(offset)


def spell_activation(activation: Activate, value: str, own: str) -> str:
    """Spell an activation of `value`; `own` is the weight of its channel, where it has one."""
    params = [own] if activation.per_channel else [literal(p) for p in activation.call.params]
    return f"{activation.call.function}({', '.join([value, *params])})"


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
    """An LSTM cell kernel with its registers named."""

    kernel: CellKernel
    gates: tuple[str, ...]
    units: tuple[int, ...]
    sums: tuple[tuple[str, int], ...]  # name, offset of its bias
    inputs: Loop
    hidden: Loop


def view_cell(kernel: CellKernel) -> CellView:
    """Name the registers of an LSTM cell: gate letter and unit."""
    units = range(kernel.unit_tile)
    names = [f"{gate}{unit}" for gate in "ifgo" for unit in units]
    return CellView(
        kernel,
        tuple("ifgo"),
        tuple(units),
        tuple((name, offset) for offset, name in enumerate(names)),
        _cell_loop(names, kernel.input_size, kernel.unroll_inputs, "x"),
        _cell_loop(names, kernel.hidden_size, kernel.unroll_hidden, "hidden"),
    )


def _cell_loop(names: list[str], size: int, unroll: int, base: str) -> Loop:
    turns = tuple(
        Turn(
            tuple(Load(f"w_{name}", "w", i * len(names) + n) for n, name in enumerate(names)),
            (Load("v", f"{base}_in", i),),
            tuple(Product(name, f"w_{name}", "v") for name in names),
        )
        for i in range(unroll)
    )
    return Loop(size // unroll, unroll, unroll * len(names), unroll, turns)
