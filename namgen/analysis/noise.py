"""What is heard where nothing is played, and what becomes of a guitar's own hiss."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np

from namgen.analysis.bench import F64, Bench, amplitude, decibels

HISS_DB = -90.0
_WINDOWS = 4


@dataclass(frozen=True, slots=True)
class Noise:
    """Silence and hiss; levels are those of a sine that has the same RMS."""

    rest_db: float  # of the constant that silence comes to
    moving_db: float | None  # of what still moves in it; None: nothing does
    hiss_in_db: float
    hiss_out_db: float


def noise_of(bench: Bench) -> Noise:
    """Play silence, after a sound, and hiss."""
    burst = np.sin(np.arange(bench.frames) * (2 * math.pi * bench.bin_of(220) / bench.frames))
    silence = bench.played(np.concatenate([0.5 * burst, np.zeros(_WINDOWS * bench.frames)]))
    last = silence[-bench.frames :]
    moving = float(np.ptp(last))
    return Noise(
        decibels(abs(float(last.mean()))),
        None if moving == 0.0 else decibels(_as_sine(last)),
        HISS_DB,
        decibels(_as_sine(bench.played(_hiss(_WINDOWS * bench.frames))[bench.frames :])),
    )


def _hiss(frames: int) -> F64:
    source = random.Random(1954)
    noise = np.array([source.uniform(-1.0, 1.0) for _ in range(frames)])
    return noise * (amplitude(HISS_DB) / _as_sine(noise))


def _as_sine(samples: F64) -> float:
    return math.sqrt(2 * float(np.mean((samples - samples.mean()) ** 2)))
