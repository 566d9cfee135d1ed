"""Plays sums of sines of which whole periods fit a window, so that no window leaks into another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32

F64: TypeAlias = npt.NDArray[np.float64]

Player: TypeAlias = Callable[[F32], F32]
"""Plays (frames,) from the start state."""

FLOOR_DB = -200.0
"""What is said of silence."""

_WINDOWS_PER_SECOND = 10
_SETTLING_WINDOWS = 2
"""Before the one that is looked at: longer than what captures remember."""


def decibels(amplitude: float) -> float:
    """Return 20 log10, at least `FLOOR_DB`, to a hundredth: more depends on the machine."""
    if not amplitude > 0:
        return FLOOR_DB
    return round(max(20 * math.log10(amplitude), FLOOR_DB), 2)


def amplitude(level_db: float) -> float:
    """Return what `decibels` is of."""
    return float(10 ** (level_db / 20))


@dataclass(frozen=True, slots=True)
class Bench:
    """A player, and windows of a tenth of a second."""

    player: Player
    rate_hz: int

    @property
    def frames(self) -> int:
        """Of a window."""
        return round(self.rate_hz / _WINDOWS_PER_SECOND)

    def bin_of(self, hz: float) -> int:
        """Return how many periods of about this frequency fit a window."""
        return max(1, round(hz * self.frames / self.rate_hz))

    def hz_of(self, number: int) -> float:
        """Return the frequency of which so many periods fit."""
        return round(number * self.rate_hz / self.frames, 2)

    def played(self, samples: F64) -> F64:
        """Play (frames,); what is no number counts as 0."""
        heard = self.player(np.ascontiguousarray(samples, np.float32))
        return np.nan_to_num(heard.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)

    def settled(self, sines: Mapping[int, float]) -> F64:
        """Play sines, amplitudes by their periods in a window; return a later window."""
        cycle = np.arange(self.frames) * (2 * math.pi / self.frames)
        window = np.zeros(self.frames)
        for number, size in sines.items():
            window += size * np.sin(number * cycle)
        return self.played(np.tile(window, _SETTLING_WINDOWS + 1))[-self.frames :]

    def amplitudes(self, sines: Mapping[int, float]) -> F64:
        """Return the amplitude of every sine that comes back, by its periods in a window."""
        found: F64 = np.abs(np.fft.rfft(self.settled(sines))) * (2 / self.frames)
        return found
