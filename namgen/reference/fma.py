"""Float32 arithmetic with one rounding per fused multiply-add, exactly as the C computes it.

NumPy has no fused multiply-add. The product of two float32 is exact in float64, so only the sum
can round; rounding it once more to float32 is wrong only where the float64 sum is inexact and
yet lies exactly on a float32 rounding midpoint. Those rare sums are found by their bits and
rounded to odd with the error that TwoSum recovers; then the second rounding is the correct one.

Among subnormal results the midpoints look different, so where there is one, or could be, every
sum is rounded to odd. That is needed only for products below 2**-131: the sum is a multiple of
the last bits of product and addend, and what is below 2**-126 and a multiple of 2**-179 is exact
in float64.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32, Elements

F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]
U32: TypeAlias = npt.NDArray[np.uint32]

_TILE = 16384  # elements per pass, so that the float64 scratch stays in the second-level cache
_LOW_BITS_TO_TOP = 64 - 29  # float64 has 52 fraction bits, float32 has 23
_MIDPOINT = np.iinfo(np.int64).min  # 1 and 28 zeros, at the top
_TINY_PRODUCT = 2.0**-130
_LEAST_NORMAL_BITS = 0x00800000


def fma(a: npt.ArrayLike, b: npt.ArrayLike, c: npt.ArrayLike) -> F32:
    """Return ``a * b + c`` with one rounding, as hardware does; the shapes broadcast.

    Infinities and NaN propagate without a warning. Equal to C ``fmaf`` in every bit, except
    that the payload of a NaN is unspecified.
    """
    left, right, addend = (
        np.asarray(a, np.float32),
        np.asarray(b, np.float32),
        np.asarray(c, np.float32),
    )
    shape = np.broadcast(left, right, addend).shape
    with np.errstate(all="ignore"):
        if math.prod(shape) <= _TILE:
            return _fma_tile(left, right, addend)
        left, right, addend = np.broadcast_arrays(left, right, addend)
        out = np.empty(shape, np.float32)
        for tile in _tiles(shape):
            out[tile] = _fma_tile(left[tile], right[tile], addend[tile])
        return out


def fma_rows(acc: F32, weight: F32, rows: Sequence[Elements]) -> F32:
    """Return ``acc`` after ``acc = fma(weight[:, [j]], rows[j], acc)`` for j ascending.

    `acc` is (out, frames), or (out, 1) to start every frame alike; `weight` is (out, n); `rows`
    are n arrays of (frames,). The same bits as n calls of `fma`, in less than half the time.
    """
    frames = rows[0].shape[0] if rows else acc.shape[1]
    start = np.broadcast_to(acc, (weight.shape[0], frames))
    out = np.empty(start.shape, np.float32)
    step = max(256, _TILE // max(1, weight.shape[0]))
    columns = np.ascontiguousarray(weight.T)
    with np.errstate(all="ignore"):
        for first in range(0, frames, step):
            here = slice(first, first + step)
            tile = np.array([row[here] for row in rows], np.float32)
            out[:, here] = _chain(start[:, here], columns, tile)
    return out


def _tiles(shape: tuple[int, ...]) -> Iterator[tuple[slice | int, ...]]:
    """Cut an array into pieces of at most `_TILE` elements, along the leading axes first."""
    inner = int(np.prod(shape[1:], dtype=np.int64))
    if inner > _TILE:
        for index in range(shape[0]):
            for rest in _tiles(shape[1:]):
                yield (index, *rest)
        return
    step = _TILE // max(1, inner)
    for first in range(0, shape[0], step):
        yield (slice(first, first + step),)


def _fma_tile(left: F32, right: F32, addend: F32) -> F32:
    product: F64 = np.asarray(np.multiply(left, right, dtype=np.float64))
    total: F64 = np.asarray(np.add(product, addend, dtype=np.float64))
    rounded = total.astype(np.float32)
    midpoint = _has_midpoint(total, np.empty(total.shape, np.int64))
    if midpoint or _least_magnitude_bits(rounded) <= _LEAST_NORMAL_BITS:
        _round_to_odd(total, product, addend.astype(np.float64))
        rounded = total.astype(np.float32)
    return rounded


def _chain(start: F32, columns: F32, rows: F32) -> F32:
    """One tile of `fma_rows`: the float32 sums stay in float64 between the steps."""
    least_row = _least_magnitude(rows)
    may_be_tiny = _least_magnitude(columns) * least_row < _TINY_PRODUCT
    if not may_be_tiny and 0 < columns.size * start.shape[1] <= _TILE:
        quick = _quick_chain(start, columns, rows)
        if quick is not None:
            return quick
    rounded = np.array(start, order="C")
    acc = rounded.astype(np.float64)
    product, total = np.empty_like(acc), np.empty_like(acc)
    scratch = np.empty(acc.shape, np.int64)
    for column, row in zip(columns, rows.astype(np.float64), strict=True):
        np.multiply(column.astype(np.float64)[:, None], row, out=product)
        np.add(product, acc, out=total)
        tiny = may_be_tiny and _least_magnitude(column) * least_row < _TINY_PRODUCT
        if tiny or _has_midpoint(total, scratch):
            _round_to_odd(total, product, acc)
        rounded[...] = total
        acc[...] = rounded
    return rounded


def _quick_chain(start: F32, columns: F32, rows: F32) -> F32 | None:
    """A short tile without a product below 2**-131; None where a sum has to be rounded to odd.

    There the calls cost more than the arithmetic, so all products are made at once and all sums
    are looked at in the end.
    """
    sums: F64 = columns.astype(np.float64)[:, :, None] * rows.astype(np.float64)[:, None, :]
    rounded = start
    for total in sums:
        np.add(total, rounded, out=total)
        rounded = total.astype(np.float32)
    return None if _has_midpoint(sums, np.empty(sums.shape, np.int64)) else rounded


def _least_magnitude(x: F32) -> float:
    """The least magnitude in `x` that is not zero; a NaN when there is none."""
    return float(np.uint32(_least_magnitude_bits(x)).view(np.float32))


def _least_magnitude_bits(x: F32) -> int:
    """The bits of the least magnitude in `x` that is not zero; 0x7FFFFFFF when there is none."""
    magnitudes = x.view(np.uint32) << np.uint32(1)
    magnitudes -= np.uint32(1)  # zero becomes the largest
    least = int(np.minimum.reduce(magnitudes, axis=None, initial=0xFFFFFFFF))
    return min((least + 1) // 2, 0x7FFFFFFF)


def _has_midpoint(total: F64, scratch: I64) -> bool:
    """Whether some float64 in `total` lies halfway between two normal float32."""
    np.left_shift(total.view(np.int64), _LOW_BITS_TO_TOP, out=scratch)
    return bool(np.minimum.reduce(scratch, axis=None, initial=0) == _MIDPOINT)


def _round_to_odd(total: F64, product: F64, addend: F64) -> None:
    """Make `total`, the rounded sum of the others, odd in its last bit where it is inexact."""
    back = total - product
    error = (product - (total - back)) + (addend - back)  # TwoSum (Knuth)
    bits = total.view(np.int64)
    even = (bits & 1) == 0
    away = np.where((error > 0) == (total > 0), np.int64(1), np.int64(-1))
    bits += np.where(even & (error != 0) & np.isfinite(total), away, np.int64(0))
