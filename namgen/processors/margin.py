"""How far a board may be from a prediction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Margin:
    """How far a board may be from a prediction, relative to it: `low` below, `high` above."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"-{100 * self.low:.0f} % / +{100 * self.high:.0f} %"
