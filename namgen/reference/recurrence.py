"""The hidden sums of an LSTM in float32, one frame at a time and fast."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32, Elements
from namgen.reference.fma import fma_rows

_HALFWAY = np.iinfo(np.int64).min  # a float64 halfway between two float32, shifted up by 35 bits
_SMALLEST_NORMAL = np.finfo(np.float32).tiny


class Recurrence:
    """``acc = fma(weight[:, j], hidden[j], acc)`` for j ascending, for one frame at a time.

    The same bits as `fma_rows`, without its cost per call: all products (exact in float64) at
    once, then the sums with two roundings, then one look at all of them for a sum that two
    roundings may have got wrong; in that rare case the frame is done again by `fma_rows`.
    """

    def __init__(self, weight: F32) -> None:
        self._weight = np.ascontiguousarray(weight)
        self._columns = np.ascontiguousarray(weight.T.astype(np.float64))
        self._products = np.empty_like(self._columns)
        self._sums = np.empty_like(self._columns)
        self._rounded = np.empty(self._columns.shape, np.float32)
        self._scratch = np.empty(self._columns.shape, np.int64)
        self._accumulator = np.empty(self._columns.shape[1])
        self._steps = tuple(zip(self._products, self._sums, self._rounded, strict=True))

    def add(self, partial: Elements, hidden: Elements) -> F32:
        """Return (rows,) sums; `partial` is (rows,), `hidden` (columns,)."""
        np.multiply(self._columns, hidden[:, None], out=self._products)
        accumulator: npt.NDArray[np.float64] = self._accumulator
        accumulator[...] = partial
        for product, total, rounded in self._steps:
            np.add(product, accumulator, total)
            rounded[...] = total
            accumulator[...] = rounded
        if self._doubtful():
            start = np.asarray(partial, np.float32)[:, None]
            return fma_rows(start, self._weight, list(hidden[:, None])).ravel()
        sums: F32 = self._rounded[-1].copy()
        return sums

    def _doubtful(self) -> bool:
        """Whether a float64 sum lies halfway between two float32, or below the normal range."""
        np.left_shift(self._sums.view(np.int64), 35, out=self._scratch)
        if self._scratch.min() == _HALFWAY:
            return True
        magnitude = np.abs(self._sums)
        return bool(((magnitude < _SMALLEST_NORMAL) & (magnitude > 0)).any())
