"""The noise gate: `firmware/chain/gate.c`."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.chain import gate
from namgen.chain.step import STEP_FRAMES, knob_travel_per_step
from namgen.chain.twin.knob import Knob, scaled
from namgen.chain.twin.scalar import bits_of, float_of, fma, greater, lesser, single

_ONE_BITS, _SQRT_HALF_BITS, _FRACTION_BITS = 0x3F800000, 0x3F3504F3, 23
_LEAST_POWER, _MOST_POWER = single(gate.LEAST_POWER), single(gate.MOST_POWER)
_LOG2, _EXP2 = gate.LOG2_TERMS.tolist(), gate.EXP2_TERMS.tolist()


class Gate:
    """Listens to the guitar, turns down the model."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._numbers = gate.gate_numbers(sample_rate_hz)
        self._weights = self._numbers.power_weights.tolist()
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
        self._reduction = self._deepest
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
        span, lowest = self._numbers.span_octaves, self._numbers.lowest_octaves
        self._threshold = fma(self.knob.position, span, lowest)
        self._deepest = self._reduction_at(self._numbers.silence_octaves)

    def _reduction_at(self, level: float) -> float:
        below = lesser(single(level - self._threshold), 0.0)
        return single(-self._numbers.ratio * single(below * below))

    def _follow_power(self, squares: list[float]) -> None:
        even, odd = single(self._numbers.power_keep * self._power), 0.0
        for first in range(0, STEP_FRAMES, 2):
            even = fma(squares[first], self._weights[first], even)
            odd = fma(squares[first + 1], self._weights[first + 1], odd)
        self._power = lesser(greater(single(even + odd), _LEAST_POWER), _MOST_POWER)

    def _next_gain(self) -> float:
        level = log2_of(self._power)
        if self._holds:
            self._hold(level)
            return 1.0
        self._move(level)
        return exp2_of_minus(lesser(-self._reduction, gate.MOST_OCTAVES))

    def _hold(self, level: float) -> None:
        self._reduction = 0.0
        self._quiet_frames = 0 if level >= self._threshold else self._quiet_frames + STEP_FRAMES
        self._holds = self._quiet_frames < self._numbers.hold_frames

    def _move(self, level: float) -> None:
        now, numbers = self._reduction, self._numbers
        highest = single(now - single(self._deepest * numbers.opening_per_step))
        closing = single(now + single(self._deepest * numbers.closing_per_step))
        falling = fma(now, numbers.fall_grows, numbers.fall_begins)
        lowest = greater(closing, falling)
        floored, wanted = greater(lowest, self._deepest), self._reduction_at(level)
        nearer = fma(numbers.way_per_step, single(wanted - now), now)
        self._reduction = greater(lesser(nearer, highest), floored)
        if bits_of(self._reduction) < bits_of(numbers.open_octaves) and wanted == 0.0:
            self._reduction, self._holds, self._quiet_frames = 0.0, True, 0


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
