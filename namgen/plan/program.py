"""The plan of one model: all that the C text needs, decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32, Elements
from namgen.boards import Region
from namgen.plan.layouts import Layout, Schedule, Storage
from namgen.plan.memory import Block, Buffer, History, Run, TapPointers, Weights
from namgen.plan.parts import Parts
from namgen.plan.stages import (
    Cell,
    CellKernel,
    KernelStage,
    LstmStage,
    NamedKernel,
    PublishStage,
    Stage,
)


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
    made_for: str  # the target and its processor, for a reader
    block_frames: int  # the public MAX_BLOCK
    options: tuple[str, ...]
    summary: tuple[str, ...]
    input: Run
    output: Block
    parts: Parts
    layout: Layout
    storage: Storage
    schedule: Schedule
    buffers: tuple[Buffer, ...]
    regions: tuple[Region, ...]  # of the board, that hold buffers; none: nothing is placed
    self_test: SelfTest

    @property
    def vector(self) -> str | None:
        """The vector unit it is laid out for, by the processor's name; None: for none."""
        return self.layout.vector

    @property
    def padded_frames(self) -> int:
        """What the kernels really walk over: a block in whole tiles."""
        return self.layout.padded_frames

    @property
    def histories(self) -> tuple[History, ...]:
        """Every history, in order."""
        return tuple(self.parts.histories)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every block buffer, in order."""
        return tuple(self.parts.blocks)

    @property
    def weights(self) -> tuple[Weights, ...]:
        """Every weight array, in order."""
        return tuple(self.parts.weights)

    @property
    def kernels(self) -> tuple[NamedKernel, ...]:
        """Every kernel, once, in order of its first call."""
        return tuple(self.parts.kernels.values())

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The calls of one block, in order."""
        return tuple(self.parts.stages)

    @property
    def input_upkeep(self) -> tuple[PublishStage, ...]:
        """What a history that the model's input is written to needs then, if anything."""
        source = self.input
        if isinstance(source, History) and not self.layout.is_contiguous(source):
            return (PublishStage(source),)
        return ()

    @property
    def lstms(self) -> tuple[LstmStage, ...]:
        """The calls that step LSTM layers."""
        return self.parts.lstms

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every LSTM layer, in order."""
        return self.parts.cells

    @property
    def cell_kernels(self) -> tuple[CellKernel, ...]:
        """The C function of every LSTM layer, each once."""
        return self.parts.cell_kernels

    def constants(self) -> Iterator[tuple[str, Elements]]:
        """Name all numbers that are part of the C: weights, and the state it starts from."""
        yield from ((weights.symbol, weights.values) for weights in self.weights)
        yield from ((history.symbol, history.start) for history in self.histories)
        yield from ((state.symbol, state.start) for state in self.parts.states)

    @property
    def max_taps(self) -> int:
        """Most tap pointers any convolution needs; 0 when none does."""
        return max((taps.kernel_size for taps in self._taps()), default=0)

    @property
    def has_flat_taps(self) -> bool:
        """Whether any convolution reads a contiguous history through tap pointers."""
        return any(self.layout.is_contiguous(taps.history) for taps in self._taps())

    @property
    def has_past(self) -> bool:
        """Whether any history moves on when a call ends."""
        return any(history.lookback for history in self.histories)

    @property
    def code(self) -> tuple[Buffer, ...]:
        """Functions that have a memory to run in: none, compilers put them where code lies."""
        return ()

    @property
    def may_play_in_place(self) -> bool:
        """Whether the output never overtakes the input it is written over."""
        return self.out_channels <= self.in_channels

    @property
    def has_state(self) -> bool:
        """Whether what a call hears changes the calls after it."""
        return self.has_past or bool(self.parts.states)

    def _taps(self) -> list[TapPointers]:
        stages = (stage for stage in self.stages if isinstance(stage, KernelStage))
        return [stage.taps for stage in stages if stage.taps]

    def region_of(self, symbol: str) -> Region | None:
        """Region of a static array; None where it is placed in none."""
        name = next((buffer.region for buffer in self.buffers if buffer.symbol == symbol), None)
        return next((region for region in self.regions if region.name == name), None)
