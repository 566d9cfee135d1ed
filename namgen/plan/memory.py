"""What is kept in memory: the past of convolutions, blocks of frames, weights, static arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from namgen.arithmetic import F32

FLOAT_BYTES = 4


class Shape(Enum):
    """How a history keeps the past; see `History`."""

    BLOCK = "block"
    FLAT = "flat"
    RING = "ring"


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The past and the newest block of one convolution's input, every tap a contiguous run.

    BLOCK: no past, one block of frames.
    FLAT: the past, then the block; moved down by the frames of the call when it ends.
    RING: a window of `ring`, which moves on by the frames of the call. `newest` is the frame of the
    ring where the block starts.
    """

    symbol: str
    channels: int
    lookback: int
    block_frames: int
    shape: Shape
    start: tuple[float, ...]  # the settled value per channel
    ring: Ring | None = None  # where a RING's window lies

    def __post_init__(self) -> None:
        """Take a window of the ring."""
        if self.ring is not None:
            self.ring.windows.append(self)

    @property
    def memory(self) -> str:
        """Name of the array it lies in."""
        return self.ring.symbol if self.ring else self.symbol

    @property
    def frames(self) -> int:
        """Frames of the past and the newest block."""
        return self.lookback + self.block_frames

    @property
    def floats(self) -> int:
        """Floats of the past and the newest block."""
        return self.frames * self.channels

    @property
    def is_ring(self) -> bool:
        """Whether `newest` moves."""
        return self.shape is Shape.RING

    @property
    def is_flat(self) -> bool:
        """Whether the past is moved down after each call."""
        return self.shape is Shape.FLAT

    @property
    def newest_offset(self) -> int:
        """Floats before the newest block, when it does not move."""
        return self.lookback * self.channels


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """Windows of histories, one behind the other, which move on through the ring together.

    The block that a window grows by is the oldest of the window behind it, which has moved on as
    well. A copy of the first block lies behind the last frame, so that a run of one block may start
    anywhere and read straight on.
    """

    symbol: str
    channels: int
    block_frames: int
    windows: list[History] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """Frames before the ring repeats."""
        return sum(window.frames for window in self.windows)

    @property
    def floats(self) -> int:
        """Floats of memory, the copy included."""
        return (self.frames + self.block_frames) * self.channels

    @property
    def placed(self) -> Iterator[tuple[History, int]]:
        """Every window and its first frame after a reset."""
        first = 0
        for window in self.windows:
            yield window, first
            first += window.frames


@dataclass(frozen=True, slots=True)
class Block:
    """One block of frames that no later block remembers."""

    symbol: str
    channels: int
    block_frames: int

    @property
    def memory(self) -> str:
        """Name of the array it lies in: its own."""
        return self.symbol

    @property
    def floats(self) -> int:
        """Floats of memory."""
        return self.block_frames * self.channels

    @property
    def is_ring(self) -> bool:
        """A block stays where it is."""
        return False


Run: TypeAlias = History | Block
"""Where a block of frames lies: the newest block of a history, or a block."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """One constant array, in the order in which its kernel consumes it."""

    symbol: str
    values: F32  # (count,)
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class TapPointers:
    """The taps of one convolution, as runs of its history."""

    history: History
    kernel_size: int
    dilation: int

    @property
    def stride(self) -> int:
        """Floats from the run of a tap to the next."""
        return self.dilation * self.history.channels

    @property
    def oldest_offset(self) -> int:
        """Floats from the start of a flat history, perhaps a longer one, to the oldest tap."""
        return self.history.newest_offset - (self.kernel_size - 1) * self.stride


@dataclass(frozen=True, slots=True, eq=False)
class OldestRun:
    """The whole past of a flat history, from its oldest frame."""

    history: History


@dataclass(frozen=True, slots=True)
class Buffer:
    """One static array of the generated C and the memory region it is planned for."""

    symbol: str
    size_bytes: int
    region: str
    constant: bool
    reads_per_frame: float  # how often a frame of work touches it, for the placement
