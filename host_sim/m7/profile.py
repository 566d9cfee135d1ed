"""What audio blocks cost: cycles per block, by function, by call and by reason, with a listing."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from host_sim.emulator.core import Core
from host_sim.m7.decode import Decoded
from host_sim.m7.parameters import Kind, MemoryRegion, Parameters, load_parameters
from host_sim.m7.timing import ReadMemory, Reason, Timed, Timer, Timing
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


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """One call from the host, as it ran: one entry per executed instruction."""

    index: U32  # the instruction, in `Profile.code`
    data_address: U32
    clock: npt.NDArray[np.uint64]  # cycles passed since the first call when it has issued


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
    recorded: tuple[Recorded, ...]  # empty unless it was asked for
    code: tuple[tuple[Decoded, str], ...]  # every instruction, as `recorded` counts, its function

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
        NamgenError: the function was not called.

    """
    meter = Meter(
        functions_of(core),
        core.memory.read,
        block_symbol=block_symbol,
        warm_up=warm_up,
        parameters=parameters,
    )
    for _ in range(warm_up + blocks):
        with recording(core) as running:
            run_block()
        meter.add(running.result)
    return meter.profile()


def functions_of(core: Core) -> Symbols:
    """Address and size in bytes of every function of the core's image."""
    return {s.name: (s.address, s.size_bytes) for s in core.image.symbols if s.is_function}


class Meter:
    """Times what an emulated core ran, call by call from the host; holds one call's trace.

    Every call of the function `block_symbol` counts as one block, but the first `warm_up`. With
    `keep`, the profile has every executed instruction, those of the warm-up included.
    """

    def __init__(
        self,
        symbols: Symbols,
        read_memory: ReadMemory,
        *,
        block_symbol: str,
        warm_up: int = 4,
        parameters: Parameters | None = None,
        keep: bool = False,
    ) -> None:
        self._parameters = parameters if parameters is not None else load_parameters()
        self._functions = _Functions(symbols)
        self._timer = Timer(read_memory, self._parameters)
        self._block_symbol = block_symbol
        self._warm_up = warm_up
        self._keep = keep
        self._recorded: list[Recorded] = []
        self._counts = np.zeros(0, np.int64)  # executions of every instruction, measured ones
        self._assumed = np.zeros((2, 2), np.int64)  # code and data: all, in assumed memories
        self._traffic = [_Traffic(region) for region in self._parameters.memory]
        self._calls: list[CallCost] = []
        self._cycles: list[int] = []
        self._passed = 0  # cycles until the end of the last call
        self._blocks = 0

    def add(self, trace: Trace) -> None:
        """Time the next call from the host."""
        calls = _find_calls(trace, self._functions)
        blocks = [call for call in calls if call.function == self._block_symbol]
        counted = blocks[max(0, self._warm_up - self._blocks) :]
        self._blocks += len(blocks)
        measured = np.zeros(len(trace), np.bool_)
        for block in counted:
            measured[block.start : block.end] = True
        timed = self._timer.time(trace, measured)
        if self._keep:
            self._recorded.append(Recorded(timed.index, trace.data_address, timed.clock))
        clock = np.concatenate([[self._passed], timed.clock.astype(np.int64)])
        self._passed = int(clock[-1])
        self._calls += _call_costs(calls, counted, clock, first=len(self._cycles))
        self._cycles += [int(clock[b.end] - clock[b.start]) for b in counted]
        self._count(trace, timed, measured)

    def profile(self) -> Profile:
        """End the recording.

        Raises:
            ToolError: there was no counted call of the function.

        """
        timing, count = self._timer.finish(), len(self._cycles)
        if not count:
            raise ToolError(
                f"profile: expected more than {self._warm_up} calls of {self._block_symbol}, "
                "found fewer"
            )
        names = [self._functions.at(i.address) for i in timing.instructions]
        lines = _lines(timing, names, self._counts, count)
        return Profile(
            cycles_of_blocks=tuple(self._cycles),
            instructions=timing.executed / count,
            reasons={name: cycles / count for name, cycles in timing.by_reason().items()},
            functions=_functions(lines, self._calls, count),
            calls=tuple(self._calls),
            memory=tuple(t.use(count) for t in self._traffic if t.total),
            icache_misses=timing.icache_misses / count,
            dcache_load_misses=timing.dcache_load_misses / count,
            dcache_store_misses=timing.dcache_store_misses / count,
            mispredicted=timing.mispredicted / count,
            dual_issued=timing.dual_issued / count,
            unknown_instructions=tuple(f"{d.address:08x} {d.text}" for d in timing.unknown),
            lines=lines,
            margin=self._margin(timing),
            recorded=tuple(self._recorded),
            code=tuple(zip(timing.instructions, names, strict=True)),
        )

    def _count(self, trace: Trace, timed: Timed, measured: npt.NDArray[np.bool_]) -> None:
        """Add up what the measured part executed and accessed."""
        instructions = self._timer.instructions
        counts = np.bincount(timed.index[measured], minlength=len(instructions))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        accessed = measured & (trace.data_address != 0)
        sizes = np.array([d.access_bytes for d in instructions], np.int64)[timed.index[accessed]]
        first = trace.data_address[accessed]
        assumed = [r for r in self._parameters.memory if not r.measured]
        for row, addresses in enumerate((trace.address[measured], first)):
            self._assumed[row] += (len(addresses), _inside(addresses, assumed))
        _share_out(self._traffic, first.astype(np.int64), sizes)

    def _margin(self, timing: Timing) -> Margin:
        """The margin of the kind of code that ran, wider where it used memories nobody measured."""
        known = self._parameters.margins
        is_float = np.array([i.kind in _FLOAT_ARITHMETIC for i in timing.instructions], np.bool_)
        share = self._counts[is_float].sum() / self._counts.sum()
        own = known["float" if share >= FLOAT_SHARE else "integer"]
        if all(inside <= ASSUMED_SHARE * total for total, inside in self._assumed):
            return own
        more = known["unmeasured_memory"]
        return Margin(round(own.low + more.low, 2), round(own.high + more.high, 2))


@dataclass(slots=True)
class _Traffic:
    """What was moved in one memory region."""

    region: MemoryRegion
    total: int = 0
    words: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, first: npt.NDArray[np.int64], size: npt.NDArray[np.int64]) -> None:
        self.total += int(size.sum())
        self.words = np.union1d(self.words, _words(first, size))

    def use(self, blocks: int) -> MemoryUse:
        return MemoryUse(self.region.name, self.total / blocks, 4 * len(self.words))


def _share_out(
    traffic: Sequence[_Traffic], first: npt.NDArray[np.int64], size: npt.NDArray[np.int64]
) -> None:
    """Give every access to the first region that holds it."""
    unclaimed = np.ones(len(first), np.bool_)
    for one in traffic:
        inside = unclaimed & (first >= one.region.origin)
        inside &= first < one.region.origin + one.region.size_bytes
        unclaimed &= ~inside
        if inside.any():
            one.add(first[inside], size[inside])


@dataclass(slots=True)
class _Call:
    """A call found in a trace; `end` is one past its last instruction."""

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


def _find_calls(trace: Trace, functions: _Functions) -> list[_Call]:
    """Follow the jumps of a trace: a jump to a function's first address enters it.

    A jump to the return address of a running call ends it, and whatever it had called. At the end
    of the trace the host got control back: nothing runs any more.
    """
    address = trace.address.astype(np.int64)
    step = np.diff(address)
    jumps = np.flatnonzero((step != 2) & (step != 4)) + 1
    calls: list[_Call] = []
    running: list[int] = []
    for position in [0, *jumps.tolist()] if len(address) else []:
        target = int(address[position])
        _leave(calls, running, target, position)
        entered = functions.starting_at(target)
        if entered is not None:
            source = int(address[position - 1]) if position else 0
            inside = functions.at(source) == entered  # a loop back to the first instruction
            if not inside:
                _enter(calls, running, entered, position, source)
    for number in running:
        calls[number].end = len(address)
    return calls


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


def _inside(addresses: U32, regions: Iterable[MemoryRegion]) -> int:
    """How many of the addresses lie in one of the regions."""
    inside = np.zeros(len(addresses), np.bool_)
    for region in regions:
        last = region.origin + region.size_bytes - 1
        inside |= (addresses >= region.origin) & (addresses <= last)
    return int(inside.sum())


def _call_costs(
    calls: Sequence[_Call],
    blocks: Sequence[_Call],
    clock: npt.NDArray[np.int64],
    *,
    first: int,
) -> Iterator[CallCost]:
    """Yield the calls inside blocks, in order; the first of `blocks` has the number `first`."""
    cycles = [int(clock[c.end] - clock[c.start]) for c in calls]
    own = list(cycles)
    for number, call in enumerate(calls):
        if call.parent >= 0:
            own[call.parent] -= cycles[number]
    starts = [block.start for block in blocks]
    order = [0] * len(blocks)
    for number, call in enumerate(calls):
        block = bisect.bisect_right(starts, call.start) - 1
        if block < 0 or call.end > blocks[block].end:
            continue
        depth = call.depth - blocks[block].depth
        executed = call.end - call.start
        yield CallCost(
            first + block,
            order[block],
            depth,
            call.function,
            executed,
            cycles[number],
            own[number],
        )
        order[block] += 1


def _lines(
    timing: Timing, names: Sequence[str], counts: npt.NDArray[np.int64], blocks: int
) -> tuple[Line, ...]:
    """The measured instructions by address."""
    order = sorted(range(len(names)), key=lambda i: timing.instructions[i].address)
    return tuple(
        _line(timing.instructions[i], names[i], int(counts[i]), timing.reasons[i], blocks)
        for i in order
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


def _words(first: npt.NDArray[np.int64], size: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The different words that accesses touch."""
    words = [first // 4]
    for extra in range(1, int(size.max(initial=4)) // 4):
        words.append(first[size > 4 * extra] // 4 + extra)
    return np.unique(np.concatenate(words))


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
