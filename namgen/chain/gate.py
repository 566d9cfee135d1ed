"""The noise gate's numbers: those of the NAM plug-in, for steps of eight frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.decimals import nearest, root_of_half
from namgen.chain.step import STEP_FRAMES

LOWEST_DB, HIGHEST_DB, DEFAULT_DB = -100, 0, -80
DEFAULT_POSITION = (DEFAULT_DB - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB)
RATIO = 0.1
SILENCE_DB = -120.0
LEAST_POWER, MOST_POWER = 1e-12, 1000.0
OPEN_DB = 0.001
HALF_LIFE_SECONDS, OPEN_SECONDS, HOLD_SECONDS, CLOSE_SECONDS = 0.01, 0.005, 0.01, 0.05

MOST_FALL = 1 / 32
"""Of a full gain, in a step, that is 1/256 in a frame: what falls faster, clicks."""

MOST_OCTAVES = 126.0
"""Of reduction: what is left of a full scale is silence."""

_LN2 = 0.6931471805599453
_DB_PER_OCTAVE = 3.0102999566398120
"""Of power, 10 log10(2); of amplitude it is twice that."""

# Least squares of log2(1 + x) / x over sqrt(1/2) - 1 to sqrt(2) - 1, the highest power first.
LOG2_TERMS = np.array(
    [-0.18277006, 0.27515033, -0.35708168, 0.48016664, -0.72138585, 1.44269748], np.float32
)
# Of 2^x, ln(2)^k / k!, for x up to a half.
EXP2_TERMS = np.array(
    [1.3333558e-3, 9.6181291e-3, 5.5504109e-2, 0.24022651, 0.69314718, 1.0], np.float32
)


@dataclass(frozen=True, slots=True, eq=False)
class GateNumbers:
    """What depends on the sample rate."""

    lowest_octaves: float  # levels in octaves of power
    span_octaves: float
    silence_octaves: float
    ratio: float  # of a reduction, in octaves of amplitude, to the square of octaves of power
    open_octaves: float  # a reduction nearer to 0 is none
    power_keep: float  # of a step
    power_weights: F32  # (STEP_FRAMES,), oldest frame first
    way_per_step: float  # halved once a frame
    opening_per_step: float  # parts of the deepest reduction
    closing_per_step: float
    fall_begins: float  # octaves of amplitude in a step, at full gain
    fall_grows: float  # with each octave of reduction
    hold_frames: int


def gate_numbers(sample_rate_hz: int) -> GateNumbers:
    """Work the numbers out; square roots and products of float64 are the same everywhere."""
    keep = root_of_half(HALF_LIFE_SECONDS * sample_rate_hz)
    powers = [1.0]
    for _ in range(STEP_FRAMES):
        powers.append(powers[-1] * keep)
    weights = [(1.0 - keep) * power for power in reversed(powers[:-1])]
    return GateNumbers(
        lowest_octaves=nearest(LOWEST_DB / _DB_PER_OCTAVE),
        span_octaves=nearest((HIGHEST_DB - LOWEST_DB) / _DB_PER_OCTAVE),
        silence_octaves=nearest(SILENCE_DB / _DB_PER_OCTAVE),
        ratio=nearest(RATIO * _DB_PER_OCTAVE / 2),
        open_octaves=nearest(-OPEN_DB / (2 * _DB_PER_OCTAVE)),
        power_keep=nearest(powers[-1]),
        power_weights=np.array(weights, np.float32),
        way_per_step=nearest(1.0 - 0.5**STEP_FRAMES),
        opening_per_step=nearest(STEP_FRAMES / (OPEN_SECONDS * sample_rate_hz)),
        closing_per_step=nearest(STEP_FRAMES / (CLOSE_SECONDS * sample_rate_hz)),
        fall_begins=nearest(-MOST_FALL / _LN2),
        fall_grows=nearest(1.0 + MOST_FALL),
        hold_frames=round(HOLD_SECONDS * sample_rate_hz),
    )
