"""Times what an emulated core runs, call by call, and adds it up to a profile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from host_sim.emulator.core import Core
from host_sim.m7.calls import CallCost, Functions, Symbols, call_costs, call_cycles, find_calls
from host_sim.m7.profile import Profile, Recorded, functions_by_cost, lines_of
from host_sim.m7.timing import ReadMemory, Timed, Timer, Timing
from host_sim.m7.trace import Trace, recording
from host_sim.m7.traffic import Traffic, inside, share_out
from namgen.errors import ToolError
from namgen.processors.margin import Margin
from namgen.processors.pipeline import Kind, Parameters, load_parameters

ASSUMED_SHARE = 0.01
"""Part of the accesses to such memories up to which they do not widen the margin: audio buffers."""

FLOAT_SHARE = 0.10
"""Part of the executed instructions that do float arithmetic, from which on code is float code."""

_FLOAT_ARITHMETIC = frozenset({Kind.FADD, Kind.FMUL, Kind.FMA, Kind.MLA, Kind.FDIVIDE})


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
        self._functions = Functions(symbols)
        self._timer = Timer(read_memory, self._parameters)
        self._block_symbol = block_symbol
        self._warm_up = warm_up
        self._keep = keep
        self._recorded: list[Recorded] = []
        self._counts = np.zeros(0, np.int64)  # executions of every instruction, measured ones
        self._assumed = np.zeros((2, 2), np.int64)  # code and data: all, in assumed memories
        self._traffic = [Traffic(region) for region in self._parameters.memory]
        self._calls: list[CallCost] = []
        self._cycles: list[int] = []
        self._passed = 0  # cycles until the end of the last call
        self._blocks = 0

    def add(self, trace: Trace) -> None:
        """Time the next call from the host."""
        calls = find_calls(trace, self._functions)
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
        self._calls += call_costs(calls, counted, clock, first=len(self._cycles))
        self._cycles += [call_cycles(clock, b.start, b.end) for b in counted]
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
        lines = lines_of(timing, names, self._counts, count)
        return Profile(
            cycles_of_blocks=tuple(self._cycles),
            instructions=timing.executed / count,
            reasons={name: cycles / count for name, cycles in timing.by_reason().items()},
            functions=functions_by_cost(lines, self._calls, count),
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
            self._assumed[row] += (len(addresses), inside(addresses, assumed))
        share_out(self._traffic, first.astype(np.int64), sizes)

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
