"""The clock of ADC1 and what it may be (RM0433, chapters 8 and 25; data sheet of the STM32H750)."""

from __future__ import annotations

from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.clocks import Clocks
from host_sim.stm32h750.registers import CSI_HZ, HSI_HZ, RCC, Silicon

MOST_HZ = 36_000_000
"""With results of 16 bits."""
LEAST_HZ = 120_000

_COMMON_CONTROL = 0x40022308
_PRESCALERS = (1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256)
_BUS_DIVIDERS = {1: 1, 2: 2, 3: 4}
_BOOST_FROM_HZ = ((25_000_000, 3), (12_500_000, 2), (6_250_000, 1))
_BOOST_FROM_HZ_Y = ((20_000_000, 1),)


def adc_hz(bus: Bus, clocks: Clocks, silicon: Silicon) -> float:
    """Clock of the conversions; 0 when its source does not run.

    From revision V on a divider by two follows after everything that can be set.
    """
    control = bus[_COMMON_CONTROL]
    if mode := control >> 16 & 3:
        hz = clocks.bus_hz / _BUS_DIVIDERS[mode]
    else:
        code = control >> 18 & 15
        hz = _kernel_hz(bus, clocks) / _PRESCALERS[code] if code < len(_PRESCALERS) else 0.0
    return hz if silicon == "Y" else hz / 2


def least_boost(hz: float, silicon: Silicon) -> int:
    """The value of CR.BOOST that a clock needs."""
    steps = _BOOST_FROM_HZ_Y if silicon == "Y" else _BOOST_FROM_HZ
    return next((boost for above, boost in steps if hz > above), 0)


def _kernel_hz(bus: Bus, clocks: Clocks) -> float:
    source = bus[RCC + 0x58] >> 16 & 3
    if source == 0:
        return clocks.pll_hz(2, "p")
    if source == 1:
        return clocks.pll_hz(3, "r")
    return _peripheral_hz(bus, clocks) if source == 2 else 0.0


def _peripheral_hz(bus: Bus, clocks: Clocks) -> float:
    """The clock called per_ck."""
    control, source = bus[RCC], bus[RCC + 0x4C] >> 28 & 3
    if source == 0:
        return HSI_HZ / (1 << (control >> 3 & 3)) if control & 1 else 0.0
    if source == 1:
        return float(CSI_HZ) if control >> 7 & 1 else 0.0
    return clocks.hse_hz if source == 2 else 0.0
