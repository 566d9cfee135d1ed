"""Cycles of a recorded trace, per instruction and by reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from host_sim.m7 import native
from host_sim.m7.codes import Reason
from host_sim.m7.decode import Decoder
from host_sim.m7.instruction import FLAGS_REGISTER, Decoded
from host_sim.m7.trace import Trace
from namgen.errors import ToolError
from namgen.processors.pipeline import Kind, Parameters, Producer, Use

ReadMemory = Callable[[int, int], bytes]

_INSTRUCTION = np.dtype(
    [
        ("address", np.uint32),
        ("first_operand", np.uint32),
        ("size_bytes", np.uint8),
        ("kind", np.uint8),
        ("flags", np.uint8),
        ("access_bytes", np.uint8),
        ("source_count", np.uint8),
        ("result_count", np.uint8),
        ("busy_cycles", np.uint16),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """A piece of a trace under the model."""

    index: npt.NDArray[np.uint32]  # (executed,) position in the timer's `instructions`
    clock: npt.NDArray[np.uint64]  # (executed,) cycles passed when the instruction has issued


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """Cycles of the measured part of a trace under the model."""

    instructions: tuple[Decoded, ...]  # every distinct instruction, as first executed
    reasons: npt.NDArray[np.uint64]  # (instructions, reasons) cycles
    cycles: int
    executed: int
    dual_issued: int
    icache_misses: int
    dcache_load_misses: int
    dcache_store_misses: int
    evictions: int
    mispredicted: int

    @property
    def unknown(self) -> tuple[Decoded, ...]:
        """Executed instructions the decoder does not know; their cost is a guess."""
        return tuple(i for i in self.instructions if not i.is_known)

    def by_reason(self) -> dict[str, int]:
        """Cycles per reason; they add up to `cycles`."""
        totals = self.reasons.sum(axis=0)
        return {reason.name.lower(): int(totals[reason]) for reason in Reason}


class Timer:
    """Times a trace piece by piece, from cold caches; memory is needed for one piece.

    `read_memory(address, size)` gives the code that runs. The cycles do not depend on where the
    trace is cut.

    Raises:
        ToolError: a parameter is beyond the model's fixed sizes.

    """

    def __init__(self, read_memory: ReadMemory, parameters: Parameters) -> None:
        self.instructions: list[Decoded] = []
        self._read_memory = read_memory
        self._decoder = Decoder(parameters)
        self._number: dict[int, int] = {}  # by address
        self._ffi, self._library = native.load()
        self._keep, settings = _settings(self._ffi, parameters)
        self._settings = settings
        self._state = self._library.m7_begin(settings)
        if self._state == self._ffi.NULL:
            raise ToolError("cycle model: a cache, queue or table is beyond the model's limits")
        self._reasons = np.zeros((0, len(Reason)), np.uint64)
        self._records, self._operands = _pack([])

    def time(self, trace: Trace, measured: npt.NDArray[np.bool_]) -> Timed:
        """Time the next piece; the sums count the instructions whose `measured` is set."""
        index, counts = self._index(trace), measured.astype(np.uint8)
        clock = np.zeros(len(index), np.uint64)
        ffi = self._ffi
        status = self._library.m7_time(
            self._state,
            ffi.cast("m7_instruction *", ffi.from_buffer(self._records)),
            ffi.cast("m7_operand *", ffi.from_buffer(self._operands)),
            len(self.instructions),
            ffi.cast("uint32_t *", ffi.from_buffer(index)),
            ffi.cast("uint32_t *", ffi.from_buffer(trace.data_address)),
            ffi.cast("uint8_t *", ffi.from_buffer(counts)),
            len(index),
            ffi.cast("uint64_t *", ffi.from_buffer(clock)),
            ffi.cast("uint64_t *", ffi.from_buffer(self._reasons)),
        )
        if status != 0:
            raise ToolError("cycle model: an instruction was not decoded")
        return Timed(index, clock)

    def finish(self) -> Timing:
        """End the trace; the timer is of no use any more."""
        totals = self._ffi.new("m7_totals *")
        self._library.m7_end(self._state, totals)
        return Timing(
            instructions=tuple(self.instructions),
            reasons=self._reasons,
            cycles=int(totals.cycles),
            executed=int(totals.instructions),
            dual_issued=int(totals.dual_issued),
            icache_misses=int(totals.icache_misses),
            dcache_load_misses=int(totals.dcache_load_misses),
            dcache_store_misses=int(totals.dcache_store_misses),
            evictions=int(totals.evictions),
            mispredicted=int(totals.mispredicted),
        )

    def _index(self, trace: Trace) -> npt.NDArray[np.uint32]:
        """Number the executed instructions, decoding those that are new."""
        addresses, inverse = np.unique(trace.address, return_inverse=True)
        found: list[int] = addresses.tolist()
        new = [address for address in found if address not in self._number]
        if new:
            self._decode(new)
        numbers = np.array([self._number[address] for address in found], np.uint32)
        return numbers[inverse]

    def _decode(self, addresses: list[int]) -> None:
        for decoded in self._decoder.decode(addresses, self._read_memory):
            self._number[decoded.address] = len(self.instructions)
            self.instructions.append(decoded)
        self._records, self._operands = _pack(self.instructions)
        reasons = np.zeros((len(self.instructions), len(Reason)), np.uint64)
        reasons[: len(self._reasons)] = self._reasons
        self._reasons = reasons


def time_trace(trace: Trace, read_memory: ReadMemory, parameters: Parameters) -> Timing:
    """Time a whole trace, all of it measured.

    Raises:
        ToolError: the trace is empty, or a parameter is beyond the model's fixed sizes.

    """
    if not len(trace):
        raise ToolError("cycle model: expected executed instructions, found an empty trace")
    timer = Timer(read_memory, parameters)
    timer.time(trace, np.ones(len(trace), np.bool_))
    return timer.finish()


def _pack(decoded: Sequence[Decoded]) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]:
    records = np.zeros(len(decoded), _INSTRUCTION)
    operands: list[tuple[int, int]] = []
    for position, d in enumerate(decoded):
        records[position] = (
            d.address,
            len(operands),
            d.size_bytes,
            d.kind,
            d.flags,
            d.access_bytes,
            len(d.sources),
            len(d.results),
            d.busy_cycles,
        )
        operands += [*d.sources, *d.results]
    return records, np.array(operands or [(0, 0)], np.uint8)


def _settings(ffi: Any, parameters: Parameters) -> tuple[list[Any], Any]:
    """Lay the tables out for the C; both values must be kept alive."""
    latency = ffi.new("int32_t[]", [cycles for row in parameters.latency for cycles in row])
    pairing = ffi.new("uint8_t[]", [rule for row in parameters.pairing for rule in row])
    kind_flags = ffi.new("uint8_t[]", list(parameters.kind_flags))
    regions = ffi.new("m7_region[]", [_region(region) for region in parameters.memory])
    settings = ffi.new("m7_parameters *", dict(parameters.scalars))
    settings.latency, settings.pairing, settings.kind_flags = latency, pairing, kind_flags
    settings.regions, settings.region_count = regions, len(parameters.memory)
    settings.kind_count, settings.use_count = len(Kind), len(Use)
    settings.early_producer, settings.late_producer = Producer.EARLY, Producer.LATE
    settings.early_use, settings.flags_register = Use.EARLY, FLAGS_REGISTER
    settings.mla_kind, settings.fma_kind = Kind.MLA, Kind.FMA
    settings.status_kind = Kind.VSTATUS
    return [latency, pairing, kind_flags, regions], settings


def _region(region: Any) -> dict[str, int]:
    return {
        "origin": region.origin,
        "size_bytes": region.size_bytes,
        "cached": int(region.cached),
        "first_word_cycles": region.first_word_cycles,
        "beat_cycles": region.beat_cycles,
        "data_extra_cycles": region.data_extra_cycles,
    }
