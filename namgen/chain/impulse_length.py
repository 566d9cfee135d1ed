"""How many taps of an impulse response are enough, by what can be heard of those left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.chain.cabinet import MOST_TAPS
from namgen.chain.decimals import decibels
from namgen.chain.turns import F64, of_real, roots

ALLOWED_DB = 0.5
LOWEST_HZ, HIGHEST_HZ = 80, 16_000
QUIETEST = 10**-4.5
"""Of a band's power by the loudest band's: what is 45 dB below is not looked at."""

LENGTHS = (64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, MOST_TAPS)
FADED_PART = 4
"""One in so many taps of a shortened response fades."""

_BAND = 1.0293022366434921
"""2^(1/24): bands of a twelfth of an octave, as narrow as hearing tells levels apart."""
_COUNT = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Shortened:
    """The first taps of a response, their end faded, and how far that is from all of it."""

    taps: F64
    faded: int
    deviation_db: float  # largest, in any band from LOWEST_HZ to HIGHEST_HZ


def shorten(taps: F64, *, whole: F64, rate_hz: int, length: int | None) -> Shortened:
    """Cut a response to a length, or to the shortest that keeps within ALLOWED_DB of `whole`."""
    bands = _bands(whole, rate_hz)
    if length is not None:
        return _cut(taps, length, bands, rate_hz)
    for enough in LENGTHS:
        found = _cut(taps, enough, bands, rate_hz)
        if found.deviation_db <= ALLOWED_DB:
            break
    return found


def fade_end(taps: F64, length: int) -> tuple[F64, int]:
    """Cut to a length, the last part of it faded by half a cosine; return also how many fade."""
    if length >= len(taps):
        return taps, 0
    faded = max(1, length // FADED_PART)
    cut = taps[:length].copy()
    falling = roots(4 * faded).re[1 : 2 * faded : 2]  # of half a turn, at the middle of each tap
    cut[length - faded :] *= 0.5 + 0.5 * falling
    return cut, faded


def _cut(taps: F64, length: int, whole_bands: F64, rate_hz: int) -> Shortened:
    cut, faded = fade_end(taps, length)
    heard = whole_bands > whole_bands.max() * QUIETEST
    if not heard.any():
        return Shortened(cut, faded, 0.0)
    ratio = np.maximum(_bands(cut, rate_hz)[heard], 1e-30) / whole_bands[heard]
    worst = max(float(ratio.max()), 1 / float(ratio.min()))
    return Shortened(cut, faded, decibels(worst) / 2)


def _bands(taps: F64, rate_hz: int) -> F64:
    """Return the power in a band around each frequency that is looked at."""
    power = of_real(taps[:_COUNT], _COUNT).power[: _COUNT // 2 + 1]
    until = np.concatenate([[0.0], np.cumsum(power)])
    lowest = -(-LOWEST_HZ * _COUNT // rate_hz)
    highest = min(HIGHEST_HZ * _COUNT // rate_hz, _COUNT // 2)
    places = np.arange(lowest, highest + 1)
    first = np.floor(places / _BAND).astype(np.int64)
    end = np.minimum(np.ceil(places * _BAND).astype(np.int64) + 1, len(power))
    return np.asarray((until[end] - until[first]) / (end - first), np.float64)
