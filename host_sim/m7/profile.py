"""What audio blocks cost: cycles per block, by function, by call and by reason, with a listing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from host_sim.m7.calls import CallCost
from host_sim.m7.codes import Reason
from host_sim.m7.instruction import Decoded
from host_sim.m7.timing import Timing
from host_sim.m7.trace import U32
from host_sim.m7.traffic import MemoryUse
from namgen.errors import ToolError
from namgen.processors.margin import Margin


@dataclass(frozen=True, slots=True)
class FunctionShare:
    """One function's own work per block, its callees not included."""

    name: str
    calls_per_block: float
    instructions_per_block: float
    cycles_per_block: float


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


def lines_of(
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


def functions_by_cost(
    lines: Iterable[Line], calls: Iterable[CallCost], blocks: int
) -> tuple[FunctionShare, ...]:
    """Add up lines and calls by function; the most expensive first."""
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
