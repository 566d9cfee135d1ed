"""Complex float32, and the stages of a transform: `firmware/chain/skew_transform.c`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32
from namgen.reference.fma import fma

_SIN_3RD = np.float32(0.866025403784438647)
_HALF = np.float32(0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Complex numbers as two arrays of one shape."""

    re: F32
    im: F32

    def at(self, place: int, axis: int) -> Points:
        """Take one place along an axis away."""
        return Points(np.take(self.re, place, axis), np.take(self.im, place, axis))

    def plus(self, other: Points) -> Points:
        """See `sum`."""
        return Points(self.re + other.re, self.im + other.im)

    def minus(self, other: Points) -> Points:
        """See `difference`."""
        return Points(self.re - other.re, self.im - other.im)

    def less_quarter(self, other: Points) -> Points:
        """See `less_quarter`."""
        return Points(self.re + other.im, self.im - other.re)

    def plus_quarter(self, other: Points) -> Points:
        """See `plus_quarter`."""
        return Points(self.re - other.im, self.im + other.re)

    def turned(self, w: Points) -> Points:
        """See `turned`."""
        return Points(
            fma(-self.im, w.im, self.re * w.re),
            fma(self.im, w.re, self.re * w.im),
        )

    def turned_back(self, w: Points) -> Points:
        """See `turned_back`."""
        return Points(
            fma(self.im, w.im, self.re * w.re),
            fma(self.im, w.re, -self.re * w.im),
        )

    def turned_from_one(self, w: Points) -> Points:
        """Turn all but the first of the last axis but one."""
        return _first_as_it_is(self, _rest(self).turned(w))

    def turned_back_from_one(self, w: Points) -> Points:
        """Turn all but the first of the last axis but one back."""
        return _first_as_it_is(self, _rest(self).turned_back(w))


def twos(z: Points, *, axis: int) -> Points:
    """Return sums and differences of pairs along an axis."""
    a, b = z.at(0, axis), z.at(1, axis)
    return _stack([a.plus(b), a.minus(b)], axis)


def threes(z: Points, *, axis: int, back: bool = False) -> Points:
    """See `three_forward` and `three_backward`, without the twiddles."""
    a, b, c = (z.at(place, axis) for place in range(3))
    both = b.plus(c)
    side = Points((b.re - c.re) * _SIN_3RD, (b.im - c.im) * _SIN_3RD)
    middle = Points(fma(-_HALF, both.re, a.re), fma(-_HALF, both.im, a.im))
    ends = [middle.less_quarter(side), middle.plus_quarter(side)]
    return _stack([a.plus(both), *(reversed(ends) if back else ends)], axis)


def fours(z: Points, *, axis: int, back: bool = False) -> Points:
    """See `four_forward` and `four_backward`."""
    a, b, c, d = (z.at(place, axis) for place in range(4))
    even, odd, first, second = a.plus(c), b.plus(d), a.minus(c), b.minus(d)
    sides = [first.less_quarter(second), first.plus_quarter(second)]
    one, three = reversed(sides) if back else sides
    return _stack([even.plus(odd), one, even.minus(odd), three], axis)


def _rest(z: Points) -> Points:
    return Points(z.re[..., 1:, :], z.im[..., 1:, :])


def _first_as_it_is(z: Points, rest: Points) -> Points:
    return Points(
        np.concatenate([z.re[..., :1, :], rest.re], axis=-2),
        np.concatenate([z.im[..., :1, :], rest.im], axis=-2),
    )


def _stack(points: list[Points], axis: int) -> Points:
    return Points(np.stack([p.re for p in points], axis), np.stack([p.im for p in points], axis))
