"""Where samples lie for vectors: a row of memory per channel, so that frames fill vectors.

Element (channel c, frame f) of a run is at ``c * row + f``. A history has its past in front of its
newest block, and `room` frames to move on before the past is brought back to the start of the row.
All histories move together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from namgen.plan.layouts import Place
from namgen.plan.layouts.arrays import static_arrays
from namgen.plan.layouts.loads import Load, Position
from namgen.plan.layouts.statements import Extent
from namgen.plan.memory import Block, Buffer, History, Run
from namgen.plan.parts import Parts

LINE_ELEMENTS = 16
"""Elements of a cache line; rows start on one."""
ROOM_BLOCKS = 4
"""The fewest blocks that fit between two rewinds."""
POSITION = "newest"
"""The variable that says how far all histories have moved."""


@dataclass(frozen=True, slots=True)
class PlanarStorage:
    """The index arithmetic of planar memory."""

    padded_frames: int  # in whole vectors
    room: int  # frames a history may move on before a rewind
    moves: bool  # whether any does

    @property
    def last_newest(self) -> int:
        """The last position at which a whole block still fits."""
        return self.room - self.padded_frames

    def lead(self, history: History) -> int:
        """Frames kept before the newest block at position 0."""
        return _whole_lines(history.lookback)

    def row(self, run: Run) -> int:
        """Elements from one channel to the next: an odd number of cache lines.

        An even one would put the channels into the same few sets of a cache.
        """
        frames = self.lead(run) + self.room if _moves(run) else self.padded_frames
        return (_whole_lines(frames) // LINE_ELEMENTS | 1) * LINE_ELEMENTS

    def elements(self, run: Run) -> int:
        """Elements of the array."""
        return self.row(run) * run.channels

    def place(self, run: Run) -> Place:
        """Return where the newest block of a run lies."""
        if _moves(run):
            return Place(run.symbol, self.lead(run), 1, self.row(run), POSITION)
        return Place(run.symbol, 0, 1, self.row(run))

    def upkeep(self, history: History) -> int:
        """Count the elements that are moved per block: the past, once in a room's frames."""
        return self.lead(history) * history.channels * self.padded_frames // self.room

    def arrays(self, parts: Parts) -> list[Buffer]:
        """List every static array."""
        runs: tuple[Run, ...] = (*parts.histories, *parts.blocks)
        return static_arrays(parts, self, {run.symbol: self.elements(run) for run in runs})

    def fills(self, histories: Iterable[History], at: Mapping[str, int]) -> Iterator[Load]:
        """See `Storage`: whole rows."""
        for history in histories:
            row = self.row(history)
            for channel in range(history.channels):
                start = at[history.symbol] + channel
                yield Load(history.symbol, Extent(row, channel), start, 1, row)

    def positions(self) -> tuple[Position, ...]:
        """See `Storage`: all histories have one."""
        return (Position(POSITION, 0),) if self.moves else ()


def make_storage(histories: Iterable[History], padded_frames: int) -> PlanarStorage:
    """Choose the room: as much as is moved back at a rewind, so that this costs little."""
    past = [history for history in histories if history.lookback]
    channels = sum(history.channels for history in past)
    moved = sum(history.channels * history.lookback for history in past)
    mean = moved // channels if channels else 0
    room = _whole_lines(max(mean, ROOM_BLOCKS * padded_frames))
    return PlanarStorage(padded_frames, room, moves=bool(past))


def _moves(run: Run) -> TypeGuard[History]:
    """Whether the newest block has a changing place."""
    return not isinstance(run, Block) and run.lookback > 0


def _whole_lines(elements: int) -> int:
    return -(-elements // LINE_ELEMENTS) * LINE_ELEMENTS
