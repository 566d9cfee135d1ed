"""Resamples the taps of impulse responses as NAM Core does, for a pedal of another rate."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.ir import Linear, Network, Sequential

F64: TypeAlias = npt.NDArray[np.float64]

MAX_TAPS = 1 << 22
"""Taps of a response after resampling, over all its paths."""


def resample(network: Network, *, from_hz: int, to_hz: int) -> Network:
    """Resample a Linear, or a Sequential of Linears; the biases stay.

    Raises:
        UnsupportedError: it would have millions of taps.

    """
    if isinstance(network, Sequential):
        parts = (resample(part, from_hz=from_hz, to_hz=to_hz) for part in network.networks)
        return Sequential(tuple(parts))
    assert isinstance(network, Linear)
    newest_first = network.conv.weight[:, :, ::-1]
    check_length(newest_first.size, from_hz=from_hz, to_hz=to_hz)
    made = resample_taps(newest_first, from_hz=from_hz, to_hz=to_hz)[:, :, ::-1]
    return Linear(replace(network.conv, weight=np.ascontiguousarray(made)))


def check_length(taps: int, *, from_hz: int, to_hz: int) -> None:
    """Refuse what would become too long.

    Raises:
        UnsupportedError: it would have millions of taps.

    """
    made = taps * to_hz // from_hz
    if made > MAX_TAPS:
        raise UnsupportedError(
            f"sample rate: {taps} taps at {from_hz} Hz would be {made} at {to_hz} Hz, expected at"
            f" most {MAX_TAPS}"
        )


def resample_taps(taps: F32, *, from_hz: int, to_hz: int) -> F32:
    """Resample along the last axis, in float64 and rounded once.

    Tap k is the value at place ``k * from_hz / to_hz`` of a cubic (Catmull-Rom) through the four
    taps around it, zero outside, times ``from_hz / to_hz``; as many as lie before the end.
    """
    count = -(-taps.shape[-1] * to_hz // from_hz)
    place = np.arange(count) * from_hz
    before, fraction = place // to_hz, (place % to_hz) / to_hz
    padded = np.zeros((*taps.shape[:-1], taps.shape[-1] + 3))
    padded[..., 1:-2] = taps
    a, b, c, d = (padded[..., before + offset] for offset in range(4))
    values = _cubic(a, b, c, d, fraction) * (from_hz / to_hz)
    return np.asarray(values, np.float32)


def resample_samples(samples: F32, *, from_hz: int, to_hz: int) -> F32:
    """Resample what was played, along the last axis: as taps, but its level stays."""
    return resample_taps(samples, from_hz=from_hz, to_hz=to_hz) * (to_hz / from_hz)


def _cubic(a: F64, b: F64, c: F64, d: F64, x: F64) -> F64:
    """Go from b (x = 0) to c (x = 1), with the slopes (c - a) / 2 and (d - b) / 2 there."""
    first, last = (c - a) / 2, (d - b) / 2
    square = 3 * (c - b) - 2 * first - last
    cube = 2 * (b - c) + first + last
    return b + x * (first + x * (square + x * cube))
