"""The tables of the hyperbolic tangent, the same on every machine."""

from __future__ import annotations

import numpy as np

from namgen.fixed import exact
from namgen.fixed.ir import LongTanh, ShortTanh
from namgen.fixed.real import F64

ROWS_PER_UNIT = 64
SHORT_T_BITS = 29
"""Fractional bits of what `ShortTanh` gives."""

_SHORT_Z_BITS = 12
_LARGEST = 32767.0


def long_tanh(fraction_bits: int, t_bits: int) -> LongTanh:
    """Return lines about the multiples of 1/64, each as far off in its middle as at its ends."""
    middles = np.arange(-512, 513) / ROWS_PER_UNIT
    half = 0.5 / ROWS_PER_UNIT
    low, middle, high = (exact.tanh(middles + shift) for shift in (-half, 0.0, half))
    values = middle + 0.5 * ((low + high) / 2 - middle)
    return LongTanh(fraction_bits, _scaled(values, t_bits), _scaled(high - low, t_bits))


def short_tanh(fraction_bits: int) -> ShortTanh:
    """Return lines between the multiples of 1/64."""
    nodes = exact.tanh(np.arange(-512, 513) / ROWS_PER_UNIT)
    values = np.rint(nodes * _LARGEST)
    return ShortTanh(
        fraction_bits - _SHORT_Z_BITS,
        values[:-1].astype(np.int32),
        np.diff(values).astype(np.int32),
    )


def _scaled(values: F64, bits: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.rint(values * 2.0**bits).astype(np.int64).astype(np.int32)
