"""Where the samples lie on a host: a row of memory per channel, so that frames fill vectors.

Element (channel c, frame f) of a run is at ``c * row + f``. A history has its past in front of its
newest block, and `room` frames to move on before the past is brought back to the start of the row.
All histories move together. A kernel works on a few vectors of frames at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from namgen.plan.program import History, Run
from namgen.plan.tiles import divisors

LINE_FLOATS = 16
"""Floats of a cache line; rows start on one."""
ROOM_BLOCKS = 4
"""The fewest blocks that fit between two rewinds."""
MAX_VECTORS = 4
"""Vectors of frames in one tile, at most; a block of 48 frames has three of AVX-512."""
MAX_PRODUCTS = 64
"""Multiply-adds spelled out per turn of a loop over inputs."""


@dataclass(frozen=True, slots=True)
class VectorUnit:
    """What a host's vector instructions offer."""

    name: str
    lanes: int  # float32 values of one register
    registers: int


VECTOR_UNITS = (
    VectorUnit("avx512", 16, 32),
    VectorUnit("avx2", 8, 16),
    VectorUnit("neon", 4, 32),
)
"""The units there are layouts for; C for any of them compiles and gives the same bits anywhere."""


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


def main_rows(rows: int, unit: VectorUnit) -> int:
    """Pick how many rows of a kernel's main sum are accumulated at once."""
    return max(divisors(rows, unit.registers // 4))


def tile_vectors(rows: int, unit: VectorUnit) -> int:
    """Pick how many vectors of frames go with `rows` rows of accumulators.

    The accumulators, one vector of inputs per vector of frames, and one weight share the registers.
    """
    return max(1, min(MAX_VECTORS, (unit.registers - 1) // (rows + 1)))


def row_tile(rows: int, vectors: int, unit: VectorUnit, group_rows: Iterable[int]) -> int:
    """Pick how many rows to sum at once, never across a group of a grouped map."""
    sizes = tuple(group_rows)
    limit = (unit.registers - 1 - vectors) // vectors
    fits = [r for r in divisors(rows, limit) if all(size % r == 0 for size in sizes)]
    return max(fits, default=1)


def unroll(inputs: int, products_per_input: int) -> int:
    """Pick how many inputs to spell out per turn of a loop."""
    return max(divisors(inputs, max(1, MAX_PRODUCTS // products_per_input)))


def _whole(count: int, unit: int) -> int:
    return -(-count // unit) * unit
