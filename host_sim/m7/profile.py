"""What audio blocks cost: cycles per block, by function, by call and by reason, with a listing."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from host_sim.core import Core
from host_sim.m7.decode import Decoded
from host_sim.m7.parameters import Kind, MemoryRegion, Parameters, load_parameters
from host_sim.m7.timing import ReadMemory, Reason, Timing, time_trace
from host_sim.m7.trace import U32, Trace, recording
from namgen.errors import ToolError
from namgen.prediction import Margin

ASSUMED_SHARE = 0.01
"""Part of the accesses to such memories up to which they do not widen the margin: audio buffers."""

FLOAT_SHARE = 0.10
"""Part of the executed instructions that do float arithmetic, from which on code is float code."""

_FLOAT_ARITHMETIC = frozenset({Kind.FADD, Kind.FMUL, Kind.FMA, Kind.MLA, Kind.FDIVIDE})

Symbols = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class FunctionShare:
    """One function's own work per block, its callees not included."""

    name: str
    calls_per_block: float
    instructions_per_block: float
    cycles_per_block: float


@dataclass(frozen=True, slots=True)
class CallCost:
    """One call: position in the block's order of calls, its callees included in `cycles`."""

    block: int
    order: int
    depth: int
    function: str
    instructions: int
    cycles: int
    own_cycles: int


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Data traffic of one memory region per block."""

    name: str
    bytes_per_block: float
    distinct_bytes: int


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction of the listing; cycles by reason per block."""

    address: int
    function: str
    text: str
    executions_per_block: float
    cycles_per_block: float
    reasons: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Profile:
    """The cost of audio blocks under the cycle model, per block unless the name says otherwise."""

    cycles_of_blocks: tuple[int, ...]
    instructions: float
    reasons: Mapping[str, float]
    functions: tuple[FunctionShare, ...]
    calls: tuple[CallCost, ...]
    memory: tuple[MemoryUse, ...]
    icache_misses: float
    dcache_load_misses: float
    dcache_store_misses: float
    mispredicted: float
    dual_issued: float
    unknown_instructions: tuple[str, ...]
    lines: tuple[Line, ...]
    margin: Margin
    timing: Timing
    function_names: tuple[str, ...]  # of every instruction in `timing`

    @property
    def average_cycles(self) -> float:
        """Cycles per block, mean over the measured blocks."""
        return sum(self.cycles_of_blocks) / len(self.cycles_of_blocks)

    @property
    def worst_cycles(self) -> int:
        """Cycles of the most expensive measured block."""
        return max(self.cycles_of_blocks)

    @property
    def instructions_per_cycle(self) -> float:
        """Mean over the measured blocks."""
        return self.instructions / self.average_cycles

    def annotate(self, function: str) -> str:
        """List a function's executed instructions with executions and cycles per block."""
        rows = [f"{'address':>8}  {'count':>9} {'cycles':>10} {'each':>6}  instruction"]
        rows += [_listing(line) for line in self.lines if line.function == function]
        if len(rows) == 1:
            names = ", ".join(share.name for share in self.functions)
            raise ToolError(f"annotate: expected one of {names}, found {function!r}")
        return "\n".join(rows) + "\n"


def profile(
    core: Core,
    run_block: Callable[[], object],
    *,
    block_symbol: str,
    blocks: int = 8,
    warm_up: int = 4,
    parameters: Parameters | None = None,
) -> Profile:
    """Run blocks on an emulated core and time them.

    `run_block` makes the core process one block; every call of the function `block_symbol` counts
    as one block. The first `warm_up` blocks fill the caches and are not counted.

    Raises:
        NamgenError: the function was not called, or more ran than the core can record.

    """
    with recording(core) as running:
        for _ in range(warm_up + blocks):
            running.mark()
            run_block()
        running.mark()
    if running.trace is None:
        raise ToolError("profile: the recording ended without a trace")
    return profile_trace(
        running.trace,
        functions_of(core),
        core.read,
        block_symbol=block_symbol,
        warm_up=warm_up,
        parameters=parameters,
    )


def functions_of(core: Core) -> Symbols:
    """Address and size in bytes of every function of the core's image."""
    return {s.name: (s.address, s.size_bytes) for s in core.symbols if s.is_function}


def profile_trace(
    trace: Trace,
    symbols: Symbols,
    read_memory: ReadMemory,
    *,
    block_symbol: str,
    warm_up: int = 4,
    parameters: Parameters | None = None,
) -> Profile:
    """Time a recording; a block is a call of `block_symbol`, the first `warm_up` are not counted.

    Raises:
        ToolError: there is no counted call of the function.

    """
    model = parameters if parameters is not None else load_parameters()
    calls = _find_calls(trace, symbols)
    blocks = [call for call in calls if call.function == block_symbol and call.end >= 0][warm_up:]
    if not blocks:
        raise ToolError(
            f"profile: expected more than {warm_up} calls of {block_symbol}, found fewer"
        )
    measured = np.zeros(len(trace), np.bool_)
    for block in blocks:
        measured[block.start : block.end] = True
    timing = time_trace(trace, read_memory, model, measured=measured)
    run = _Run(trace, timing, measured, symbols, model, len(blocks))
    return _summarise(run, calls, blocks)


@dataclass(frozen=True, slots=True)
class _Run:
    """A timed recording and which part of it counts."""

    trace: Trace
    timing: Timing
    measured: npt.NDArray[np.bool_]
    symbols: Symbols
    parameters: Parameters
    blocks: int


@dataclass(slots=True)
class _Call:
    """A call found in a trace; `end` is one past its last instruction, -1 while it runs."""

    function: str
    start: int
    return_to: int
    parent: int
    depth: int
    end: int = -1


class _Functions:
    """Which function an address belongs to."""

    def __init__(self, symbols: Symbols) -> None:
        ordered = sorted((at, at + max(size, 2), name) for name, (at, size) in symbols.items())
        self._starts = [start for start, _, _ in ordered]
        self._ends = [end for _, end, _ in ordered]
        self._names = [name for _, _, name in ordered]
        self._entry = {start: name for start, _, name in ordered}

    def at(self, address: int) -> str:
        position = bisect.bisect_right(self._starts, address) - 1
        if position < 0 or address >= self._ends[position]:
            return "?"
        return self._names[position]

    def starting_at(self, address: int) -> str | None:
        return self._entry.get(address)


def _find_calls(trace: Trace, symbols: Symbols) -> list[_Call]:
    """Follow the jumps of a trace: a jump to a function's first address enters it.

    A jump to the return address of a running call ends it, and whatever it had called. At a mark
    the host called or got control back: nothing runs any more.
    """
    functions = _Functions(symbols)
    address = trace.address.astype(np.int64)
    step = np.diff(address)
    jumps = np.flatnonzero((step != 2) & (step != 4)) + 1
    marks = set(trace.marks)
    calls: list[_Call] = []
    running: list[int] = []
    for position in sorted({0, *jumps.tolist(), *marks}):
        if position in marks:
            _stop(calls, running, position)
        if position == len(address):
            break
        target = int(address[position])
        _leave(calls, running, target, position)
        entered = functions.starting_at(target)
        if entered is not None:
            source = int(address[position - 1]) if position and position not in marks else 0
            inside = functions.at(source) == entered  # a loop back to the first instruction
            if not inside:
                _enter(calls, running, entered, position, source)
    return calls


def _stop(calls: list[_Call], running: list[int], position: int) -> None:
    for number in running:
        calls[number].end = position
    running.clear()


def _leave(calls: list[_Call], running: list[int], target: int, position: int) -> None:
    for level in range(len(running) - 1, -1, -1):
        if 0 <= target - calls[running[level]].return_to <= 4:
            for number in running[level:]:
                calls[number].end = position
            del running[level:]
            return


def _enter(
    calls: list[_Call], running: list[int], function: str, position: int, source: int
) -> None:
    parent = running[-1] if running else -1
    calls.append(_Call(function, position, source + 2, parent, len(running)))
    running.append(len(calls) - 1)


def _summarise(run: _Run, calls: Sequence[_Call], blocks: Sequence[_Call]) -> Profile:
    timing, count = run.timing, run.blocks
    clock = np.concatenate([[0], timing.clock.astype(np.int64)])
    costs = _call_costs(calls, blocks, clock)
    lines = _lines(run)
    return Profile(
        cycles_of_blocks=tuple(int(clock[b.end] - clock[b.start]) for b in blocks),
        instructions=timing.executed / count,
        reasons={name: cycles / count for name, cycles in timing.by_reason().items()},
        functions=_functions(lines, costs, count),
        calls=costs,
        memory=_memory(run),
        icache_misses=timing.icache_misses / count,
        dcache_load_misses=timing.dcache_load_misses / count,
        dcache_store_misses=timing.dcache_store_misses / count,
        mispredicted=timing.mispredicted / count,
        dual_issued=timing.dual_issued / count,
        unknown_instructions=tuple(f"{d.address:08x} {d.text}" for d in timing.unknown),
        lines=lines,
        margin=_margin(run),
        timing=timing,
        function_names=_function_names(run),
    )


def _function_names(run: _Run) -> tuple[str, ...]:
    functions = _Functions(run.symbols)
    return tuple(functions.at(instruction.address) for instruction in run.timing.instructions)


def _margin(run: _Run) -> Margin:
    """The margin of the kind of code that ran, wider where it used memories nobody measured."""
    known = run.parameters.margins
    own = known["float" if _float_share(run) >= FLOAT_SHARE else "integer"]
    code = run.trace.address[run.measured]
    data = run.trace.data_address[run.measured & (run.trace.data_address != 0)]
    assumed = [r for r in run.parameters.memory if not r.measured]
    shares = [_share_inside(addresses, assumed) for addresses in (code, data)]
    if max(shares) <= ASSUMED_SHARE:
        return own
    more = known["unmeasured_memory"]
    return Margin(round(own.low + more.low, 2), round(own.high + more.high, 2))


def _float_share(run: _Run) -> float:
    """Part of the measured instructions that do float arithmetic."""
    is_float = np.array([i.kind in _FLOAT_ARITHMETIC for i in run.timing.instructions], np.bool_)
    return float(is_float[run.timing.index[run.measured]].mean())


def _share_inside(addresses: U32, regions: Iterable[MemoryRegion]) -> float:
    """Part of the addresses that lies in one of the regions."""
    inside = np.zeros(len(addresses), np.bool_)
    for region in regions:
        last = region.origin + region.size_bytes - 1
        inside |= (addresses >= region.origin) & (addresses <= last)
    return float(inside.mean()) if len(inside) else 0.0


def _call_costs(
    calls: Sequence[_Call], blocks: Sequence[_Call], clock: npt.NDArray[np.int64]
) -> tuple[CallCost, ...]:
    cycles = [int(clock[c.end] - clock[c.start]) if c.end >= 0 else 0 for c in calls]
    own = list(cycles)
    for number, call in enumerate(calls):
        if call.parent >= 0:
            own[call.parent] -= cycles[number]
    costs = []
    starts = [block.start for block in blocks]
    order = [0] * len(blocks)
    for number, call in enumerate(calls):
        block = bisect.bisect_right(starts, call.start) - 1
        if block < 0 or call.end < 0 or call.end > blocks[block].end:
            continue
        depth = call.depth - blocks[block].depth
        executed = call.end - call.start
        costs.append(
            CallCost(
                block, order[block], depth, call.function, executed, cycles[number], own[number]
            )
        )
        order[block] += 1
    return tuple(costs)


def _lines(run: _Run) -> tuple[Line, ...]:
    functions, timing = _Functions(run.symbols), run.timing
    counts = np.bincount(timing.index[run.measured], minlength=len(timing.instructions))
    return tuple(
        _line(decoded, functions.at(decoded.address), int(counts[i]), timing.reasons[i], run.blocks)
        for i, decoded in enumerate(timing.instructions)
        if counts[i]
    )


def _line(
    decoded: Decoded, function: str, count: int, row: npt.NDArray[np.uint64], blocks: int
) -> Line:
    reasons = {reason.name.lower(): int(row[reason]) / blocks for reason in Reason if row[reason]}
    cycles = int(row.sum()) / blocks
    return Line(decoded.address, function, decoded.text, count / blocks, cycles, reasons)


def _functions(
    lines: Iterable[Line], calls: Iterable[CallCost], blocks: int
) -> tuple[FunctionShare, ...]:
    executed: dict[str, float] = {}
    cycles: dict[str, float] = {}
    entered: dict[str, int] = {}
    for line in lines:
        executed[line.function] = executed.get(line.function, 0.0) + line.executions_per_block
        cycles[line.function] = cycles.get(line.function, 0.0) + line.cycles_per_block
    for call in calls:
        entered[call.function] = entered.get(call.function, 0) + 1
    shares = (
        FunctionShare(name, entered.get(name, 0) / blocks, executed[name], cycles[name])
        for name in executed
    )
    return tuple(sorted(shares, key=lambda share: (-share.cycles_per_block, share.name)))


def _memory(run: _Run) -> tuple[MemoryUse, ...]:
    sizes = np.array([d.access_bytes for d in run.timing.instructions], np.int64)
    accessed = run.measured & (run.trace.data_address != 0)
    first = run.trace.data_address[accessed].astype(np.int64)
    size = sizes[run.timing.index[accessed]]
    uses = []
    unclaimed = np.ones(len(first), np.bool_)
    for region in run.parameters.memory:
        inside = unclaimed & (first >= region.origin) & (first < region.origin + region.size_bytes)
        unclaimed &= ~inside
        if inside.any():
            total = float(size[inside].sum()) / run.blocks
            uses.append(MemoryUse(region.name, total, _distinct_bytes(first[inside], size[inside])))
    return tuple(uses)


def _distinct_bytes(first: npt.NDArray[np.int64], size: npt.NDArray[np.int64]) -> int:
    """Bytes of the different words that accesses touch."""
    words = [first // 4]
    for extra in range(1, int(size.max(initial=4)) // 4):
        words.append(first[size > 4 * extra] // 4 + extra)
    return 4 * len(np.unique(np.concatenate(words)))


def _listing(line: Line) -> str:
    each = line.cycles_per_block / line.executions_per_block
    waits = {k: v for k, v in line.reasons.items() if k != "issue" and v >= 0.05}
    why = ", ".join(f"{k} {v / line.executions_per_block:.1f}" for k, v in waits.items())
    left = f"{line.address:8x}  {line.executions_per_block:9.1f} {line.cycles_per_block:10.1f}"
    return f"{left} {each:6.2f}  {line.text:<44}{why}".rstrip()


def as_dict(result: Profile) -> dict[str, Any]:
    """Turn a profile into plain JSON values, without the listing and the single calls."""
    return {
        "cycles_per_block": {"average": result.average_cycles, "worst": result.worst_cycles},
        "cycles_of_blocks": list(result.cycles_of_blocks),
        "instructions_per_block": result.instructions,
        "instructions_per_cycle": result.instructions_per_cycle,
        "margin_low": result.margin.low,
        "margin_high": result.margin.high,
        "stall_cycles_per_block": dict(result.reasons),
        "functions": [
            {
                "name": share.name,
                "calls_per_block": share.calls_per_block,
                "instructions_per_block": share.instructions_per_block,
                "cycles_per_block": share.cycles_per_block,
            }
            for share in result.functions
        ],
        "memory": [
            {
                "name": use.name,
                "bytes_per_block": use.bytes_per_block,
                "distinct_bytes": use.distinct_bytes,
            }
            for use in result.memory
        ],
        "misses_per_block": {
            "icache": result.icache_misses,
            "dcache_load": result.dcache_load_misses,
            "dcache_store": result.dcache_store_misses,
            "branch": result.mispredicted,
        },
        "unknown_instructions": list(result.unknown_instructions),
    }
