"""What an array of an engine is filled with, as facts."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.plan.layouts.statements import Distance


@dataclass(frozen=True, slots=True)
class Load:
    """So many frames of an array get the same values, one a channel."""

    array: str
    first: Distance  # of its elements that is filled
    numbers_at: int  # where the values are among the capture's
    channels: int
    frames: int

    @property
    def words(self) -> int:
        """Words that are written."""
        return self.channels * self.frames


@dataclass(frozen=True, slots=True)
class Position:
    """Where the newest block of histories lies at first."""

    variable: str
    frame: int
