"""Where samples lie frame by frame: blocks, histories that are moved down, and rings.

Element (frame f, channel c) of a run is at ``f * channels + c``. A history without a past is one
block. A short past lies in front of its newest block, and is moved down after each call. A long one
is a window of a ring, which moves on instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Literal, TypeAlias

from namgen.activation_kernels import TABLE_BYTES, tables_of
from namgen.plan.layouts import Place
from namgen.plan.layouts.arrays import static_arrays
from namgen.plan.layouts.loads import Load, Position
from namgen.plan.layouts.statements import Extent
from namgen.plan.memory import Block, Buffer, History, Run
from namgen.plan.parts import Parts

Kept: TypeAlias = Literal["block", "flat", "ring"]
FLAT_BLOCKS = 1
"""A past of up to so many blocks is moved down after each call rather than kept in a ring."""


def is_contiguous(history: History, padded_frames: int) -> bool:
    """Whether a history is kept as one run, not as a window of a ring."""
    return history.contiguous or history.lookback <= FLAT_BLOCKS * padded_frames


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """Windows of histories, one behind the other, which move on through the ring together.

    The block that a window grows by is the oldest of the window behind it, which has moved on as
    well. A copy of the first block lies behind the last frame, so that a run of one block may start
    anywhere and read straight on.
    """

    symbol: str
    channels: int
    padded_frames: int
    windows: list[History] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """Frames before the ring repeats."""
        return sum(window.lookback + self.padded_frames for window in self.windows)

    @property
    def elements(self) -> int:
        """Elements of memory, the copy included."""
        return (self.frames + self.padded_frames) * self.channels

    @property
    def first(self) -> History:
        """The window that begins the ring after a reset."""
        return self.windows[0]

    @property
    def later(self) -> Iterator[tuple[History, History]]:
        """Every other window, and the one that ends where it begins."""
        return ((window, before) for before, window in pairwise(self.windows))

    @property
    def firsts(self) -> Iterator[tuple[History, int]]:
        """Every window and where it begins after a reset."""
        first = 0
        for window in self.windows:
            yield window, first
            first += window.lookback + self.padded_frames


@dataclass(frozen=True, slots=True, eq=False)
class FrameMajorStorage:
    """Where the runs of one plan lie."""

    padded_frames: int
    rings: tuple[Ring, ...]
    flat: tuple[History, ...]  # whose past is moved down after each call

    def ring(self, run: Run) -> Ring | None:
        """Return the ring that a history is a window of."""
        return next((ring for ring in self.rings if run in ring.windows), None)

    def frames(self, run: Run) -> int:
        """Frames of the past and the newest block."""
        return _past(run) + self.padded_frames

    def kept(self, history: History) -> Kept:
        """Say how a history is kept: as a block alone, flat with its past, or in a ring."""
        if self.ring(history):
            return "ring"
        return "flat" if history.lookback else "block"

    def before(self, history: History, frames: int) -> Extent:
        """Return how far behind the first frame of a flat history one before its block lies."""
        return Extent(history.channels, history.lookback - frames)

    def place(self, run: Run) -> Place:
        """Return where the newest block of a run lies."""
        ring = self.ring(run)
        if ring is None:
            return Place(run.symbol, _past(run) * run.channels, run.channels, 1)
        return Place(ring.symbol, 0, run.channels, 1, position=f"{run.name}_newest")

    def elements(self, run: Run) -> int:
        """Elements of the array of a run that is no window of a ring."""
        return self.frames(run) * run.channels

    def upkeep(self, history: History) -> int:
        """Count the elements that are moved per block: a whole past, or a ring's copy at times."""
        ring = self.ring(history)
        if ring is None:
            return history.lookback * history.channels
        return self.padded_frames * history.channels * self.padded_frames // ring.frames

    def arrays(self, parts: Parts) -> list[Buffer]:
        """List every static array, tables where they are read."""
        histories = (history for history in parts.histories if self.ring(history) is None)
        memories = {run.symbol: self.elements(run) for run in histories}
        memories |= {ring.symbol: ring.elements for ring in self.rings}
        memories |= {block.symbol: self.elements(block) for block in parts.blocks}
        return static_arrays(parts, self, memories, _tables(parts))

    def fills(self, histories: Iterable[History], at: Mapping[str, int]) -> Iterator[Load]:
        """See `Storage`; a ring ends in a copy of its first block."""
        for history in histories:
            if self.ring(history) is None:
                yield _fill(history.symbol, 0, history, self.frames(history), at)
        for ring in self.rings:
            for window, first in ring.firsts:
                yield _fill(ring.symbol, first, window, self.frames(window), at)
            yield _fill(ring.symbol, ring.frames, ring.first, ring.padded_frames, at)

    def positions(self) -> Iterator[Position]:
        """See `Storage`: every window of a ring has its own."""
        for ring in self.rings:
            for window, first in ring.firsts:
                yield Position(f"{window.name}_newest", first + window.lookback)


def make_storage(
    histories: Sequence[History], padded_frames: int, *, shares_rings: bool
) -> FrameMajorStorage:
    """Give every history its place; shared rings of one width need one copy of a block."""
    rings: dict[str, Ring] = {}
    for history in histories:
        if not is_contiguous(history, padded_frames):
            name = f"ring_{history.channels}ch" if shares_rings else history.symbol
            ring = rings.setdefault(name, Ring(name, history.channels, padded_frames))
            ring.windows.append(history)
    flat = (h for h in histories if h.lookback and is_contiguous(h, padded_frames))
    return FrameMajorStorage(padded_frames, tuple(rings.values()), tuple(flat))


def _fill(array: str, first: int, history: History, frames: int, at: Mapping[str, int]) -> Load:
    channels = history.channels
    return Load(array, Extent(channels, first), at[history.symbol], channels, frames)


def _past(run: Run) -> int:
    return 0 if isinstance(run, Block) else run.lookback


def _tables(parts: Parts) -> Iterator[Buffer]:
    """Yield the tables that kernels read; their place is fixed: the first region."""
    for table in tables_of(set(parts.functions())):
        yield Buffer(table, TABLE_BYTES[table], None, constant=True, reads_per_frame=inf)
