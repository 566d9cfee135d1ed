"""The frequencies that the clock registers set, worked out anew when one of these has changed."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.registers import CSI_HZ, HSI_HZ, RCC

QUADSPI_CR = 0x52005000
SYSTEM_SOURCES = {0: "HSI", 1: "CSI", 2: "HSE", 3: "PLL1"}
PLL_SOURCES = {0: "HSI", 1: "CSI", 2: "HSE"}

CR, CFGR, PLLCKSELR, PLLCFGR = RCC, RCC + 0x10, RCC + 0x28, RCC + 0x2C
D1CFGR, D2CFGR, D3CFGR = RCC + 0x18, RCC + 0x1C, RCC + 0x20
D1CCIPR, D2CCIP1R = RCC + 0x4C, RCC + 0x50

_DIVIDERS = tuple(RCC + 0x30 + 8 * index for index in range(3))
_FRACTIONS = tuple(RCC + 0x34 + 8 * index for index in range(3))
_REGISTERS = (
    *(CR, CFGR, PLLCKSELR, PLLCFGR, D1CFGR, D2CFGR, D3CFGR, D1CCIPR, D2CCIP1R, QUADSPI_CR),
    *_DIVIDERS,
    *_FRACTIONS,
)
_SHIFTS = {"p": 9, "q": 16, "r": 24}

_Output = Literal["p", "q", "r"]


class Frequencies:
    """Every clock, Hz, as registers with these contents set it."""

    def __init__(self, words: dict[int, int], hse_hz: int) -> None:
        self._words = words
        self._source_hz = {"HSI": HSI_HZ, "CSI": CSI_HZ, "HSE": hse_hz}

    @cached_property
    def cpu_hz(self) -> int:
        """The processor's clock."""
        return round(self._system_hz / _prescaler(self._words[D1CFGR] >> 8 & 15))

    @cached_property
    def bus_hz(self) -> float:
        """The clock of AXI and AHB."""
        return self.cpu_hz / _prescaler(self._words[D1CFGR] & 15)

    @cached_property
    def peripheral_bus_hz(self) -> float:
        """The fastest of the APB clocks."""
        words = self._words
        codes = (words[D1CFGR] >> 4, words[D2CFGR] >> 4, words[D2CFGR] >> 8, words[D3CFGR] >> 4)
        return self.bus_hz / min(1 << max(0, (code & 7) - 3) for code in codes)

    def sai_hz(self, number: int) -> float:
        """The kernel clock of SAI1; SAI2 and SAI3 share another one."""
        source = self._words[D2CCIP1R] >> (0 if number == 1 else 6) & 7
        outputs: dict[int, tuple[int, _Output]] = {0: (1, "q"), 1: (2, "p"), 2: (3, "p")}
        return self.pll_hz(*outputs[source]) if source in outputs else 0.0

    @cached_property
    def qspi_hz(self) -> float:
        """The clock of the QSPI flash; 0 when its source does not run."""
        source = self._words[D1CCIPR] >> 4 & 3
        kernel = {0: self.bus_hz, 1: self.pll_hz(1, "q"), 2: self.pll_hz(2, "r")}.get(source, 0.0)
        return kernel / ((self._words[QUADSPI_CR] >> 24 & 0xFF) + 1)

    def pll_hz(self, number: int, output: _Output) -> float:
        """Frequency of an output of a PLL; 0 while it is off."""
        if not self._words[CR] >> 22 + 2 * number & 1:
            return 0.0
        return self.oscillator_hz(number) / self.divisor(number, output)

    def reference_hz(self, number: int) -> float:
        """What a PLL is given; 0 where nothing gets to it."""
        select = self._words[PLLCKSELR]
        prescaler = select >> 8 * number - 4 & 63
        source = self._source_hz.get(PLL_SOURCES.get(select & 3, ""), 0)
        return source / prescaler if prescaler else 0.0

    def oscillator_hz(self, number: int) -> float:
        """What a PLL's oscillator is set to."""
        index = number - 1
        is_fractional = self._words[PLLCFGR] >> 4 * index & 1
        fraction = self._words[_FRACTIONS[index]] >> 3 & 0x1FFF if is_fractional else 0
        return self.reference_hz(number) * (
            (self._words[_DIVIDERS[index]] & 0x1FF) + 1 + fraction / 8192
        )

    def divisor(self, number: int, output: _Output) -> int:
        """What an output of a PLL divides its oscillator by."""
        return (self._words[_DIVIDERS[number - 1]] >> _SHIFTS[output] & 0x7F) + 1

    @property
    def _system_hz(self) -> float:
        name = SYSTEM_SOURCES.get(self._words[CFGR] & 7, "HSI")
        return self.pll_hz(1, "p") if name == "PLL1" else float(self._source_hz[name])


class FrequencyMeter:
    """Frequencies by the registers as they stand; most looks find them as the one before did."""

    def __init__(self, bus: Bus, hse_hz: int) -> None:
        self._bus = bus
        self._hse_hz = hse_hz
        self._seen: tuple[int | None, ...] | None = None
        self._found = Frequencies({}, hse_hz)

    def now(self) -> Frequencies:
        """Return what the registers now set."""
        seen = tuple(map(self._bus.words.get, _REGISTERS))
        if seen != self._seen:
            words = (word or 0 for word in seen)
            found = dict(zip(_REGISTERS, words, strict=True))
            self._seen, self._found = seen, Frequencies(found, self._hse_hz)
        return self._found


def _prescaler(code: int) -> int:
    return 1 if code < 8 else (2, 4, 8, 16, 64, 128, 256, 512)[code - 8]
