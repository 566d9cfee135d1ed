"""Convolution by parts: `firmware/chain/partitioned.c` and `skew_transform.c`.

Vectorised over all parts of sound that are given at once, and over bins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.level import Level
from namgen.chain.skew import BINS_OF_GROUP, STAGES
from namgen.chain.twin.points import Points, fours, threes, twos
from namgen.reference.fma import fma

_COS_16TH, _SIN_16TH = np.float32(0.923879532511286756), np.float32(0.382683432365089772)
_COS_8TH = np.float32(0.707106781186547524)


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Bins of parts of sound, (parts of sound, groups, 4)."""

    re: F32
    im: F32


class Transform:
    """There and back, for parts of `frames` frames."""

    def __init__(self, level: Level) -> None:
        self.frames = level.frames
        words = level.twiddles
        self._first = Points(words.first[..., 0].T, words.first[..., 1].T)  # (4, frames / 4)
        self._middle = Points(words.middle[..., 0].T, words.middle[..., 1].T)  # (radix - 1, 4)
        self._radix = STAGES[level.frames][1] if len(STAGES[level.frames]) == 3 else 1

    def forward(self, samples: F32) -> Spectrum:
        """Transform parts (count, frames): `skew_forward`."""
        z = _of_samples(samples.reshape(-1, 4, self.frames // 4)).turned(self._first)
        z = self._columns(z, _FORWARD)
        z = self._groups(z, back=False)
        return Spectrum(z.re, z.im)

    def backward(self, bins: Spectrum) -> tuple[F32, F32]:
        """Return samples without overlap, and overlaps, (count, frames) both: `skew_backward`."""
        z = self._groups(Points(bins.re, bins.im), back=True)
        z = self._columns(z, _BACKWARD)
        shape = (-1, 4, self.frames // 4)
        z = Points(z.re.reshape(shape), z.im.reshape(shape)).turned_back(self._first)
        return _to_samples(fours(z, axis=1, back=True), self.frames)

    def _columns(self, z: Points, stages: Sequence[Callable[[Points, Points], Points]]) -> Points:
        """Run the middle stage over columns four points apart, (count, 4, radix, 4)."""
        if self._radix == 1:
            return z
        shape = (-1, 4, self._radix, 4)
        columns = Points(z.re.reshape(shape), z.im.reshape(shape))
        return stages[self._radix - 2](columns, self._middle)

    def _groups(self, z: Points, *, back: bool) -> Points:
        """Run the last stage over groups of four points, (count, groups, 4)."""
        shape = (-1, self.frames // BINS_OF_GROUP, BINS_OF_GROUP)
        groups = Points(z.re.reshape(shape), z.im.reshape(shape))
        if len(STAGES[self.frames]) == 3 or STAGES[self.frames][1] == 4:
            return fours(groups, axis=2, back=back)
        paired = (-1, self.frames // 2, 2)
        pairs = twos(Points(groups.re.reshape(paired), groups.im.reshape(paired)), axis=2)
        return Points(pairs.re.reshape(shape), pairs.im.reshape(shape))


def _radix_2(z: Points, w: Points) -> Points:
    return twos(z, axis=2).turned_from_one(w)


def _radix_3(z: Points, w: Points) -> Points:
    return threes(z, axis=2).turned_from_one(w)


def _radix_4(z: Points, w: Points) -> Points:
    return fours(z, axis=2).turned_from_one(w)


def _back_2(z: Points, w: Points) -> Points:
    return twos(z.turned_back_from_one(w), axis=2)


def _back_3(z: Points, w: Points) -> Points:
    return threes(z.turned_back_from_one(w), axis=2, back=True)


def _back_4(z: Points, w: Points) -> Points:
    return fours(z.turned_back_from_one(w), axis=2, back=True)


_FORWARD = (_radix_2, _radix_3, _radix_4)
_BACKWARD = (_back_2, _back_3, _back_4)


def _of_samples(x: F32) -> Points:
    """See `four_of_samples`: (count, 4, frames / 4)."""
    x0, x1, x2, x3 = (x[:, quarter] for quarter in range(4))
    eighth = x2 * _COS_8TH
    one = Points(x1 * _COS_16TH, x1 * -_SIN_16TH)
    three = Points(x3 * _SIN_16TH, x3 * -_COS_16TH)
    even, first = Points(x0 + eighth, -eighth), Points(x0 - eighth, eighth)
    odd, second = one.plus(three), one.minus(three)
    bins = (
        even.plus(odd),
        first.less_quarter(second),
        even.minus(odd),
        first.plus_quarter(second),
    )
    return Points(np.stack([b.re for b in bins], 1), np.stack([b.im for b in bins], 1))


def _to_samples(x: Points, frames: int) -> tuple[F32, F32]:
    """See the end of `first_backward`."""
    re, im = ([v[:, quarter] for quarter in range(4)] for v in (x.re, x.im))
    now = [
        re[0],
        fma(-im[1], _SIN_16TH, re[1] * _COS_16TH),
        (re[2] - im[2]) * _COS_8TH,
        fma(-im[3], _COS_16TH, re[3] * _SIN_16TH),
    ]
    overlap = [
        -im[0],
        -fma(im[1], _COS_16TH, re[1] * _SIN_16TH),
        -((re[2] + im[2]) * _COS_8TH),
        -fma(im[3], _SIN_16TH, re[3] * _COS_16TH),
    ]
    return np.stack(now, 1).reshape(-1, frames), np.stack(overlap, 1).reshape(-1, frames)


class Partitioned:
    """See `partitioned.h`: parts of sound in, as many out."""

    def __init__(self, level: Level) -> None:
        self._transform, self._parts = Transform(level), level.parts
        self._shape = (level.parts, level.groups, BINS_OF_GROUP)
        self._frames = level.frames
        self.response = np.zeros((level.groups, level.parts, 2 * BINS_OF_GROUP), np.float32)
        self.reset()

    def reset(self) -> None:
        """See `partitioned_reset`."""
        self._heard = Spectrum(np.zeros(self._shape, np.float32), np.zeros(self._shape, np.float32))
        self._overlap = np.zeros((1, self._frames), np.float32)

    def play(self, samples: F32) -> F32:
        """Convolve whole parts, (frames,)."""
        heard = self._transform.forward(samples.reshape(-1, self._frames))
        past = self._parts
        re = np.concatenate([self._heard.re, heard.re])
        im = np.concatenate([self._heard.im, heard.im])
        self._heard = Spectrum(re[-past:], im[-past:])
        now, overlap = self._transform.backward(self._products(re, im, len(heard.re)))
        before = np.concatenate([self._overlap, overlap[:-1]])
        self._overlap = overlap[-1:]
        return (before + now).ravel()

    def _products(self, re: F32, im: F32, count: int) -> Spectrum:
        """See `partitioned_multiply`: from the newest part of sound to the oldest."""
        sum_re = np.zeros((count, *self._shape[1:]), np.float32)
        sum_im = sum_re
        for part in range(self._parts):
            first = self._parts - part
            x_re, x_im = re[first : first + count], im[first : first + count]
            h_re = self.response[:, part, :BINS_OF_GROUP]
            h_im = self.response[:, part, BINS_OF_GROUP:]
            sum_re, sum_im = fma(x_re, h_re, sum_re), fma(x_re, h_im, sum_im)
            sum_re, sum_im = fma(-x_im, h_im, sum_re), fma(x_im, h_re, sum_im)
        return Spectrum(sum_re, sum_im)
