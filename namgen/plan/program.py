"""What the generated file holds: memories, kernels, and the order of calls for one block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32
from namgen.plan.layouts.planar.storage import Layout
from namgen.plan.memory import (
    Block,
    Buffer,
    History,
    OldestRun,
    Ring,
    Run,
    TapPointers,
    Weights,
)
from namgen.plan.steps import Kernel


@dataclass(frozen=True, slots=True, eq=False)
class KernelStage:
    """Call one kernel on one layer's memory."""

    title: str
    kernel: str  # name of the C function
    weights: Weights | None
    arguments: tuple[Run | OldestRun, ...]  # in the order of the kernel's ports
    taps: TapPointers | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PublishStage:
    """Keep the copy behind a ring in step with the block just written."""

    history: History


@dataclass(frozen=True, slots=True, eq=False)
class CellStage:
    """Step one LSTM layer over the frames of the call.

    `hidden` is its own output, whose last frame it reads again; `state` is what it keeps beside.
    """

    title: str
    kernel: str
    weights: Weights
    source: Run
    hidden: History
    symbol: str
    start: tuple[float, ...]  # of the state

    @property
    def state(self) -> str:
        """Name of the array that keeps the cell state."""
        return f"{self.symbol}_state"

    @property
    def start_values(self) -> F32:
        """The cell state at reset."""
        return np.array(self.start, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class VectorCell:
    """One LSTM layer on a host, `unit_tile` units in registers at a time."""

    symbol: str
    input_size: int
    hidden_size: int
    units: int  # in whole tiles; those behind `hidden_size` do nothing
    unit_tile: int
    tanh: str  # functions of nam_activations.h
    sigmoid: str
    weights: Weights
    hidden_start: F32  # (units,)
    state_start: F32  # (units,)


@dataclass(frozen=True, slots=True, eq=False)
class VectorLstmStage:
    """Step LSTM layers frame by frame on a host; the last hidden state goes to `target`."""

    title: str
    symbol: str
    source: Run
    cells: tuple[VectorCell, ...]
    target: Block

    @property
    def kernel(self) -> str:
        """Name of the C function."""
        return f"{self.symbol}_run"


Stage: TypeAlias = KernelStage | PublishStage | CellStage | VectorLstmStage


@dataclass(frozen=True, slots=True)
class CellKernel:
    """The C function for LSTM layers of one size, `unit_tile` units in registers at a time."""

    name: str
    input_size: int
    hidden_size: int
    tanh: str  # functions of nam_activations.h
    sigmoid: str
    unit_tile: int
    unroll_inputs: int
    unroll_hidden: int
    weights_per_batch: int


@dataclass(frozen=True, slots=True)
class NamedKernel:
    """A kernel, the name of its C function and the formula above it."""

    name: str
    kernel: Kernel
    formula: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SelfTest:
    """A few frames from the start state, and the bits that must come out."""

    samples: F32  # (frames * in_channels,), interleaved
    expected: npt.NDArray[np.uint32]  # (frames * out_channels,), NaN and infinities as 0
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything the C text needs, decided: names, sizes, order, places."""

    name: str
    source: str
    sha256: str
    sample_rate_hz: int
    receptive_field: int | None  # frames; None where the network never forgets
    in_channels: int
    out_channels: int
    block_frames: int  # the public MAX_BLOCK
    padded_frames: int  # what the kernels really walk over: a whole number of tiles
    options: tuple[str, ...]
    summary: tuple[str, ...]
    input: Run
    output: Block
    histories: tuple[History, ...]
    rings: tuple[Ring, ...]
    blocks: tuple[Block, ...]
    weights: tuple[Weights, ...]
    kernels: tuple[NamedKernel, ...]
    cells: tuple[CellKernel, ...]
    stages: tuple[Stage, ...]
    buffers: tuple[Buffer, ...]
    self_test: SelfTest
    layout: Layout | None = None  # planar, for a host; None: frame by frame, for a pedal

    @property
    def cell_stages(self) -> tuple[CellStage, ...]:
        """Every LSTM layer, in order."""
        return tuple(stage for stage in self.stages if isinstance(stage, CellStage))

    def constants(self) -> Iterator[tuple[str, F32]]:
        """Name all numbers that are part of the C: weights, and the state it starts from."""
        yield from ((weights.symbol, weights.values) for weights in self.weights)
        yield from (
            (history.symbol, np.array(history.start, np.float32)) for history in self.histories
        )
        yield from ((stage.state, stage.start_values) for stage in self.cell_stages)
        for cell in self.vector_cells:
            yield f"{cell.symbol}_hidden", cell.hidden_start
            yield f"{cell.symbol}_state", cell.state_start

    @property
    def vector_cells(self) -> tuple[VectorCell, ...]:
        """Every LSTM layer of a host's plan, in order."""
        stages = (stage for stage in self.stages if isinstance(stage, VectorLstmStage))
        return tuple(cell for stage in stages for cell in stage.cells)

    @property
    def max_taps(self) -> int:
        """Most tap pointers any convolution needs; 0 when none does."""
        return max((taps.kernel_size for taps in self._taps()), default=0)

    @property
    def has_flat(self) -> bool:
        """Whether any history is moved down after each call."""
        return any(history.is_flat for history in self.histories)

    @property
    def has_flat_taps(self) -> bool:
        """Whether any convolution reads a history that is not a ring through tap pointers."""
        return any(not taps.history.is_ring for taps in self._taps())

    @property
    def remembers(self) -> bool:
        """Whether any history moves when a call ends."""
        return any(history.lookback for history in self.histories)

    @property
    def may_play_in_place(self) -> bool:
        """Whether the output never overtakes the input it is written over."""
        return self.out_channels <= self.in_channels

    @property
    def has_state(self) -> bool:
        """Whether what a call hears changes the calls after it."""
        return self.remembers or bool(self.vector_cells)

    def _taps(self) -> list[TapPointers]:
        stages = (stage for stage in self.stages if isinstance(stage, KernelStage))
        return [stage.taps for stage in stages if stage.taps]

    def region_of(self, symbol: str) -> str:
        """Region of a static array."""
        return next(buffer.region for buffer in self.buffers if buffer.symbol == symbol)
