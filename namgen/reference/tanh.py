"""The hyperbolic tangent in float32, by a table of cubics; the twin of ``nam_tanh``."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.reference.fma import fma
from namgen.reference.tanh_table import TANH_TABLE

_LIMIT = np.float32(7.9374995)
_MAGIC = np.float32(1572864.0)
_MAGIC_BITS = np.int32(0x49C00000)
_MIDDLE_ROW = np.int32(63)
_COLUMNS = np.ascontiguousarray(np.array(TANH_TABLE, np.float32).T)
_TILE = 16384  # elements at a time, so that the intermediate arrays stay in cache


def tanh(x: F32) -> F32:
    """Return the hyperbolic tangent, by a cubic around the nearest multiple of 1/8."""
    flat = np.asarray(x, np.float32).reshape(-1)
    out = np.empty_like(flat)
    for first in range(0, flat.size, _TILE):
        out[first : first + _TILE] = _tanh_tile(flat[first : first + _TILE])
    return out.reshape(np.shape(x))


def _tanh_tile(x: F32) -> F32:
    y = np.fmin(np.fmax(x, -_LIMIT), _LIMIT)
    shifted = y + _MAGIC
    f = y - (shifted - _MAGIC)
    row = (shifted.view(np.int32) - (_MAGIC_BITS - _MIDDLE_ROW)).astype(np.intp)
    c0, c1, c2, c3 = (column[row] for column in _COLUMNS)
    return fma(f, fma(f, fma(f, c3, c2), c1), c0)
