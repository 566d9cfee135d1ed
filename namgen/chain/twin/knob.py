"""Knobs, tables and straight lines: `firmware/chain/knob.h` and `step.h`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.step import STEP_FRAMES
from namgen.chain.twin.scalar import fma, greater, lesser, single


class Knob:
    """A position that follows its target."""

    def __init__(self, position: float, travel_per_step: float) -> None:
        self.position = self.target = single(position)
        self._travel = travel_per_step

    def turn(self, position: float) -> None:
        """See `knob_turn`."""
        self.target = knob_position(position)

    def jump(self) -> None:
        """See `knob_jump`."""
        self.position = self.target

    @property
    def moves(self) -> bool:
        """See `knob_moves`."""
        return self.position != self.target

    def follow(self) -> None:
        """See `knob_follow`."""
        way = single(self.target - self.position)
        way = greater(lesser(way, self._travel), -self._travel)
        self.position = single(self.position + way)


def knob_position(position: float) -> float:
    """See `knob_position`."""
    return lesser(greater(single(position), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Place:
    """Between two rows of a table."""

    row: int
    fraction: float


def place_of(position: float, rows: int) -> Place:
    """See `place_of`."""
    exact = single(position * (rows - 1))
    row = min(int(exact), rows - 2)
    return Place(row, single(exact - row))


def between(before: float, after: float, fraction: float) -> float:
    """See `between`."""
    return fma(fraction, single(after - before), before)


def table_value(table: F32, position: float) -> float:
    """See `table_value`."""
    place = place_of(position, len(table))
    return between(float(table[place.row]), float(table[place.row + 1]), place.fraction)


def scaled(samples: F32, ends: list[float], start: float) -> F32:
    """See `step_scale`: whole steps (frames,), whose gains end in `ends` (steps,)."""
    to = np.array(ends, np.float32)
    gain = np.array([start, *ends[:-1]], np.float32)
    slope = (to - gain) * np.float32(1.0 / STEP_FRAMES)
    pair = [gain + slope, gain + (slope + slope)]
    gains = list(pair)
    for _ in range(STEP_FRAMES // 2 - 1):
        pair = [gain + (slope + slope) for gain in pair]
        gains += pair
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(samples * np.stack([*gains[:-1], to], axis=1).ravel(), np.float32)
