"""Where the samples lie on a host: a row of memory per channel, so that frames fill vectors.

Element (channel c, frame f) of a run is at ``c * row + f``. A history has its past in front of its
newest block, and `room` frames to move on before the past is brought back to the start of the row.
All histories move together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from namgen.plan.layouts.planar.cut import VectorUnit
from namgen.plan.memory import History, Run

LINE_FLOATS = 16
"""Floats of a cache line; rows start on one."""
ROOM_BLOCKS = 4
"""The fewest blocks that fit between two rewinds."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The index arithmetic of planar memory."""

    unit: VectorUnit
    block_frames: int  # in whole vectors
    room: int  # frames a history may move on before a rewind

    @property
    def lanes(self) -> int:
        """Frames of one vector."""
        return self.unit.lanes

    @property
    def last_newest(self) -> int:
        """The last position at which a whole block still fits."""
        return self.room - self.block_frames

    def lead(self, history: History) -> int:
        """Frames kept before the newest block at position 0."""
        return _whole(history.lookback, LINE_FLOATS)

    def row(self, run: Run) -> int:
        """Floats from one channel to the next: an odd number of cache lines.

        An even one would put the channels into the same few sets of a cache.
        """
        frames = self.block_frames
        if isinstance(run, History) and run.lookback:
            frames = self.lead(run) + self.room
        lines = -(-frames // LINE_FLOATS)
        return (lines | 1) * LINE_FLOATS

    def floats(self, run: Run) -> int:
        """Floats of the array."""
        return self.row(run) * run.channels

    def moves(self, run: Run) -> bool:
        """Whether the newest block has a changing place."""
        return isinstance(run, History) and run.lookback > 0


def make_layout(unit: VectorUnit, block_frames: int, histories: Iterable[History]) -> Layout:
    """Choose the room: as much as is moved back at a rewind, so that this costs little."""
    past = [history for history in histories if history.lookback]
    channels = sum(history.channels for history in past)
    moved = sum(history.channels * history.lookback for history in past)
    mean = moved // channels if channels else 0
    room = _whole(max(mean, ROOM_BLOCKS * block_frames), LINE_FLOATS)
    return Layout(unit, block_frames, room)


def whole_vectors(frames: int, unit: VectorUnit) -> int:
    """Round frames up to whole vectors."""
    return _whole(frames, unit.lanes)


def _whole(count: int, unit: int) -> int:
    return -(-count // unit) * unit
