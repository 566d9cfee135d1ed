"""What is kept in memory, as facts: frames, channels, numbers. A layout says where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from namgen.arithmetic import Elements


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The past and the newest block of one convolution's input."""

    name: str  # of the part that reads it
    lookback: int  # frames before the newest block
    start: Elements  # (channels,), the settled values
    contiguous: bool = False  # its reader walks over the past and the block as one run

    @property
    def symbol(self) -> str:
        """The identifier."""
        return f"{self.name}_history"

    @property
    def channels(self) -> int:
        """Values of a frame."""
        return len(self.start)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One block of frames that no later block remembers."""

    name: str
    channels: int

    @property
    def symbol(self) -> str:
        """The identifier: its name."""
        return self.name


Run: TypeAlias = History | Block
"""Where a block of frames lies: the newest block of a history, or a block."""


@dataclass(frozen=True, slots=True, eq=False)
class OldestRun:
    """The whole past of a contiguous history, from its oldest frame."""

    history: History


@dataclass(frozen=True, slots=True, eq=False)
class TapPointers:
    """The taps of one convolution, as runs of its history."""

    history: History
    kernel_size: int
    dilation: int

    @property
    def oldest_frame(self) -> int:
        """Frames from the run of the oldest tap to the newest block."""
        return (self.kernel_size - 1) * self.dilation


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """One constant array, in the order in which its kernel consumes it."""

    symbol: str
    values: Elements  # (count,)
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What one layer keeps from frame to frame beside its history."""

    symbol: str
    start: Elements  # (count,), the settled values


@dataclass(frozen=True, slots=True)
class Buffer:
    """One static array of the generated C and the memory region it is planned for."""

    symbol: str
    size_bytes: int
    region: str | None  # None: wherever the linker likes
    constant: bool
    reads_per_frame: float  # how often a frame of work touches it, for the placement

    @property
    def values(self) -> int:
        """How many there are in it: floats or integers of 32 bits."""
        return self.size_bytes // 4
