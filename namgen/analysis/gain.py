"""How far a sine is driven, and how loud each frequency comes back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from namgen.analysis.bench import Bench, amplitude, decibels

CURVE_HZ = 220.0
DRIVES_DB = (-40.0, -20.0, -6.0)
"""Of what is played to find a response: a guitar played softly, well, and hard."""

_CURVE_DB = tuple(float(level) for level in range(-60, 1, 3))
_LOWEST_HZ, _HIGHEST_HZ, _STEPS = 40.0, 16000.0, 32
_HIGHEST_SHARE = 0.45
"""Of the sample rate: above it a model without an anti-aliasing filter says nothing."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a sine of 220 Hz becomes: the static curve, point by point."""

    in_db: float
    out_db: float  # of the whole output's RMS, as a sine that has it
    highest: float  # sample, about what silence comes to
    lowest: float


@dataclass(frozen=True, slots=True)
class Response:
    """How much louder each frequency comes back, itself alone, without its harmonics."""

    drive_db: float
    hz: tuple[float, ...]
    gains_db: tuple[float, ...]


def reaches_of(bench: Bench) -> tuple[Reach, ...]:
    """Drive a sine from -60 dB to full scale."""
    rest = float(bench.settled({})[-1])
    return tuple(_reach(bench, level, rest) for level in _CURVE_DB)


def _reach(bench: Bench, level_db: float, rest: float) -> Reach:
    heard = bench.settled({bench.bin_of(CURVE_HZ): amplitude(level_db)})
    as_sine = math.sqrt(2 * float(np.mean((heard - heard.mean()) ** 2)))
    highest, lowest = float(heard.max()) - rest, float(heard.min()) - rest
    return Reach(level_db, decibels(as_sine), round(highest, 5), round(lowest, 5))


def responses_of(bench: Bench) -> tuple[Response, ...]:
    """Play single sines over all that a guitar has, at three drives."""
    top = min(_HIGHEST_HZ, _HIGHEST_SHARE * bench.rate_hz)
    steps = np.geomspace(_LOWEST_HZ, top, _STEPS).tolist()
    numbers = list(dict.fromkeys(map(bench.bin_of, steps)))
    return tuple(_response(bench, numbers, drive) for drive in DRIVES_DB)


def _response(bench: Bench, numbers: list[int], drive_db: float) -> Response:
    size = amplitude(drive_db)
    gains = [decibels(float(bench.amplitudes({n: size})[n]) / size) for n in numbers]
    return Response(drive_db, tuple(map(bench.hz_of, numbers)), tuple(gains))
