"""What comes back that was not played: harmonics, tones between tones, tones out of nowhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from namgen.analysis.bench import F64, Bench, amplitude, decibels
from namgen.analysis.gain import CURVE_HZ

HARMONICS = 12
HARMONIC_DRIVES_DB = (-30.0, -18.0, -6.0)
PAIR_HZ = (220.0, 280.0)
PAIR_DB = -12.0
"""Of each of both: together they reach -6 dB."""
ALIAS_DRIVE_DB = -6.0

_ALIAS_HZ = (1000.0, 2000.0, 3000.0, 4000.0, 5000.0, 6500.0, 8000.0, 10000.0)
_PAIR_PRODUCTS = ((-1, 1), (1, 1), (2, -1), (-1, 2), (2, 1), (1, 2), (3, -2), (-2, 3))


@dataclass(frozen=True, slots=True)
class Harmonics:
    """What comes of 220 Hz at one drive."""

    drive_db: float
    levels_db: tuple[float, ...]  # of the fundamental, its second harmonic, its third, ...
    thd_percent: float  # all harmonics that are shown, beside the fundamental


@dataclass(frozen=True, slots=True)
class Product:
    """A tone that two tones make between them, beside the mean of both."""

    name: str
    hz: float
    level_db: float


@dataclass(frozen=True, slots=True)
class Alias:
    """All that comes back of a tone and is no harmonic of it, beside the tone."""

    hz: float
    level_db: float


def harmonics_of(bench: Bench) -> tuple[Harmonics, ...]:
    """Play 220 Hz at three drives."""
    return tuple(_harmonics(bench, drive) for drive in HARMONIC_DRIVES_DB)


def _harmonics(bench: Bench, drive_db: float) -> Harmonics:
    first = bench.bin_of(CURVE_HZ)
    found = bench.amplitudes({first: amplitude(drive_db)})
    sizes = [float(found[first * n]) for n in range(1, HARMONICS + 1) if first * n < len(found)]
    above = math.sqrt(math.fsum(size * size for size in sizes[1:]))
    thd = 100 * above / sizes[0] if sizes[0] > 0 else 0.0
    return Harmonics(drive_db, tuple(map(decibels, sizes)), round(thd, 2))


def products_of(bench: Bench) -> tuple[Product, ...]:
    """Play two tones a third apart."""
    low, high = map(bench.bin_of, PAIR_HZ)
    found = bench.amplitudes({low: amplitude(PAIR_DB), high: amplitude(PAIR_DB)})
    mean = float(found[low] + found[high]) / 2
    return tuple(
        Product(
            _named(a, b), bench.hz_of(a * low + b * high), _beside(found[a * low + b * high], mean)
        )
        for a, b in _PAIR_PRODUCTS
    )


def _named(a: int, b: int) -> str:
    """Spell a sum of multiples, the positive ones first: 2·f1 − f2."""
    terms = [(a, "f1"), (b, "f2")]
    (first, one), (second, other) = sorted(terms, key=lambda term: term[0] < 0)
    sign = "+" if second > 0 else "−"
    return f"{_times(first)}{one} {sign} {_times(abs(second))}{other}"


def _times(count: int) -> str:
    return "" if count == 1 else f"{count}·"


def aliases_of(bench: Bench) -> tuple[Alias, ...]:
    """Play high tones whose harmonics, folded at half the rate, fall on no harmonic."""
    numbers = dict.fromkeys(_coprime(bench, hz) for hz in _ALIAS_HZ)
    return tuple(_alias(bench, n) for n in numbers if n < 0.45 * bench.frames)


def _coprime(bench: Bench, hz: float) -> int:
    number = bench.bin_of(hz)
    while math.gcd(number, bench.frames) > 1:
        number += 1
    return number


def _alias(bench: Bench, number: int) -> Alias:
    found = bench.amplitudes({number: amplitude(ALIAS_DRIVE_DB)})
    fundamental = float(found[number])
    rest: F64 = found.copy()
    rest[0] = 0.0
    rest[number::number] = 0.0
    everything = math.sqrt(float(np.sum(rest * rest)))
    return Alias(bench.hz_of(number), _beside(everything, fundamental))


def _beside(size: float, other: float) -> float:
    return decibels(size / other if other > 0 else 0.0)
