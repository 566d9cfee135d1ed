"""Cosines and sines of parts of a turn, and Fourier transforms, from float64 operations alone.

`np.fft`, `np.cos` and complex products round as a machine's libraries and vector units like it;
sums, products and their order here are the same everywhere. The error is a few units of the last
place, far below what a float32 keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]

_TWO_PI = 6.283185307179586
_TERMS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Complex:
    """Complex numbers as two arrays of one shape."""

    re: F64
    im: F64

    def times(self, other: Complex) -> Complex:
        """Return the products."""
        re = self.re * other.re - self.im * other.im
        return Complex(re, self.re * other.im + self.im * other.re)

    def plus(self, other: Complex) -> Complex:
        """Return the sums."""
        return Complex(self.re + other.re, self.im + other.im)

    def minus(self, other: Complex) -> Complex:
        """Return the differences."""
        return Complex(self.re - other.re, self.im - other.im)

    @property
    def power(self) -> F64:
        """The squares of the magnitudes."""
        return self.re * self.re + self.im * self.im


@lru_cache(maxsize=32)
def roots(count: int) -> Complex:
    """Return ``exp(-2 pi i k / count)`` for k from 0 on, (count,)."""
    eighths, left = np.divmod(np.arange(count, dtype=np.int64) * 8, count)
    is_odd = eighths % 2 == 1
    angle = np.where(is_odd, count - left, left) * (_TWO_PI / (8 * count))
    cos, sin = _cosine(angle), _sine(angle)
    near, far = np.where(is_odd, sin, cos), np.where(is_odd, cos, sin)  # within a quarter turn
    quarters = eighths // 2
    re = np.select([quarters == 0, quarters == 1, quarters == 2], [near, -far, -near], far)
    im = np.select([quarters == 0, quarters == 1, quarters == 2], [far, near, -far], -near)
    return Complex(re, -im)


def transform(x: Complex) -> Complex:
    """Return the Fourier transform along the last axis, whose length is a power of two."""
    count = x.re.shape[-1]
    if count == 1:
        return x
    even, odd = transform(_every_second(x, 0)), transform(_every_second(x, 1))
    half = count // 2
    root = roots(count)
    turned = odd.times(Complex(root.re[:half], root.im[:half]))
    above, below = even.plus(turned), even.minus(turned)
    return Complex(
        np.concatenate([above.re, below.re], axis=-1), np.concatenate([above.im, below.im], axis=-1)
    )


def inverse(x: Complex) -> Complex:
    """Return what `transform` made `x` of."""
    count = x.re.shape[-1]
    swapped = transform(Complex(x.im, x.re))
    return Complex(swapped.im / count, swapped.re / count)


def of_real(x: F64, count: int) -> Complex:
    """Return the transform of real numbers, zeros behind them up to `count`."""
    padded = np.zeros((*x.shape[:-1], count))
    padded[..., : x.shape[-1]] = x
    return transform(Complex(padded, np.zeros_like(padded)))


def _every_second(x: Complex, first: int) -> Complex:
    return Complex(x.re[..., first::2], x.im[..., first::2])


def _cosine(angle: F64) -> F64:
    """The series, for an eighth of a turn or less."""
    return _series(angle, 0)


def _sine(angle: F64) -> F64:
    return angle * _series(angle, 1)


def _series(angle: F64, odd: int) -> F64:
    """Sum ``(-angle^2)^k / (2k + odd)!``, the smallest first."""
    square = angle * angle
    total = np.zeros_like(angle)
    for k in range(_TERMS, 0, -1):
        total = (total + 1.0) * (-square / ((2 * k + odd) * (2 * k + odd - 1)))
    return total + 1.0
