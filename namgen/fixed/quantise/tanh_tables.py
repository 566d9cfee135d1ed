"""The tables of the hyperbolic tangent, the same on every machine."""

from __future__ import annotations

import numpy as np

from namgen.fixed import exact
from namgen.fixed.ir import LongTanh, ShortTanh
from namgen.fixed.real import F64

ROWS_PER_UNIT = 64
"""Of words of 16 bits."""

LONG_ROWS_PER_UNIT = 128
SHORT_U_BITS = 21
_LARGEST = 32767.0
_UPPER = 2.0**16
SHORT_T_STEP = 1.0 / (_LARGEST * _UPPER)
"""What a unit of t is worth: 1 is the largest value of a row."""

_PER_SLOPE = 2.0
"""Of a slope, of which 2^15 are a row, to a unit of a value, of which 2^16 are one."""


def long_tanh(fraction_bits: int, t_bits: int) -> LongTanh:
    """Return lines about the multiples of 1/128, each as far off in its middle as at its ends."""
    middles = np.arange(-1024, 1025) / LONG_ROWS_PER_UNIT
    half = 0.5 / LONG_ROWS_PER_UNIT
    low, middle, high = (exact.tanh(middles + shift) for shift in (-half, 0.0, half))
    values = middle + 0.5 * ((low + high) / 2 - middle)
    return LongTanh(fraction_bits, _scaled(values, t_bits), _scaled(high - low, t_bits))


def short_tanh(fraction_bits: int) -> ShortTanh:
    """Return lines that meet at the multiples of 1/64; of two rows one value, where they meet.

    z has so many fractional bits.
    """
    places = np.arange(-512, 513) / ROWS_PER_UNIT
    exactly = exact.tanh(places)
    met = exactly + 0.5 * (exactly - _chord(places))
    nodes = np.clip(met, -1.0, 1.0) * _LARGEST
    values, middle = np.rint(nodes[::2]), nodes[1::2]
    rising = np.rint((middle - values[:-1]) * _PER_SLOPE)  # from the beginning of an even row
    falling = np.rint((values[1:] - middle) * _PER_SLOPE)  # to the end of an odd one
    rows = np.stack((values[:-1] * _UPPER + rising, values[1:] * _UPPER + falling), axis=1)
    return ShortTanh(fraction_bits - SHORT_U_BITS, rows.ravel().astype(np.int64).astype(np.int32))


def _chord(places: F64) -> F64:
    """Return the middle of the lines between half a row before and behind."""
    half = 0.5 / ROWS_PER_UNIT
    return (exact.tanh(places - half) + exact.tanh(places + half)) / 2


def _scaled(values: F64, bits: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.rint(values * 2.0**bits).astype(np.int64).astype(np.int32)
