"""RCC, PWR and flash wait states: what must be ready before what, and how fast each may go.

Facts are from reference manual RM0433 and the data sheet. Each rule that is broken ends the run:
on a board it would be a clock that is wrong, a processor that stops, or luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

from host_sim.boards import Oscillator
from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.frequencies import (
    CFGR,
    CR,
    D1CFGR,
    PLL_SOURCES,
    PLLCFGR,
    PLLCKSELR,
    QUADSPI_CR,
    SYSTEM_SOURCES,
    FrequencyMeter,
)
from host_sim.stm32h750.pll_limits import pll_problems
from host_sim.stm32h750.readiness import Readiness
from host_sim.stm32h750.registers import FLASH_ACR, HSI_HZ, PWR, RCC, SYSCFG_PWRCR, Silicon

QSPI_MAX_HZ = 110_000_000
"""What a Daisy's QSPI flash is known to take: at 120 MHz many boards do not start."""

_PWR_CSR1, _PWR_CR3, _PWR_D3CR = PWR + 0x04, PWR + 0x0C, PWR + 0x18
_ACTVOSRDY = _VOSRDY = 1 << 13


class _Source(NamedTuple):
    """An enable and a ready bit of RCC.CR and the seconds between them, shortened for the slow."""

    enable: int
    ready: int
    starts_in_s: float


_SOURCES = {
    "HSI": _Source(0, 2, 5e-6),
    "CSI": _Source(7, 8, 5e-6),
    "HSI48": _Source(12, 13, 5e-6),
    "HSE": _Source(16, 17, 300e-6),
    "PLL1": _Source(24, 25, 50e-6),
    "PLL2": _Source(26, 27, 50e-6),
    "PLL3": _Source(28, 29, 50e-6),
}
_HSEBYP = 1 << 18
_STOPS_IN_S = 1e-6
_VOLTAGE_S = 30e-6
_SWITCH_S = 0.2e-6
_ACR_S = 0.1e-6


class _Limit(NamedTuple):
    """What a voltage allows, Hz; the highest bus clock of each number of flash wait states."""

    cpu: int
    bus: int
    peripheral_bus: int
    by_wait_states: tuple[int, ...]


_M = 1_000_000
_LIMITS: dict[int, _Limit] = {
    3: _Limit(200 * _M, 100 * _M, 50 * _M, (45 * _M, 90 * _M, 135 * _M, 180 * _M, 225 * _M)),
    2: _Limit(300 * _M, 150 * _M, 75 * _M, (55 * _M, 110 * _M, 165 * _M, 225 * _M)),
    1: _Limit(400 * _M, 200 * _M, 100 * _M, (70 * _M, 140 * _M, 210 * _M, 225 * _M, 240 * _M)),
    0: _Limit(480 * _M, 240 * _M, 120 * _M, (70 * _M, 140 * _M, 210 * _M, 225 * _M, 240 * _M)),
}
"""By voltage scale. After reset every bus runs at 64 MHz, so that much is always allowed."""


def _ignore(_value: int) -> None:
    return None


class Clocks:
    """Everything that decides the processor's speed and what it is allowed to be."""

    def __init__(
        self, bus: Bus, time: Time, core: Core, silicon: Silicon, oscillator: Oscillator
    ) -> None:
        self._bus = bus
        self._oscillator = oscillator
        self._time = time
        self._core = core
        self._silicon = silicon
        self._frequencies = FrequencyMeter(bus, oscillator.hz)
        self._ready = Readiness(time)
        self._scale_before = 3
        self.runs_from_qspi = False
        self.on_memory_clock: Callable[[int], None] = _ignore
        self.settle()
        for origin, size in ((RCC, 0x400), (PWR, 0x400), (FLASH_ACR, 0x400)):
            bus.attach(origin, size, self)
        for origin in (SYSCFG_PWRCR & ~0x3FF, QUADSPI_CR):
            bus.attach(origin, 0x400, self)

    def settle(self) -> None:
        """Take the registers as they are for settled, as after a reset or a bootloader."""
        control = self._bus[CR]
        for name, source in _SOURCES.items():
            self._ready.assume(name, is_on=bool(control >> source.enable & 1))
        for name in ("VOS", "ACTVOS", "SWS", "ACR"):
            self._ready.assume(name, is_on=True)
        self._scale_before = self._scale

    # ---- registers

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        value = self._read(address, stored)
        self._guard_fetches()
        return value

    def _read(self, address: int, stored: int) -> int:
        if address == CR:
            return self._with_ready_bits(stored)
        if address == CFGR:
            shown = stored & 7 if self._ready.read("SWS") else self._switched_from
            return stored & ~0x38 | shown << 3
        if address == FLASH_ACR:
            return stored if self._ready.read("ACR") else self._acr_before
        return self._read_power(address, stored)

    def _read_power(self, address: int, stored: int) -> int:
        if address in (RCC + 0x70, RCC + 0x74):  # LSE or LSI ready
            return stored & ~2 | (stored & 1) << 1
        if address == _PWR_CSR1:
            return self._bus[_PWR_D3CR] & 0xC000 | self._flag("ACTVOS", _ACTVOSRDY)
        if address == _PWR_D3CR:
            return stored & ~_VOSRDY | self._flag("VOS", _VOSRDY)
        if address == _PWR_CR3:
            return stored | (1 << 26 if stored >> 24 & 1 else 0)
        return stored

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        before = {
            CR: self._before_control,
            CFGR: self._before_switch,
            _PWR_CR3: self._before_supply,
            _PWR_D3CR: self._before_voltage,
            SYSCFG_PWRCR: self._before_overdrive,
            FLASH_ACR: self._before_wait_states,
        }.get(address)
        if before is not None:
            before(stored, value)
        self._keep_running_plls(address, stored, value)
        self._bus.words[address] = value
        self._check_speed()
        if address in (CFGR, CR, D1CFGR):
            self._time.set_clock(self.cpu_hz)
        if RCC + 0x7C <= address <= RCC + 0x9C:
            self._bus.reset_peripherals(address - RCC, value)
        if address == RCC + 0xDC:
            self.on_memory_clock(value)
        self._guard_fetches()
        return value

    def reset(self, origin: int) -> None:
        """RCC and PWR have no reset bit."""

    # ---- frequencies

    @property
    def cpu_hz(self) -> int:
        """The processor's clock as the registers now set it."""
        return self._frequencies.now().cpu_hz

    @property
    def bus_hz(self) -> float:
        """The clock of AXI and AHB."""
        return self._frequencies.now().bus_hz

    @property
    def peripheral_bus_hz(self) -> float:
        """The fastest of the APB clocks."""
        return self._frequencies.now().peripheral_bus_hz

    @property
    def hse_hz(self) -> float:
        """What comes by OSC_IN; 0 while it is off."""
        return float(self._oscillator.hz) if self._bus[CR] >> 16 & 1 else 0.0

    def sai_hz(self, number: int) -> float:
        """The kernel clock of SAI1, SAI2 or SAI3."""
        return self._frequencies.now().sai_hz(number)

    @property
    def qspi_hz(self) -> float:
        """The clock of the QSPI flash; 0 when its source does not run."""
        return self._frequencies.now().qspi_hz

    def pll_hz(self, number: int, output: Literal["p", "q", "r"]) -> float:
        """Frequency of an output of a PLL; 0 while it is off."""
        return self._frequencies.now().pll_hz(number, output)

    # ---- what must come before what

    def _before_control(self, stored: int, value: int) -> None:
        """Sources go on and off; a PLL needs its source, the processor its own."""
        if (stored ^ value) & _HSEBYP and not self._ready.is_seen("HSE", is_on=False):
            raise self._error("HSE is bypassed while it runs: the write would be ignored")
        for name, source in _SOURCES.items():
            is_on = bool(value >> source.enable & 1)
            if is_on == bool(stored >> source.enable & 1):
                continue
            if is_on and name.startswith("PLL"):
                self._need_pll_source(name)
            if not is_on and SYSTEM_SOURCES.get(self._bus[CFGR] & 7) == name:
                raise self._error(f"{name} is switched off while the processor runs from it")
            after = source.starts_in_s if is_on else _STOPS_IN_S
            if is_on and name == "HSE":
                after = self._hse_comes_in_s(value)
            self._ready.ask(name, is_on=is_on, after_s=after)

    def _hse_comes_in_s(self, control: int) -> float:
        """OSC_IN has to be used as the board has it: by a crystal, or bypassed for a clock."""
        is_crystal = self._oscillator.is_crystal
        if bool(control & _HSEBYP) == is_crystal:
            there = "a crystal hangs there" if is_crystal else "another chip gives a clock there"
            how = "is" if is_crystal else "is not"
            raise self._error(f"HSE {how} bypassed, and {there}: it never becomes ready")
        return _SOURCES["HSE"].starts_in_s if self._oscillator.runs else math.inf

    def _need_pll_source(self, pll: str) -> None:
        source = PLL_SOURCES.get(self._bus[PLLCKSELR] & 3)
        if source is None or not self._ready.is_seen(source, is_on=True):
            raise self._error(f"{pll} starts before its source {source} was seen ready")
        settings = self._frequencies.now()
        for problem in pll_problems(settings, self._bus.words, int(pll[-1])):
            raise self._error(f"{pll}: {problem}")

    def _before_switch(self, stored: int, value: int) -> None:
        """Another clock for the processor: ready, with a voltage and wait states that were seen."""
        if stored & 7 == value & 7:
            return
        name = SYSTEM_SOURCES.get(value & 7)
        if name is None or not self._ready.is_seen(name, is_on=True):
            raise self._error(f"the processor's clock is switched to {name}, not seen ready")
        if name == "PLL1":
            for what in ("VOS", "ACTVOS", "ACR"):
                if not self._ready.is_seen(what, is_on=True):
                    raise self._error(f"the clock goes up, {_TITLES[what]} not seen ready")
        self._switched_from = stored & 7
        self._ready.restart("SWS", is_on=True, after_s=_SWITCH_S)

    def _before_supply(self, stored: int, value: int) -> None:
        if stored & 7 != value & 7:
            self._ready.restart("ACTVOS", is_on=True, after_s=_VOLTAGE_S)

    def _before_voltage(self, stored: int, value: int) -> None:
        if not self._ready.is_seen("ACTVOS", is_on=True):
            raise self._error("the voltage is set before the supply was seen ready")
        if (stored ^ value) & 0xC000:
            self._begin_voltage_change()

    def _before_overdrive(self, stored: int, value: int) -> None:
        if not (stored ^ value) & 1:
            return
        if value & 1 and (self._bus[_PWR_D3CR] >> 14 & 3 != 3 or self._is_voltage_new()):
            raise self._error("overdrive is set before voltage scale 1 was seen ready")
        self._begin_voltage_change()

    def _is_voltage_new(self) -> bool:
        return not self._ready.is_seen("VOS", is_on=True)

    def _begin_voltage_change(self) -> None:
        self._scale_before = max(self._scale, self._safe_scale)
        self._ready.restart("VOS", is_on=True, after_s=_VOLTAGE_S)

    def _before_wait_states(self, stored: int, value: int) -> None:
        if stored != value:
            self._acr_before = stored
            self._ready.restart("ACR", is_on=True, after_s=_ACR_S)

    def _keep_running_plls(self, address: int, stored: int, value: int) -> None:
        """A PLL that runs, or has not been seen to stand, takes no settings."""
        for index, name in enumerate(("PLL1", "PLL2", "PLL3")):
            masks = {
                RCC + 0x30 + 8 * index: 0xFFFFFFFF,
                PLLCKSELR: 3 | 63 << 4 + 8 * index,
                PLLCFGR: 14 << 4 * index | 7 << 16 + 3 * index,
            }
            changed = (stored ^ value) & masks.get(address, 0)
            if changed and not self._ready.is_seen(name, is_on=False):
                raise self._error(f"{name} is set while it runs: the write would be ignored")

    # ---- what is too fast

    def _check_speed(self) -> None:
        limit = _LIMITS[self._safe_scale]
        wait_states = min(self._safe_wait_states, len(limit.by_wait_states) - 1)
        for what, hz, most in (
            ("processor", self.cpu_hz, limit.cpu),
            ("buses", self.bus_hz, limit.bus),
            ("peripheral buses", self.peripheral_bus_hz, max(limit.peripheral_bus, HSI_HZ)),
            ("flash", self.bus_hz, limit.by_wait_states[wait_states]),
        ):
            if hz > most:
                raise self._core.error(
                    "too fast",
                    f"{what}: {hz / 1e6:.0f} MHz where voltage scale {self._safe_scale} and "
                    f"{self._safe_wait_states} wait states allow {most / 1e6:.0f}",
                )

    @property
    def _scale(self) -> int:
        """The voltage scale that is asked for: 3 is the lowest voltage."""
        scale = {3: 1, 2: 2}.get(self._bus[_PWR_D3CR] >> 14 & 3, 3)
        overdrive = scale == 1 and self._bus[SYSCFG_PWRCR] & 1 and self._silicon == "V"
        return 0 if overdrive else scale

    @property
    def _safe_scale(self) -> int:
        """The one to count on: the lower voltage until the new one was seen ready."""
        return max(self._scale, self._scale_before) if self._is_voltage_new() else self._scale

    @property
    def _safe_wait_states(self) -> int:
        return self._bus[FLASH_ACR] & 15

    # ---- executing from QSPI

    def _guard_fetches(self) -> None:
        """An image in QSPI flash must run elsewhere while the clocks change."""
        if not self.runs_from_qspi:
            return
        why = ""
        if unseen := [_TITLES.get(name, name) for name in self._ready.unseen()]:
            why = f"the clocks change: {', '.join(unseen)} not seen ready"
        elif not 0 < self.qspi_hz <= QSPI_MAX_HZ:
            why = f"the flash is clocked at {self.qspi_hz / 1e6:.0f} MHz"
        self._core.forbid_fetch("qspi" if why else None, why)

    # ---- helpers

    def _with_ready_bits(self, stored: int) -> int:
        for name, source in _SOURCES.items():
            is_ready = self._ready.read(name)
            stored = stored | 1 << source.ready if is_ready else stored & ~(1 << source.ready)
        return stored

    def _flag(self, name: str, bit: int) -> int:
        return bit if self._ready.read(name) else 0

    def _error(self, detail: str) -> EmulationError:
        return self._core.error("clocks out of order", detail)

    _switched_from = 0
    _acr_before = 0


_TITLES = {
    "VOS": "the voltage",
    "ACTVOS": "the supply",
    "ACR": "the flash's wait states",
    "SWS": "the processor's clock",
}
