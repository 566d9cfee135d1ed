"""Finds scales by which silence leaves no remainder: error feedback has nothing to play then.

A remainder that is fed back in silence comes out as a tone. At rest every number is a constant,
so the step of a channel is moved by very little until the constant has no remainder. Where no such
step is near, the channel goes without feedback.
"""

from __future__ import annotations

import numpy as np

from namgen.fixed.operations import I64, high
from namgen.fixed.real import F64

_FINE = 1.0 + np.arange(20001) * 2e-7
_COARSE = 1.004 + np.arange(60000) * 1.6e-5

MASK_BITS = 8
"""Bits of a remainder that come back: an ARM immediate has so many."""


def whole_mask(shift: int) -> int:
    """Return the mask of the upper bits of what a shift cuts off."""
    return (1 << shift) - (1 << max(shift - MASK_BITS, 0))


def scale_of(z: float, t: F64) -> I64:
    """Return `Slopes.scale` for a step of z and steps of t."""
    return np.rint(z / t * 2.0**32).astype(np.int64)


def bend_of(z: float, t: F64, slope: float) -> I64:
    """Return `Slopes.bend`."""
    return np.rint((slope - 1.0) * z / t * 2.0**32).astype(np.int64)


def activated(z: int, scale: I64, bend: I64) -> I64:
    """Return t for one z and many scales."""
    return high(np.int64(z) + 0 * scale, scale) + high(np.int64(min(z, 0)) + 0 * bend, bend)


def quiet_t(z: float, t: float, slope: float, rest: int, shift: int, most: float) -> float:
    """Return a step of t, from t up to t * most, for which t at rest has no remainder; or t.

    z is the step of z and `rest` the integer z at rest.
    """
    factors = np.concatenate((_FINE, _COARSE))
    steps = t * factors[factors <= most]
    if steps.size == 0:
        return t
    values = activated(rest, scale_of(z, steps), bend_of(z, steps, slope))
    hits = np.flatnonzero((values & whole_mask(shift)) == 0)
    return float(steps[hits[0]]) if hits.size else t
