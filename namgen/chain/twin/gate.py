"""The noise gate: `firmware/chain/gate.c`."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.chain import gate
from namgen.chain.step import STEP_FRAMES, knob_travel_per_step
from namgen.chain.twin.knob import Knob, scaled
from namgen.chain.twin.scalar import bits_of, float_of, fma, greater, lesser, single

_ONE_BITS, _SQRT_HALF_BITS, _FRACTION_BITS = 0x3F800000, 0x3F3504F3, 23
_RATIO, _OPEN_DB = single(gate.RATIO), single(gate.OPEN_DB)
_LEAST_POWER, _MOST_POWER = single(gate.LEAST_POWER), single(gate.MOST_POWER)
_DB_PER_OCTAVE = single(gate.DB_PER_OCTAVE_OF_POWER)
_OCTAVES_PER_DB = single(gate.OCTAVES_PER_DB)
_LOG2, _EXP2 = gate.LOG2_TERMS.tolist(), gate.EXP2_TERMS.tolist()


class Gate:
    """Listens to the guitar, turns down the model."""

    def __init__(self, sample_rate_hz: int) -> None:
        numbers = gate.gate_numbers(sample_rate_hz)
        self._keep = numbers.power_keep
        self._weights = numbers.power_weights.tolist()
        self._way = numbers.way_per_step
        self._opening = numbers.opening_per_step
        self._closing = numbers.closing_per_step
        self._hold_frames = numbers.hold_frames
        self.knob = Knob(gate.DEFAULT_POSITION, knob_travel_per_step(sample_rate_hz))
        self._gains: list[float] = []
        self.reset()

    def reset(self) -> None:
        """See `gate_reset`."""
        self.knob.jump()
        self._turn_knob()
        self._power = _LEAST_POWER
        self._holds = False
        self._quiet_frames = 0
        self._reduction_db = self._deepest_db
        self._gain = 0.0

    def listen(self, samples: F32) -> F32:
        """See `gate_listen`; returns what it got."""
        steps = samples.reshape(-1, STEP_FRAMES)
        with np.errstate(over="ignore"):
            squares = (steps * steps).tolist()
        for square in squares:
            if self.knob.moves:
                self.knob.follow()
                self._turn_knob()
            self._follow_power(square)
            self._gains.append(self._next_gain())
        return samples

    def process(self, samples: F32) -> F32:
        """See `gate_process`: the frames that were listened to before."""
        count = len(samples) // STEP_FRAMES
        ends, self._gains = self._gains[:count], self._gains[count:]
        start, self._gain = self._gain, ends[-1]
        return scaled(samples, ends, start)

    def _turn_knob(self) -> None:
        span = float(gate.HIGHEST_DB - gate.LOWEST_DB)
        self._threshold_db = fma(self.knob.position, span, float(gate.LOWEST_DB))
        self._deepest_db = self._reduction_at(gate.SILENCE_DB)

    def _reduction_at(self, level_db: float) -> float:
        below_db = lesser(single(level_db - self._threshold_db), 0.0)
        return single(-_RATIO * single(below_db * below_db))

    def _follow_power(self, squares: list[float]) -> None:
        power = single(self._keep * self._power)
        for square, weight in zip(squares, self._weights, strict=True):
            power = fma(square, weight, power)
        self._power = lesser(greater(power, _LEAST_POWER), _MOST_POWER)

    def _next_gain(self) -> float:
        level_db = single(_DB_PER_OCTAVE * log2_of(self._power))
        if self._holds:
            self._hold(level_db)
            return 1.0
        self._move(level_db)
        octaves = single(self._reduction_db * -_OCTAVES_PER_DB)
        return exp2_of_minus(lesser(octaves, gate.MOST_OCTAVES))

    def _hold(self, level_db: float) -> None:
        self._reduction_db = 0.0
        quiet = level_db < self._threshold_db
        self._quiet_frames = self._quiet_frames + STEP_FRAMES if quiet else 0
        self._holds = self._quiet_frames < self._hold_frames

    def _move(self, level_db: float) -> None:
        wanted_db = self._reduction_at(level_db)
        way_db = single(self._way * single(wanted_db - self._reduction_db))
        opening_db = single(self._deepest_db * -self._opening)
        closing_db = single(self._deepest_db * self._closing)
        way_db = greater(lesser(way_db, opening_db), closing_db)
        self._reduction_db = greater(single(self._reduction_db + way_db), self._deepest_db)
        if self._reduction_db > -_OPEN_DB and wanted_db == 0.0:
            self._reduction_db, self._holds, self._quiet_frames = 0.0, True, 0


def log2_of(x: float) -> float:
    """See `log2_of`."""
    bits = bits_of(x)
    biased = (bits + _ONE_BITS - _SQRT_HALF_BITS) >> _FRACTION_BITS
    rest = single(float_of(bits + _ONE_BITS - (biased << _FRACTION_BITS)) - 1.0)
    exponent = float(biased - (_ONE_BITS >> _FRACTION_BITS))
    return fma(_polynomial(_LOG2, rest), rest, exponent)


def exp2_of_minus(x: float) -> float:
    """See `exp2_of_minus`."""
    whole = int(single(x + 0.5))
    rest = single(whole - x)
    return float_of(bits_of(_polynomial(_EXP2, rest)) - (whole << _FRACTION_BITS))


def _polynomial(terms: list[float], x: float) -> float:
    square = single(x * x)
    high, middle, low = (fma(terms[k], x, terms[k + 1]) for k in (0, 2, 4))
    return fma(fma(high, square, middle), square, low)
