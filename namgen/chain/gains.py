"""What the positions of level knobs mean: gains over even decibels."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.decimals import exactly, gain, nearest
from namgen.chain.step import KNOB_TRAVEL_SECONDS, steps


@dataclass(frozen=True, slots=True)
class GainKnob:
    """A knob from `lowest_db` (position 0) to `highest_db` (position 1)."""

    lowest_db: int
    highest_db: int
    default_db: int = 0

    @property
    def rows(self) -> int:
        """Rows of the table: one a decibel. Straight lines between them err by 0.015 dB."""
        return self.highest_db - self.lowest_db + 1

    @property
    def default(self) -> float:
        """The position of `default_db`."""
        return (self.default_db - self.lowest_db) / (self.highest_db - self.lowest_db)

    def table(self) -> F32:
        """Return the gains (rows,)."""
        return _gains(self.lowest_db, self.highest_db)


@cache
def _gains(lowest_db: int, highest_db: int) -> F32:
    levels_db = range(lowest_db, highest_db + 1)
    return np.array([nearest(gain(level_db)) for level_db in levels_db], np.float32)


INPUT_TRIM = GainKnob(-20, 20)
LEVEL = GainKnob(-40, 40)

TRAVEL_DB = 40
"""How far a gain goes while a knob travels from one end to the other."""


def rise_and_fall(sample_rate_hz: int) -> tuple[float, float]:
    """Return the largest and the least factor of a step."""
    with exactly():
        step_db = Decimal(TRAVEL_DB) / steps(KNOB_TRAVEL_SECONDS, sample_rate_hz)
        return nearest(gain(step_db)), nearest(gain(-step_db))
