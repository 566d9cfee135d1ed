"""Where the fixed-point engine keeps its frames: rings of histories, and what is moved down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from namgen.boards import Board, Region
from namgen.errors import BudgetError
from namgen.fixed.ir import I32
from namgen.plan.memory import Buffer

WORD_BYTES = 4


@dataclass(frozen=True, slots=True, eq=False)
class FixedHistory:
    """The past and the newest block of what one convolution reads, in words."""

    name: str
    start: I32  # (words,) of a frame: what a settled network holds
    lookback: int  # frames
    kernel_size: int
    dilation: int

    @property
    def words(self) -> int:
        """Words of a frame."""
        return len(self.start)

    @property
    def symbol(self) -> str:
        """The identifier of its own array, where it has one."""
        return f"{self.name}_history"

    @property
    def newest(self) -> str:
        """The identifier of where its newest block begins in its ring."""
        return f"{self.name}_newest"

    def tap_words(self, tap: int) -> int:
        """Words from its first one to where a tap begins to read."""
        return tap * self.dilation * self.words

    @property
    def reads_per_frame(self) -> float:
        """Words that a frame reads."""
        return float(self.words * self.kernel_size)


@dataclass(frozen=True, slots=True, eq=False)
class FixedRing:
    """Windows of histories, one behind the other, which move on through the ring together.

    As `frame_major.storage.Ring`; of words instead of floats.
    """

    symbol: str
    words: int  # of a frame
    windows: tuple[FixedHistory, ...]
    block_frames: int
    region: str | None = None

    @property
    def frames(self) -> int:
        """Frames before the ring repeats."""
        return sum(window.lookback + self.block_frames for window in self.windows)

    @property
    def size_words(self) -> int:
        """Words of memory, the copy of the first block included."""
        return (self.frames + self.block_frames) * self.words

    @property
    def starts(self) -> tuple[int, ...]:
        """Where the newest block of every window begins after a reset."""
        found, first = [], 0
        for window in self.windows:
            found.append(first + window.lookback)
            first += window.lookback + self.block_frames
        return tuple(found)

    @property
    def buffer(self) -> Buffer:
        """The array."""
        reads = sum(window.reads_per_frame for window in self.windows)
        return Buffer(self.symbol, self.size_words * WORD_BYTES, self.region, False, reads)


def make_rings(
    histories: Sequence[FixedHistory], block_frames: int, board: Board | None, taken_bytes: int
) -> tuple[FixedRing, ...]:
    """Put histories into rings; what the fastest memory cannot hold, the longest, into the next.

    `taken_bytes` of the fastest are other arrays'.

    Raises:
        BudgetError: they do not fit; with numbers.

    """
    if board is None:
        return _rings(histories, block_frames, None)
    fast, slow = (board.region(name) for name in board.model_regions[:2])
    longest = sorted(histories, key=lambda history: history.lookback * history.words, reverse=True)
    for count in range(len(longest) + 1):
        away = longest[:count]
        kept = [history for history in histories if history not in away]
        here = _rings(kept, block_frames, fast)
        if taken_bytes + _bytes(here) <= fast.free_bytes:
            moved = [history for history in histories if history in away]
            return _checked(here, _rings(moved, block_frames, slow), slow)
    raise BudgetError(
        f"memory: weights and blocks need {taken_bytes} bytes, {fast.title} has {fast.free_bytes}"
    )


def _rings(
    histories: Sequence[FixedHistory], block_frames: int, region: Region | None
) -> tuple[FixedRing, ...]:
    """Let histories of one width share a ring."""
    where = "" if region is None else f"_{region.name}"
    widths = dict.fromkeys(history.words for history in histories)
    return tuple(
        FixedRing(
            f"ring{where}_{words}w",
            words,
            tuple(history for history in histories if history.words == words),
            block_frames,
            region.name if region else None,
        )
        for words in widths
    )


def _bytes(rings: Sequence[FixedRing]) -> int:
    return sum(-(-ring.buffer.size_bytes // 8) * 8 for ring in rings)


def _checked(
    here: tuple[FixedRing, ...], there: tuple[FixedRing, ...], slow: Region
) -> tuple[FixedRing, ...]:
    if _bytes(there) > slow.free_bytes:
        raise BudgetError(
            f"memory: histories need {_bytes(there)} bytes more than fit the fastest memory, "
            f"{slow.title} has {slow.free_bytes}"
        )
    return here + there
