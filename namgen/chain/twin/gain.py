"""Input trim and level: `firmware/chain/input_trim.c`, `level.c` and `gain.h`."""

from __future__ import annotations

from namgen.arithmetic import F32
from namgen.chain.gains import GainKnob, rise_and_fall
from namgen.chain.step import STEP_FRAMES
from namgen.chain.twin.knob import knob_position, scaled, table_value
from namgen.chain.twin.scalar import greater, lesser, single


class Gain:
    """A gain that follows what knob and capture want."""

    def __init__(self, knob: GainKnob, sample_rate_hz: int) -> None:
        self._table = knob.table()
        self._rise, self._fall = rise_and_fall(sample_rate_hz)
        self._knob = self._capture = self._now = 1.0

    def turn(self, position: float) -> None:
        """Turn the knob; 0 to 1."""
        self._knob = table_value(self._table, knob_position(position))

    def for_capture(self, gain: float) -> None:
        """Set what the capture asks."""
        self._capture = single(gain)

    def reset(self) -> None:
        """See `gain_reset`."""
        self._now = single(self._knob * self._capture)

    def process(self, samples: F32) -> F32:
        """Scale whole steps, (frames,)."""
        start, ends = self._now, []
        for _ in range(len(samples) // STEP_FRAMES):
            self._follow()
            ends.append(self._now)
        return scaled(samples, ends, start)

    def _follow(self) -> None:
        wanted = single(self._knob * self._capture)
        floored = greater(wanted, single(self._now * self._fall))
        self._now = lesser(floored, single(self._now * self._rise))
