"""What a layout decides: where samples lie, and what a kernel keeps in registers at a time.

One package each: `frame_major` for a processor without vectors, `planar` for one with them. The
program is the same; both compute the same sums in the same order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from namgen.ir import Conv1d, Lstm
from namgen.plan.layouts.loads import Load, Position
from namgen.plan.layouts.operations import TileOperations
from namgen.plan.layouts.statements import Constant, For, Statement, TileOperation
from namgen.plan.memory import Buffer, History, Run
from namgen.plan.operands import Operand
from namgen.plan.parts import Parts
from namgen.plan.stages import CellKernel, NamedKernel
from namgen.start_state import LstmStart


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of a sum's loops over an operand spells out."""

    inputs: int = 1
    taps: int = 1  # more than 1 with all inputs only, or in a window
    batch: int = 1  # products of a tap and an input loaded together
    ahead: int = (
        0  # registers for what is loaded ahead of its products, batches then being no limit
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """How one sum is cut up: what is in registers at a time, and the turns over its operands."""

    rows: int
    frames: int  # divides those of the tile
    turns: tuple[Turn, ...]  # one an operand


class Tile(Protocol):
    """How the sums of one kernel are cut up; the kernel walks over the block in such tiles."""

    @property
    def frames(self) -> int:
        """Frames of one tile."""

    def cut(self, rows: int, operands: tuple[Operand, ...], in_registers: Collection[str]) -> Cut:
        """Cut up one sum; `in_registers` names the arrays that earlier sums left there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run lies, in elements.

    Channel ``c`` of frame ``f`` of the newest block is element
    ``offset + (position + f) * frame_stride + c * channel_stride`` of `array`.
    """

    array: str
    offset: int
    frame_stride: int
    channel_stride: int
    position: str = ""  # the variable that says how far the block has moved; none: it stays


class Storage(Protocol):
    """Where everything lies that a layout laid out."""

    def place(self, run: Run) -> Place:
        """Return where the newest block of a run lies."""

    def arrays(self, parts: Parts) -> list[Buffer]:
        """List every static array with its bytes and how often a frame of work reads it."""

    def upkeep(self, history: History) -> int:
        """Count the elements that are moved per whole block, on average, to keep a history."""

    def fills(self, histories: Iterable[History], at: Mapping[str, int]) -> Iterable[Load]:
        """List what fills histories with their settled values, which lie `at` their symbols."""

    def positions(self) -> Iterable[Position]:
        """List where histories are after that."""


class KernelSchedule(Protocol):
    """A kernel with every operation chosen."""

    @property
    def named(self) -> NamedKernel:
        """The kernel."""

    @property
    def taps(self) -> Constant | None:
        """How many taps its convolution has, where they are walked over."""

    @property
    def constants(self) -> tuple[Constant, ...]:
        """Places among its weights."""


class CellSchedule(Protocol):
    """An LSTM cell with every operation chosen."""

    @property
    def kernel(self) -> CellKernel:
        """The cell."""

    @property
    def loop(self) -> For:
        """The loop over its units."""

    @property
    def body(self) -> tuple[Statement, ...]:
        """What a turn of the loop does."""


class Schedule(Protocol):
    """How every kernel walks over its tiles, and the operations that they share."""

    @property
    def kernels(self) -> Sequence[KernelSchedule]:
        """Every kernel, in order of its first call."""

    @property
    def cells(self) -> Sequence[CellSchedule]:
        """Every LSTM cell, in order of its first call."""

    @property
    def tiles(self) -> tuple[TileOperations, ...]:
        """The operations on tiles of sums, by size."""

    @property
    def sums(self) -> Sequence[TileOperation]:
        """The operations that are whole sums."""

    @property
    def maps(self) -> Sequence[TileOperation]:
        """The operations that work value by value."""

    @property
    def gates(self) -> Sequence[TileOperation]:
        """The operations on the gates of LSTM cells."""

    @property
    def operations(self) -> tuple[TileOperation, ...]:
        """Everything that is done to a tile, once."""


class Layout(Protocol):
    """A layout for one size of block on one kind of processor."""

    @property
    def name(self) -> str:
        """Name of the layout, and of the folder with its templates."""

    @property
    def vector(self) -> str | None:
        """Name of the vector unit it is for; None: it does without."""

    @property
    def lanes(self) -> int:
        """Elements that are computed at a time: those of a vector, or one."""

    @property
    def padded_frames(self) -> int:
        """Frames that kernels walk over: a block in whole tiles."""

    def tile(self, conv: Conv1d) -> Tile:
        """Choose the tile of a kernel whose main sum is `conv`."""

    def plain_tile(self) -> Tile:
        """Choose the tile of a kernel that only moves values."""

    def reads_window(self, conv: Conv1d) -> bool:
        """Whether the taps of `conv` are read as one run of memory."""

    def is_contiguous(self, history: History) -> bool:
        """Whether the past and the newest block are one run of memory."""

    def plan_lstm(self, parts: Parts, net: Lstm, start: LstmStart, source: Run, of: str) -> Run:
        """Plan the layers of `net`; return where the hidden states of the last one go."""

    def schedule(self, parts: Parts) -> Schedule:
        """Decide what every kernel does to its tiles, in which order, through which pointers."""

    def storages(self, parts: Parts) -> Sequence[Storage]:
        """Lay out all memories: every way there is, the one with the fewest bytes first."""
