"""Faults as the processor takes them: which exception, and what the status registers say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from host_sim.emulator.errors import EmulationError
from host_sim.stm32h750.bus import Bus

FaultMode = Literal["raise", "vector"]
"""`raise` ends the run where a fault happens; `vector` lets the firmware's handler have it."""

HARD_FAULT, MEMORY_FAULT, BUS_FAULT, USAGE_FAULT = 3, 4, 5, 6

_SHCSR, _CFSR, _HFSR = 0xE000ED24, 0xE000ED28, 0xE000ED2C
_MMFAR, _BFAR = 0xE000ED34, 0xE000ED38
_ENABLE_OF = {MEMORY_FAULT: 1 << 16, BUS_FAULT: 1 << 17, USAGE_FAULT: 1 << 18}
_FORCED = 1 << 30
_STACKING_OF = {MEMORY_FAULT: 1 << 4, BUS_FAULT: 1 << 12}


@dataclass(frozen=True, slots=True)
class _Cause:
    exception: int
    status: int
    valid: int = 0
    address_register: int = 0


_CAUSES = {
    "data bus fault": _Cause(BUS_FAULT, 1 << 9, 1 << 15, _BFAR),
    "instruction bus fault": _Cause(BUS_FAULT, 1 << 8),
    "memory protection": _Cause(MEMORY_FAULT, 1 << 1, 1 << 7, _MMFAR),
    "undefined instruction": _Cause(USAGE_FAULT, 1 << 16),
    "invalid state": _Cause(USAGE_FAULT, 1 << 17),
    "FPU is off": _Cause(USAGE_FAULT, 1 << 19),
}
"""By the kinds that the core and the machine give their errors."""


def is_fault(error: EmulationError) -> bool:
    """Whether a real processor would take an exception for it."""
    return error.kind in _CAUSES


def note_fault(bus: Bus, error: EmulationError) -> int:
    """Set the status registers for a fault and return the exception it asks for."""
    cause = _CAUSES[error.kind]
    bus.words[_CFSR] = bus[_CFSR] | cause.status
    if cause.address_register and error.address is not None:
        bus.words[_CFSR] |= cause.valid
        bus.words[cause.address_register] = error.address
    return cause.exception


def note_stacking(bus: Bus, exception: int) -> None:
    """Set the status for a frame that could not be written."""
    bus.words[_CFSR] = bus[_CFSR] | _STACKING_OF[exception]


def enabled_or_hard(bus: Bus, exception: int, *, can_interrupt: bool) -> int:
    """Return the exception that is taken: a hard fault where its own is off, or not urgent."""
    if bus[_SHCSR] & _ENABLE_OF[exception] and can_interrupt:
        return exception
    bus.words[_HFSR] = bus[_HFSR] | _FORCED
    return HARD_FAULT
