"""How a capture falls silent when a tone stops at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from namgen.analysis.bench import F64, Bench, amplitude, decibels
from namgen.analysis.gain import CURVE_HZ

TONE_DB = -12.0
GONE_DB = -60.0
_TONE_WINDOWS, _SILENT_WINDOWS = 3, 4
_STEPS_PER_WINDOW = 10


@dataclass(frozen=True, slots=True)
class Decay:
    """The level after a tone of 220 Hz has stopped, beside that of the tone."""

    step_ms: float
    levels_db: tuple[float, ...]  # of each step since then
    gone_ms: float | None  # until it stays below -60 dB; None: not within these steps


def decay_of(bench: Bench) -> Decay:
    """Play a tone, and silence behind it."""
    cycle = np.arange(_TONE_WINDOWS * bench.frames) * (2 * math.pi / bench.frames)
    tone = amplitude(TONE_DB) * np.sin(bench.bin_of(CURVE_HZ) * cycle)
    heard = bench.played(np.concatenate([tone, np.zeros(_SILENT_WINDOWS * bench.frames)]))
    heard = heard - heard[-1]
    loud = _rms(heard[len(tone) - bench.frames : len(tone)])
    step = bench.frames // _STEPS_PER_WINDOW
    steps = heard[len(tone) :][: _SILENT_WINDOWS * _STEPS_PER_WINDOW * step].reshape(-1, step)
    levels = tuple(decibels(_rms(part) / loud if loud > 0 else 0.0) for part in steps)
    step_ms = round(1000 * step / bench.rate_hz, 3)
    return Decay(step_ms, levels, _gone(levels, step_ms))


def _gone(levels: tuple[float, ...], step_ms: float) -> float | None:
    loud = [number for number, level in enumerate(levels) if level >= GONE_DB]
    last = loud[-1] + 1 if loud else 0
    return None if last == len(levels) else round(last * step_ms, 1)


def _rms(samples: F64) -> float:
    return math.sqrt(float(np.mean(samples * samples)))
