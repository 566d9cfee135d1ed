"""The time of the controls: ticks of about a millisecond, and what lasts how many of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

TICK_FRAMES = 48
"""At most, unless a block is longer: a tick is at the end of a block."""

_MS_PER_S = 1000

CLOSE_MS = 3
"""A press counts when the contact has been closed so long."""
OPEN_MS = 12
"""A release counts when it has been open so long."""
TOGGLE_MS = 40
"""A toggle that passes through a position faster did not mean it."""
AVERAGE_MS = 8
"""The time constant of a knob's average, at most."""
LATE_MS = 250
"""A late block is shown so long."""
FLICKER_MS = Fraction(125, 2)
"""Lit, and dark: 8 Hz."""
BLINK_LIT_MS = 150
BLINK_MS = 350
PAUSE_MS = 900
"""A light that counts: lit, from blink to blink, and before it begins anew."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """How long a tick is."""

    frames: int
    sample_rate_hz: int

    def at_least(self, milliseconds: float | Fraction) -> int:
        """Return a time in ticks, rounded up."""
        exact = Fraction(milliseconds) * self.sample_rate_hz / (_MS_PER_S * self.frames)
        return -(-exact.numerator // exact.denominator)

    @property
    def average_shift(self) -> int:
        """The binary logarithm of the ticks of a knob's average."""
        fitting = AVERAGE_MS * self.sample_rate_hz // (_MS_PER_S * self.frames)
        return max(fitting, 1).bit_length() - 1


def ticks_of(block_frames: int, sample_rate_hz: int) -> Ticks:
    """Choose the tick: as many whole blocks as go into `TICK_FRAMES`, or one that is longer."""
    return Ticks(block_frames * max(1, TICK_FRAMES // block_frames), sample_rate_hz)
