"""The factors of the chip's PLLs, found from a board's oscillator by trying all of them.

Of a PLL: source / m is its reference, times n and a fraction of 8192ths its oscillator, and that
divided by p and q its outputs. Limits: RM0433, section 8.5, and data sheet DS12110, table "PLL
characteristics". 480 MHz need an oscillator of 960 MHz, where the table ends at 836: p may not be
odd there, and every board of ST's with this processor does the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

FRACTION_STEPS = 8192
"""In one step of n."""

MOST_AUDIO_PPM = 1.0
"""What an audio clock may be off by; crystals are by ten times as much and more."""

_M, _N, _DIVISORS = range(1, 64), range(4, 513), range(1, 129)
_LEAST_REFERENCE_HZ, _MOST_REFERENCE_HZ = 1_000_000, 16_000_000
_WIDE_FROM_HZ = 2_000_000
"""The lowest reference of the oscillator with a wide range; below it is the medium one."""

_WIDE_HZ = (192_000_000, 836_000_000)
_MEDIUM_HZ = (150_000_000, 420_000_000)
_PROCESSOR_HZ = (192_000_000, 960_000_000)
_USUAL_REFERENCE_HZ = 4_000_000
"""Where several would do, the one that comes nearest."""

_MOST_FLASH_HZ = 200_000_000
"""Of the QSPI flash's clock, which its prescaler halves."""


@dataclass(frozen=True, slots=True)
class ProcessorPll:
    """Source / m * n / p is the processor's clock: n follows from it."""

    source_hz: int
    m: int
    p: int
    q: int  # * n / q: the QSPI flash's

    def factor(self, clock_hz: int) -> int:
        """Return n for a clock that it was found for."""
        return clock_hz * self.p * self.m // self.source_hz


@dataclass(frozen=True, slots=True)
class AudioPll:
    """Source / m * (n + fraction / 8192) / p is the codec's master clock."""

    source_hz: int
    wanted_hz: int
    m: int
    n: int
    p: int
    fraction: int

    @property
    def is_medium(self) -> bool:
        """Whether its oscillator is the one with the medium range."""
        return _is_medium(self.source_hz, self.m)

    @property
    def oscillator_hz(self) -> float:
        """The frequency of its oscillator."""
        return self.source_hz * (self.n * FRACTION_STEPS + self.fraction) / self.m / FRACTION_STEPS

    @property
    def error_ppm(self) -> float:
        """How far it is above what was wanted, in millionths; 0 where it is that exactly."""
        made = self.source_hz * (self.n * FRACTION_STEPS + self.fraction)
        wanted = self.wanted_hz * self.m * self.p * FRACTION_STEPS
        return (made - wanted) / wanted * 1_000_000

    @property
    def error_text(self) -> str:
        """Spell the error for people."""
        return f"{self.error_ppm:+.4f} ppm" if self.error_ppm else "exact"


@cache
def processor_pll(source_hz: int, clocks_hz: tuple[int, ...]) -> ProcessorPll | None:
    """Return factors that make each of some clocks exactly, by another n alone; None: none do."""
    found = [
        (abs(source_hz // m - _USUAL_REFERENCE_HZ), p, m)
        for m in _references(source_hz)
        if source_hz % m == 0
        for p in _DIVISORS[1::2]
        if _makes(source_hz // m, p, clocks_hz)
    ]
    if not found:
        return None
    _, p, m = min(found)
    fastest = max(clocks_hz) * p
    q = next((q for q in _DIVISORS if fastest <= q * _MOST_FLASH_HZ), 0)
    return ProcessorPll(source_hz, m, p, q) if q else None


@cache
def audio_pll(source_hz: int, wanted_hz: int) -> AudioPll | None:
    """Return the factors that come nearest to a clock; None: no PLL comes near.

    What is exact without a fraction goes first: a fraction makes the oscillator wander. Then an
    even p and the wide oscillator, which is what other firmware uses; among those the least error.
    """
    found = list(_audio_plls(source_hz, wanted_hz))
    return min(found, key=_preference) if found else None


def _preference(pll: AudioPll) -> tuple[float, ...]:
    error = abs(pll.error_ppm)
    return (
        error > 0,
        pll.fraction > 0,
        pll.p % 2,
        pll.is_medium,
        error,
        abs(pll.source_hz / pll.m - _USUAL_REFERENCE_HZ),
        pll.oscillator_hz,
    )


def _audio_plls(source_hz: int, wanted_hz: int) -> Iterator[AudioPll]:
    for m in _references(source_hz):
        least, most = _MEDIUM_HZ if _is_medium(source_hz, m) else _WIDE_HZ
        for p in range(max(least // wanted_hz, 1), min(most // wanted_hz + 1, _DIVISORS.stop)):
            steps = (2 * wanted_hz * p * m * FRACTION_STEPS + source_hz) // (2 * source_hz)
            n, fraction = divmod(steps, FRACTION_STEPS)
            pll = AudioPll(source_hz, wanted_hz, m, n, p, fraction)
            is_in_range = n in _N and least <= pll.oscillator_hz <= most
            if is_in_range and abs(pll.error_ppm) <= MOST_AUDIO_PPM:
                yield pll


def _references(source_hz: int) -> Iterator[int]:
    """Yield the m whose reference a PLL takes."""
    return (m for m in _M if _LEAST_REFERENCE_HZ * m <= source_hz <= _MOST_REFERENCE_HZ * m)


def _makes(reference_hz: int, p: int, clocks_hz: Sequence[int]) -> bool:
    """Whether a PLL with a wide oscillator makes every clock, exactly."""
    least, most = _PROCESSOR_HZ
    return reference_hz >= _WIDE_FROM_HZ and all(
        least <= hz * p <= most and hz * p % reference_hz == 0 and hz * p // reference_hz in _N
        for hz in clocks_hz
    )


def _is_medium(source_hz: int, m: int) -> bool:
    return source_hz < _WIDE_FROM_HZ * m
