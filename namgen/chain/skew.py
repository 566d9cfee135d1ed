"""The skew-circular transform of `firmware/chain/skew_transform.h`: its twiddles and spectra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.turns import F64, I64, Complex, roots

STAGES: dict[int, tuple[int, ...]] = {
    8: (4, 2),
    16: (4, 4),
    32: (4, 2, 4),
    48: (4, 3, 4),
    64: (4, 4, 4),
}
"""Lengths of parts, and the stages of their transforms."""

BINS_OF_GROUP = 4


@dataclass(frozen=True, slots=True, eq=False)
class Twiddles:
    """Pairs of cosine and sine as the C reads them."""

    first: F32  # (frames / 4, 4, 2)
    middle: F32  # (4, radix - 1, 2); (0, 0, 2) where there is no middle stage

    @property
    def middle_points(self) -> int:
        """Pairs of the middle stage."""
        return self.middle.size // 2


def twiddles(frames: int) -> Twiddles:
    """Return the twiddles of a transform of so many frames."""
    j, q = np.arange(frames // 4)[:, None], np.arange(4)[None]
    first = _pairs(j * (1 + 4 * q), 4 * frames)
    if len(STAGES[frames]) < 3:
        return Twiddles(first, np.zeros((0, 0, 2), np.float32))
    radix = STAGES[frames][1]
    j, q = np.arange(4)[:, None], np.arange(1, radix)[None]
    return Twiddles(first, _pairs(j * q, 4 * radix))


def spectra(taps: F64, frames: int) -> F32:
    """Transform the parts of a response.

    Returns:
        (frames / 4, parts, 8): of each group of bins and each part four real parts, then four
        imaginary ones; 1 / frames is in them.

    """
    parts = -(-len(taps) // frames)
    padded = np.zeros(parts * frames)
    padded[: len(taps)] = taps
    bins = _bins(padded.reshape(parts, frames))
    grouped = (
        v.reshape(parts, frames // BINS_OF_GROUP, BINS_OF_GROUP).transpose(1, 0, 2)
        for v in (bins.re, bins.im)
    )
    return np.concatenate(list(grouped), axis=-1).astype(np.float32)


def bin_order(frames: int) -> I64:
    """Return which bin stands where, as the stages leave them."""
    order, step = np.zeros(1, np.int64), 1
    for radix in STAGES[frames]:
        order = (order[:, None] + step * np.arange(radix)).ravel()
        step *= radix
    return order


def _bins(parts: F64) -> Complex:
    """Sum up the bins of every part (parts, frames), in the order of the stages."""
    frames = parts.shape[1]
    order, root = bin_order(frames), roots(4 * frames)
    re, im = np.zeros_like(parts), np.zeros_like(parts)
    for n in range(frames):
        place = n * (1 + 4 * order) % (4 * frames)
        re += parts[:, n, None] * root.re[place]
        im += parts[:, n, None] * root.im[place]
    return Complex(re / frames, im / frames)


def _pairs(numerator: I64, denominator: int) -> F32:
    root = roots(denominator)
    place = numerator % denominator
    return np.stack([root.re[place], root.im[place]], axis=-1).astype(np.float32)
