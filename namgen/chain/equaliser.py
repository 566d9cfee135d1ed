"""The equaliser's coefficients, from the curves of the NAM plug-in.

The plug-in's filters are those of the Audio EQ Cookbook; the trapezoidal state-variable filter has
the same response (A. Simper, Cytomic: "Solving the continuous SVF equations using trapezoidal
integration", 2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal, TypeAlias

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.decimals import PI, exactly, gain, nearest, tangent

Shape: TypeAlias = Literal["low_shelf", "bell", "high_shelf"]

POSITIONS = 41
"""Settings in a table, at equal distances in decibels; the middle one is flat."""

SHELF_COLUMNS = ("a11", "b1", "b2", "direct", "first", "second")
BELL_COLUMNS = ("a11", "b1", "b2", "band")


@dataclass(frozen=True, slots=True)
class Band:
    """One filter: its knob goes from `-most_db` to `most_db`."""

    name: str
    shape: Shape
    frequency_hz: int
    most_db: int
    q_cut: Decimal
    q_boost: Decimal


_SHELF_Q = Decimal("0.707")
BASS = Band("bass", "low_shelf", 150, 20, _SHELF_Q, _SHELF_Q)
MIDDLE = Band("middle", "bell", 425, 15, Decimal("1.5"), Decimal("0.7"))
TREBLE = Band("treble", "high_shelf", 1800, 10, _SHELF_Q, _SHELF_Q)
BANDS = (BASS, MIDDLE, TREBLE)


@cache
def table(band: Band, sample_rate_hz: int) -> F32:
    """Return the rows of a band (POSITIONS + 1, coefficients): all cuts, then all boosts.

    Both begin or end with flat, for the two may differ in Q.
    """
    half = POSITIONS // 2
    with exactly():
        levels_db = [Decimal(band.most_db) * step / half for step in range(-half, half + 1)]
        cuts = [_row(band, level, band.q_cut, sample_rate_hz) for level in levels_db[: half + 1]]
        boosts = [_row(band, level, band.q_boost, sample_rate_hz) for level in levels_db[half:]]
    return np.array([[nearest(value) for value in row] for row in cuts + boosts], np.float32)


def _row(band: Band, level_db: Decimal, q: Decimal, sample_rate_hz: int) -> tuple[Decimal, ...]:
    """Return the coefficients of one setting, in the order of the columns."""
    corner = tangent(PI * band.frequency_hz / sample_rate_hz)
    half = gain(level_db / 2)
    if band.shape == "bell":
        a11, b1, b2 = _state(corner, 1 / (q * half))
        return a11, b1, b2, (half * half - 1) / (q * half) / 2
    if band.shape == "low_shelf":
        sums = Decimal(1), (half - 1) / q, half * half - 1
        return _shelf(*_state(corner / half.sqrt(), 1 / q), *sums)
    sums = half * half, (1 - half) * half / q, 1 - half * half
    return _shelf(*_state(corner * half.sqrt(), 1 / q), *sums)


def _state(corner: Decimal, damping: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """How fast the state goes: ``s1 += a11 s1 + b1 e``, ``s2 += b1 s1 + b2 e``."""
    part = 1 / (1 + corner * (corner + damping))
    return 2 * (part - 1), 2 * corner * part, 2 * corner * corner * part


def _shelf(
    a11: Decimal, b1: Decimal, b2: Decimal, dry: Decimal, band: Decimal, low: Decimal
) -> tuple[Decimal, ...]:
    """Turn a sum of input, band-pass and low-pass into one of x, s1 and s2.

    The band-pass is ``s1 + (a11 s1 + b1 e) / 2``, the low-pass ``s2 + (b1 s1 + b2 e) / 2``, with
    ``e = x - s2``.
    """
    of_input = (band * b1 + low * b2) / 2
    of_band = band * (1 + a11 / 2) + low * b1 / 2
    return a11, b1, b2, dry + of_input, of_band, low - of_input
