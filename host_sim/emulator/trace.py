"""What a processor executed and accessed, as it is written down."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from host_sim.emulator.probe import ACCESS, Probe
from namgen.errors import NamgenError

U32 = npt.NDArray[np.uint32]

TRACE_ROOM = 1_000_000
"""Instructions, and accesses, a trace has room for at first; it grows as it needs more."""


@dataclass(frozen=True, slots=True)
class TracePosition:
    """How much of a trace has been recorded at some moment."""

    instructions: int
    accesses: int


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What was executed and accessed, in order.

    `instructions` has one address per instruction, those skipped inside an IT block included.
    `accesses` is of dtype `probe.ACCESS`: one entry per word moved by the instruction
    `instructions[position]`; peripherals included.
    """

    instructions: U32
    accesses: npt.NDArray[Any]

    @property
    def access_pc(self) -> U32:
        """The address of the instruction of every access."""
        pc: U32 = self.instructions[self.accesses["position"]]
        return pc

    def part(self, start: TracePosition, end: TracePosition) -> Trace:
        """Cut out what happened between two positions."""
        accesses = self.accesses[start.accesses : end.accesses].copy()
        accesses["position"] -= start.instructions
        return Trace(self.instructions[start.instructions : end.instructions], accesses)


class Recorder:
    """The arrays a trace is written to while it runs, and the trace cut out of them."""

    def __init__(self, probe: Probe, room: int) -> None:
        self._probe = probe
        self._instructions = np.empty(room, np.uint32)
        self._accesses = np.empty(room, ACCESS)
        self._grow_callback = ctypes.CFUNCTYPE(ctypes.c_int)(self._grow)
        probe.grow = ctypes.cast(self._grow_callback, ctypes.c_void_p).value
        probe.trace_length = probe.access_length = probe.cursor = probe.trace_full = 0
        self._hand_over()

    def finish(self) -> None:
        """Stop recording; the lengths stay readable."""
        self._lengths = (int(self._probe.trace_length), int(self._probe.access_length))
        self._is_full = bool(self._probe.trace_full)
        self._probe.trace = self._probe.accesses = self._probe.grow = None

    def _grow(self) -> int:
        """Double the room, for the C; 0 when there is no memory for that."""
        try:
            self._instructions = _doubled(self._instructions)
            self._accesses = _doubled(self._accesses)
        except MemoryError:
            return 0
        self._hand_over()
        return 1

    def _hand_over(self) -> None:
        probe = self._probe
        probe.trace, probe.trace_size = self._instructions.ctypes.data, len(self._instructions)
        probe.accesses, probe.access_size = self._accesses.ctypes.data, len(self._accesses)

    def result(self) -> Trace:
        """Return what was recorded, once the recording has ended."""
        if self._is_full:
            raise NamgenError("emulator: the trace needs more memory than this machine has")
        executed, accessed = self._lengths
        return Trace(self._instructions[:executed], self._accesses[:accessed])


def _doubled(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    larger = np.empty(2 * len(values), values.dtype)
    larger[: len(values)] = values
    return larger
