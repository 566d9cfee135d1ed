"""Which functions a trace calls, in order, and what each call takes."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from host_sim.m7.trace import Trace

Symbols = Mapping[str, tuple[int, int]]

_NOWHERE = -16
"""Where a trace comes from at its first instruction: 0 is an address, that of ITCM."""


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


@dataclass(slots=True)
class Call:
    """A call found in a trace; `end` is one past its last instruction."""

    function: str
    start: int
    return_to: int
    parent: int
    depth: int
    end: int = -1


class Functions:
    """Which function an address belongs to."""

    def __init__(self, symbols: Symbols) -> None:
        ordered = sorted((at, at + max(size, 2), name) for name, (at, size) in symbols.items())
        self._starts = [start for start, _, _ in ordered]
        self._ends = [end for _, end, _ in ordered]
        self._names = [name for _, _, name in ordered]
        self._entry = {start: name for start, _, name in ordered}

    def at(self, address: int) -> str:
        """Return the name of the function that holds an address; `?` when there is none."""
        position = bisect.bisect_right(self._starts, address) - 1
        if position < 0 or address >= self._ends[position]:
            return "?"
        return self._names[position]

    def starting_at(self, address: int) -> str | None:
        """Return the name of the function whose first instruction is there."""
        return self._entry.get(address)


def find_calls(trace: Trace, functions: Functions) -> list[Call]:
    """Follow the jumps of a trace: a jump to a function's first address enters it.

    A jump to the return address of a running call ends it, and whatever it had called. At the end
    of the trace the host got control back: nothing runs any more.
    """
    address = trace.address.astype(np.int64)
    step = np.diff(address)
    jumps = np.flatnonzero((step != 2) & (step != 4)) + 1
    calls: list[Call] = []
    running: list[int] = []
    for position in [0, *jumps.tolist()] if len(address) else []:
        target = int(address[position])
        _leave(calls, running, target, position)
        entered = functions.starting_at(target)
        if entered is not None:
            source = int(address[position - 1]) if position else _NOWHERE
            inside = functions.at(source) == entered  # a loop back to the first instruction
            if not inside:
                _enter(calls, running, entered, position, source)
    for number in running:
        calls[number].end = len(address)
    return calls


def _leave(calls: list[Call], running: list[int], target: int, position: int) -> None:
    for level in range(len(running) - 1, -1, -1):
        if 0 <= target - calls[running[level]].return_to <= 4:
            for number in running[level:]:
                calls[number].end = position
            del running[level:]
            return


def _enter(
    calls: list[Call], running: list[int], function: str, position: int, source: int
) -> None:
    parent = running[-1] if running else -1
    calls.append(Call(function, position, source + 2, parent, len(running)))
    running.append(len(calls) - 1)


def call_cycles(clock: npt.NDArray[np.int64], start: int, end: int) -> int:
    """Return the cycles of a call: from its first instruction to `end`, one past its last.

    `clock` begins with the cycles passed before the trace.
    """
    return int(clock[end] - clock[start])


def call_costs(
    calls: Sequence[Call],
    blocks: Sequence[Call],
    clock: npt.NDArray[np.int64],
    *,
    first: int,
) -> Iterator[CallCost]:
    """Yield the calls inside blocks, in order; the first of `blocks` has the number `first`."""
    cycles = [call_cycles(clock, c.start, c.end) for c in calls]
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
