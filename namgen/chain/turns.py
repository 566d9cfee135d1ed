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
_QUARTER_TURN, _QUARTER_TURN_REST = 1.5707963267948966, 6.123233995736766e-17
_LN_2, _LN_2_REST = 0.6931471805599453, 2.3190468138462996e-17
_SQRT_HALF = 0.7071067811865476
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
    """Return the Fourier transform of (count,) numbers, a power of two (Stockham's order)."""
    count = len(x.re)
    rows = Complex(x.re.reshape(count, 1), x.im.reshape(count, 1))
    while count > 1:
        half = count // 2
        a, b = _rows(rows, 0, half), _rows(rows, half, count)
        root = _rows(roots(count), 0, half)
        turned = a.minus(b).times(Complex(root.re[:, None], root.im[:, None]))
        both = a.plus(b)
        rows = Complex(
            np.concatenate([both.re, turned.re], axis=1),
            np.concatenate([both.im, turned.im], axis=1),
        )
        count = half
    return Complex(rows.re.ravel(), rows.im.ravel())


def inverse(x: Complex) -> Complex:
    """Return what `transform` made `x` of."""
    swapped = transform(Complex(x.im, x.re))
    return Complex(swapped.im / len(x.re), swapped.re / len(x.re))


def of_real(x: F64, count: int) -> Complex:
    """Return the transform of real numbers, zeros behind them up to `count`."""
    padded = np.zeros(count)
    padded[: len(x)] = x
    return transform(Complex(padded, np.zeros(count)))


def exponential(x: Complex) -> Complex:
    """Return ``exp(x)``, for imaginary parts of up to some thousand turns."""
    quarters = np.rint(x.im / _QUARTER_TURN)
    angle = x.im - quarters * _QUARTER_TURN
    angle = angle - quarters * _QUARTER_TURN_REST
    cos, sin = _cosine(angle), _sine(angle)
    turn = quarters.astype(np.int64) % 4
    size = _real_exponential(x.re)
    re = np.select([turn == 0, turn == 1, turn == 2], [cos, -sin, -cos], sin)
    im = np.select([turn == 0, turn == 1, turn == 2], [sin, cos, -sin], -cos)
    return Complex(size * re, size * im)


def logarithm(x: F64) -> F64:
    """Return the natural logarithm of positive numbers."""
    fraction, exponent = np.frexp(x)
    small = fraction < _SQRT_HALF
    fraction, exponent = np.where(small, 2 * fraction, fraction), exponent - small
    ratio = (fraction - 1) / (fraction + 1)
    square = ratio * ratio
    total = np.zeros_like(x)
    for k in range(2 * _TERMS - 1, 0, -2):
        total = total * square + 1.0 / k
    return np.asarray(2 * ratio * total + exponent * _LN_2, np.float64)


def _real_exponential(x: F64) -> F64:
    halvings = np.rint(x / _LN_2)
    rest = (x - halvings * _LN_2) - halvings * _LN_2_REST
    total = np.ones_like(x)
    for k in range(2 * _TERMS, 0, -1):
        total = 1.0 + total * rest / k
    return np.asarray(np.ldexp(total, halvings.astype(np.int64)), np.float64)


def _rows(x: Complex, first: int, end: int) -> Complex:
    return Complex(x.re[first:end], x.im[first:end])


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
