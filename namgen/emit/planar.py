"""Views of a plan for a host: vector registers named, rows of planar memory and calls spelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from namgen.c_text import literal
from namgen.emit.calls import newest, times
from namgen.plan.memory import OldestRun, Run
from namgen.plan.program import Plan
from namgen.plan.stages import CellKernel, KernelStage
from namgen.plan.steps import (
    Accumulate,
    Activate,
    Bias,
    Carry,
    Dense,
    Kernel,
    Rows,
    Scale,
    Sum,
    Taps,
    Term,
    Zero,
    weight_count,
)


def views(plan: Plan) -> dict[str, Callable[..., Any]]:
    """Return the functions that the host templates spell a plan with."""
    return {
        "row_of": row_of,
        "before": before,
        "call_arguments": lambda stage: call_arguments(plan, stage),
        "v_variants": variants,
        "v_parameters": parameters,
        "v_names": parameter_names,
        "v_advances": advances,
        "v_sum": view_sum,
        "v_cell": view_cell,
        "v_read": read,
        "v_write": write,
        "v_apply": apply,
        "v_function": vector_function,
    }


def row_of(run: Run) -> str:
    """Name the constant with the elements from one channel to the next."""
    return f"{run.symbol.removesuffix('_history').upper()}_ROW"


def _kernel_of(plan: Plan, stage: KernelStage) -> Kernel:
    """Find the kernel that a stage calls."""
    return next(named.kernel for named in plan.kernels if named.name == stage.kernel)


def before(run: Run, frames: str = "0") -> str:
    """Spell a pointer to channel 0, so many frames before the newest block."""
    name = newest(run)
    return name if name == run.symbol else f"{name}({frames})"


def call_arguments(plan: Plan, stage: KernelStage) -> list[str]:
    """Spell the arguments of a kernel's call, but the last."""
    found = [stage.weights.symbol] if stage.weights else []
    if stage.taps:
        history = stage.taps.history
        found.append(before(history, times(stage.taps.dilation, stage.taps.kernel_size - 1)))
        found += [row_of(history)] if history.channels > 1 else []
        found.append(str(stage.taps.dilation))
    for port, run in zip(_kernel_of(plan, stage).ports, stage.arguments, strict=True):
        found += _port(port.rows, run)
    return found


def _port(rows: Rows, run: Run | OldestRun) -> list[str]:
    if isinstance(run, OldestRun):
        found, run = [before(run.history, str(run.history.lookback))], run.history
    else:
        found = [before(run)]
    return [*found, row_of(run)] if rows.channels > 1 else found


def variants(kernel: Kernel, lanes: int) -> list[int]:
    """Return the tiles a kernel is spelled for, in vectors, the largest first."""
    return list(range(kernel.tile_frames // lanes, 0, -1))


def _pointers(kernel: Kernel) -> Iterator[tuple[Rows, bool]]:
    if kernel.tap_rows:
        yield kernel.tap_rows, False
    yield from ((port.rows, port.writable) for port in kernel.ports)


def parameters(kernel: Kernel) -> list[str]:
    """Spell the parameter list of a kernel's C function, but the number of vectors."""
    found = ["const float *weights"] if kernel.needs_weights else []
    for rows, writable in _pointers(kernel):
        found.append(f"{'' if writable else 'const '}float *restrict {rows.name}")
        found += [f"int {rows.name}_row"] if rows.channels > 1 else []
        found += ["int dilation"] if rows is kernel.tap_rows else []
    return found


def parameter_names(kernel: Kernel) -> list[str]:
    """Name the parameters, to pass them on."""
    return [text.split()[-1].lstrip("*") for text in parameters(kernel)]


def advances(kernel: Kernel) -> list[str]:
    """Name the pointers that move from tile to tile."""
    return [rows.name for rows, _ in _pointers(kernel)]


def read(rows: Rows, channel: str, vector: str | int, vectors: int) -> str:
    """Spell the value of one vector of frames."""
    if rows.local:
        return f"{rows.name}[{_index(channel, vectors, vector)}]"
    return f"nam_v_load({_address(rows, channel, vector)})"


def write(rows: Rows, channel: str, vector: str | int, vectors: int, value: str) -> str:
    """Spell the statement that stores one vector of frames."""
    if rows.local:
        return f"{rows.name}[{_index(channel, vectors, vector)}] = {value};"
    return f"nam_v_store({_address(rows, channel, vector)}, {value});"


def _index(channel: str, vectors: int, vector: str | int) -> str:
    if channel.isdigit() and isinstance(vector, int):
        return str(int(channel) * vectors + vector)
    factor = f"({channel})" if " " in channel else channel
    return f"{factor} * {vectors} + {vector}"


def _address(rows: Rows, channel: str, vector: str | int) -> str:
    parts = [rows.name]
    if rows.channels > 1 and channel != "0":
        factor = f"({channel})" if " " in channel else channel
        parts.append(f"{factor} * {rows.name}_row")
    if vector != 0:
        parts.append(f"{vector} * NAM_LANES")
    return " + ".join(parts)


def vector_function(scalar: str) -> str:
    """Name the twin of a function of ``nam_activations.h`` in ``nam_vector_activations.h``."""
    return scalar.replace("nam_", "nam_v_", 1)


def apply(activation: Activate, value: str, own: str) -> str:
    """Spell an activation of `value`; `own` is the weight of its channel, where it has one."""
    function = vector_function(activation.call.function)
    params = [own] if activation.per_channel else [literal(p) for p in activation.call.params]
    return f"{function}({', '.join([value, *(f'nam_v_splat({p})' for p in params)])})"


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a sum in every vector, its weights, and the accumulators they feed."""

    loads: tuple[tuple[str, str], ...]  # register, value
    products: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # weight; accumulator, register


@dataclass(frozen=True, slots=True)
class VectorTerm:
    """One term of a sum, ready to spell."""

    kind: str
    seeds: tuple[tuple[str, str], ...]  # accumulator, what it starts with or gets added
    first: bool
    start: str  # of the pointer `in`
    local: bool  # whether `in` points at vectors
    taps: int  # turns of the loop over taps; 0 without one
    turns: int
    inputs: tuple[Input, ...]
    registers: tuple[str, ...]  # one input in every vector
    step: str  # what the pointer moves by from input to input; empty when it does not
    consumed: int  # weights of one turn, or of the seeds


@dataclass(frozen=True, slots=True)
class VectorSum:
    """A `Sum` over some vectors of frames."""

    rows: int
    row_tile: int
    looped: bool
    weights_per_row: int
    sums: tuple[str, ...]
    terms: tuple[VectorTerm, ...]
    finish: tuple[tuple[str, str], ...]  # accumulator, its new value
    stores: tuple[str, ...]


def view_sum(step: Sum, vectors: int) -> VectorSum:
    """Name the registers of a sum over `vectors` vectors of frames."""
    tile = _Tile(step.row_tile, vectors, step.tiles > 1)
    terms = tuple(tile.term(term, first=i == 0) for i, term in enumerate(step.terms))
    return VectorSum(
        step.rows,
        step.row_tile,
        tile.looped,
        weight_count(step) // step.rows,
        tuple(tile.sum(r, v) for r, v in tile.grid()),
        terms,
        tuple(tile.finish(step)),
        tuple(tile.stores(step)),
    )


@dataclass(frozen=True, slots=True)
class _Tile:
    """Accumulators of `rows` rows by `vectors` vectors."""

    rows: int
    vectors: int
    looped: bool

    def grid(self) -> Iterator[tuple[int, int]]:
        """Rows by vectors."""
        return ((r, v) for r in range(self.rows) for v in range(self.vectors))

    def sum(self, row: int, vector: int) -> str:
        """Name an accumulator."""
        return f"s{row}_{vector}"

    def channel(self, row: int) -> str:
        """Spell the channel of a row."""
        if not self.looped:
            return str(row)
        return f"row + {row}" if row else "row"

    def term(self, term: Term, *, first: bool) -> VectorTerm:
        """Spell any term."""
        kind = type(term).__name__
        if isinstance(term, Bias | Zero | Carry):
            consumed = self.rows if isinstance(term, Bias) else 0
            return VectorTerm(
                kind, tuple(self._seeds(term)), first, "", False, 0, 1, (), (), "", consumed
            )
        if isinstance(term, Dense):
            start = self._start(term.source, term)
            return self._products(term.source, start, 0, term.inputs, term.unroll)
        if isinstance(term, Taps):
            start = f"{self._start(term.source, term)} + tap * dilation"
            return self._products(term.source, start, term.kernel_size, term.inputs, term.unroll)
        inputs = term.source.channels
        start = f"{term.source.name} + tap"
        return self._products(term.source, start, term.kernel_size, inputs, term.unroll)

    def _seeds(self, term: Bias | Zero | Carry) -> Iterator[tuple[str, str]]:
        for r, v in self.grid():
            if isinstance(term, Carry):
                yield self.sum(r, v), read(term.source, self.channel(r), v, self.vectors)
            else:
                value = f"w[{r}]" if isinstance(term, Bias) else "0.0f"
                yield self.sum(r, v), f"nam_v_splat({value})"

    def _start(self, source: Rows, term: Dense | Taps) -> str:
        if not term.grouped:
            return source.name
        size = str(self.vectors) if source.local else f"{source.name}_row"
        return (
            f"{source.name} + row / {term.rows} * {term.inputs} * {size}"
            if self.looped
            else (source.name)
        )

    def _products(
        self, source: Rows, start: str, taps: int, inputs: int, unroll: int
    ) -> VectorTerm:
        step = str(self.vectors) if source.local else f"{source.name}_row"
        return VectorTerm(
            "Products",
            (),
            False,
            start,
            source.local,
            taps,
            inputs // unroll,
            tuple(self._input(n, source) for n in range(unroll)),
            self._registers(),
            step if inputs > 1 else "",
            unroll * self.rows,
        )

    def _registers(self) -> tuple[str, ...]:
        return tuple(f"x{v}" for v in range(self.vectors))

    def _input(self, number: int, source: Rows) -> Input:
        registers = self._registers()
        loads = (
            (name, f"in[{v}]" if source.local else f"nam_v_load({_offset('in', v)})")
            for v, name in enumerate(registers)
        )
        products = (
            (
                f"w[{number * self.rows + r}]",
                tuple((self.sum(r, v), name) for v, name in enumerate(registers)),
            )
            for r in range(self.rows)
        )
        return Input(tuple(loads), tuple(products))

    def finish(self, step: Sum) -> Iterator[tuple[str, str]]:
        """Spell scale and activation of every accumulator."""
        for tail in step.tail:
            for r, v in self.grid():
                name = self.sum(r, v)
                if isinstance(tail, Scale):
                    yield name, f"nam_v_mul({name}, nam_v_splat({literal(tail.value)}))"
                else:
                    yield name, apply(tail, name, f"w[{r}]")

    def stores(self, step: Sum) -> Iterator[str]:
        """Spell what becomes of every accumulator."""
        for sink in step.sinks:
            for r, v in self.grid():
                channel, value = self.channel(r), self.sum(r, v)
                if isinstance(sink, Accumulate):
                    value = f"nam_v_add({read(sink.target, channel, v, self.vectors)}, {value})"
                yield write(sink.target, channel, v, self.vectors, value)


def _offset(pointer: str, vector: int) -> str:
    return f"{pointer} + {vector} * NAM_LANES" if vector else pointer


@dataclass(frozen=True, slots=True)
class CellView:
    """An LSTM layer with its registers named: gate letter and vector."""

    vectors: int  # of one gate
    tile: tuple[int, ...]  # those in registers at a time
    sums: tuple[tuple[str, str], ...]  # accumulator, where its weights lie
    consumed: int  # weights of one input
    inputs: tuple[tuple[int, int], ...]  # vectors of the layer before: number, lanes in use
    hidden: tuple[tuple[int, int], ...]


def view_cell(cell: CellKernel, lanes: int) -> CellView:
    """Name the registers of an LSTM layer."""
    tile = range(cell.unit_tile // lanes)
    names = [f"{gate}{v}" for gate in "ifgo" for v in tile]
    return CellView(
        cell.units // lanes,
        tuple(tile),
        tuple((name, _offset("w", n)) for n, name in enumerate(names)),
        len(names) * lanes,
        tuple(_lanes(cell.input_size, lanes)),
        tuple(_lanes(cell.hidden_size, lanes)),
    )


def _lanes(values: int, lanes: int) -> Iterator[tuple[int, int]]:
    for start in range(0, values, lanes):
        yield start // lanes, min(lanes, values - start)
