"""How loud a capture is whose file does not say it: it plays half a second of namgen's own."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.decimals import decibels
from namgen.chain.turns import F64
from namgen.ir import Model
from namgen.reference.networks import Reference

STROKE_FRAMES = 6000
DIGITS = 1
"""Of a loudness in dB: more would tell signals apart, and not captures."""

_QUIETEST_RMS = 1e-6
_PICKED_AT = 7
"""The string is plucked at one in so many parts of its length."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """Strings sounded together: frames of each one's period, the first burst's size, its decay."""

    periods: tuple[int, ...]
    size: float
    decay: float


STROKES = (
    Stroke((582, 388, 291), 0.25, 0.998),
    Stroke((194,), 0.29, 0.996),
    Stroke((436, 291, 218, 173), 0.10, 0.998),
    Stroke((582,), 0.372, 0.97),
)
"""A loud chord, a single note, a soft chord, a damped string; 582 frames are the low E.

Together as loud as the clip that trainers state the loudness for: -15.0 dB.
"""


def measured_loudness(model: Model) -> float | None:
    """Return the RMS in dB of what a capture makes of `strokes`, as trainers state it of their own.

    The reference plays it and the sums are exact, so that the number is the same everywhere. None
    where nothing sensible comes: silence, infinities, or more than one channel.
    """
    if (model.network.in_channels, model.network.out_channels) != (1, 1):
        return None
    played = Reference(model).process(strokes()[None, :]).ravel().astype(np.float64)
    power = math.fsum((played * played).tolist()) / len(played)
    if not math.isfinite(power) or power < _QUIETEST_RMS**2:
        return None
    return round(decibels(power) / 2, DIGITS)


@cache
def strokes() -> F32:
    """Make the signal, (frames,): plucked strings, by the method of Karplus and Strong.

    Only sums and products one by one, so the samples are the same on every machine.
    """
    source = random.Random(1954)
    samples = np.concatenate([_stroke(stroke, source) for stroke in STROKES])
    made = samples.astype(np.float32)
    made.flags.writeable = False
    return made


def _stroke(stroke: Stroke, source: random.Random) -> F64:
    total = np.zeros(STROKE_FRAMES)
    for period in stroke.periods:
        rounds = _rounds(_burst(period, stroke.size, source), stroke.decay)
        count = -(-STROKE_FRAMES // period)
        total += np.concatenate([next(rounds) for _ in range(count)])[:STROKE_FRAMES]
    return total


def _burst(period: int, size: float, source: random.Random) -> F64:
    """Noise of one period, without what a string plucked at this place does not have."""
    noise = np.array([size * (2 * source.random() - 1) for _ in range(period)])
    soft = (noise + np.roll(noise, 1) + np.roll(noise, 2)) * 0.5
    return np.asarray(soft - np.roll(soft, period // _PICKED_AT), np.float64)


def _rounds(string: F64, decay: float) -> Iterator[F64]:
    """Yield period after period, each the mean of neighbours in the one before."""
    while True:
        yield string
        string = (0.5 * decay) * (string + np.roll(string, -1))
