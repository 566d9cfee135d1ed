"""Plans the C of an integer network: kernels, weights, memories, the calls of one block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from namgen.blocks import DEFAULT_BLOCK_FRAMES, check_block
from namgen.boards import Board, Region
from namgen.errors import UnsupportedError
from namgen.fixed.ir import MOST_CHANNELS, IntegerLayer, IntegerNetwork, Slopes
from namgen.fixed.real import layer_path
from namgen.fixed.reference import settled
from namgen.ir import Model
from namgen.plan.fixed.kernels import FixedKernel
from namgen.plan.fixed.memory import WORD_BYTES, FixedHistory, FixedRing, make_rings
from namgen.plan.fixed.parts import ResidualShape
from namgen.plan.fixed.shapes import channels_of
from namgen.plan.fixed.stages import (
    AnyStage,
    FixedEntrance,
    FixedRecord,
    FixedStage,
    FixedTable,
    FixedWeights,
    make_records,
    make_stages,
    make_table,
)
from namgen.plan.memory import Buffer
from namgen.plan.program import SelfTest
from namgen.processors import DEFAULT_PROCESSOR, Processor, load_processor
from namgen.targets import Target

__all__ = ["FixedPlan", "plan_fixed"]

MACHINE_CODE_MACRO = "NAM_TARGET_CORTEX_M7"
"""Told to the compilers of processors that run the machine code of kernels."""


@dataclass(frozen=True, slots=True, eq=False)
class FixedPlan:
    """Everything the C of an integer network needs, decided."""

    name: str
    source: str
    sha256: str
    sample_rate_hz: int
    receptive_field: int
    made_for: str
    block_frames: int  # the public MAX_BLOCK
    options: tuple[str, ...]
    summary: tuple[str, ...]
    gain: np.float32
    records: tuple[FixedRecord, ...]  # one per array of layers
    table: FixedTable | None  # of the activations
    stages: tuple[AnyStage, ...]
    kernels: tuple[FixedKernel, ...]
    rings: tuple[FixedRing, ...]
    flat: tuple[FixedHistory, ...]  # whose past is moved down after each call
    buffers: tuple[Buffer, ...]
    regions: tuple[Region, ...]  # that hold buffers; none: nothing is placed
    code_region: Region | None  # that kernels run in
    self_test: SelfTest
    has_machine_code: bool  # the processor's; plain C alone for every other
    integer_rows: int = 1  # rows of a layer that a vector holds; 1: there are none
    in_channels: int = 1
    out_channels: int = 1

    @property
    def calls(self) -> tuple[FixedStage, ...]:
        """The calls of kernels."""
        return _calls(self.stages)

    @property
    def histories(self) -> tuple[FixedHistory, ...]:
        """All that convolutions read."""
        calls = (stage.reads for stage in self.calls)
        return tuple(dict.fromkeys((*calls, *self.flat)))

    @property
    def weights(self) -> tuple[FixedWeights, ...]:
        """Every weight array, in order."""
        return tuple(stage.weights for stage in self.stages)

    @property
    def cycles_per_frame(self) -> float:
        """Cycles of all kernels' loops for a frame, histories in memory without wait states."""
        return sum(stage.parts * stage.made.cycles_per_frame for stage in self.calls)

    @property
    def further_calls(self) -> int:
        """Calls of kernels in a block beyond one a stage: for the parts of wide layers."""
        return sum(stage.parts - 1 for stage in self.calls)

    @property
    def cached_words_per_frame(self) -> float:
        """Words that taps read of memory behind the data cache."""
        slow = {region.name for region in self.regions if region.is_cached}
        rings = (ring for ring in self.rings if ring.region in slow)
        return sum(ring.buffer.reads_per_frame for ring in rings)

    @property
    def entrance_weights(self) -> int:
        """Weights of what leads from an array of layers to the next, each used once a frame."""
        return sum(len(s.weights.values) for s in self.stages if s.is_entrance)

    @property
    def code(self) -> tuple[Buffer, ...]:
        """The machine code of every kernel, and where it runs."""
        if not self.has_machine_code:
            return ()
        region = self.code_region.name if self.code_region else None
        return tuple(
            Buffer(kernel.code_symbol, kernel.code_bytes, region, True, 1.0)
            for kernel in self.kernels
        )

    @property
    def max_taps(self) -> int:
        """Most tap pointers any kernel takes."""
        return max(stage.pointers for stage in self.calls)

    @property
    def vector(self) -> None:
        """It is laid out for no vector unit."""
        return

    @property
    def may_play_in_place(self) -> bool:
        """The output never overtakes the input."""
        return True

    @property
    def has_state(self) -> bool:
        """What a call hears changes the calls after it."""
        return True

    @property
    def has_past(self) -> bool:
        """Histories move on when a call ends."""
        return True

    def region_of(self, symbol: str) -> Region | None:
        """Region of a static array; None where it is placed in none."""
        name = next((buffer.region for buffer in self.buffers if buffer.symbol == symbol), None)
        return next((region for region in self.regions if region.name == name), None)


def plan_fixed(
    model: Model,
    network: IntegerNetwork,
    self_test: SelfTest,
    *,
    target: Target | None = None,
    block_frames: int = DEFAULT_BLOCK_FRAMES,
) -> FixedPlan:
    """Plan the C of `network`, which is `model` in integers.

    Raises:
        UnsupportedError: no kernel computes such a network.
        BudgetError: the arrays do not fit the target's memories.

    """
    check_block(block_frames)
    board = target.board if target else None
    code = board.code_region if board else None
    processor = target.processor if target else load_processor(DEFAULT_PROCESSOR)
    stages = _stages(_checked(network), code, processor)
    records, table = make_records(network), make_table(network)
    flat, read = _flat(stages), tuple(stage.reads for stage in _calls(stages))
    ringed = tuple(history for history in read if history not in flat)
    fixed = _fixed_buffers(stages, flat, records, table, block_frames)
    rings = make_rings(ringed, block_frames, board, _taken_bytes(fixed))
    buffers = _placed(fixed, board) + tuple(ring.buffer for ring in rings)
    return FixedPlan(
        name=model.name,
        source=model.source,
        sha256=model.sha256,
        sample_rate_hz=model.sample_rate_hz,
        receptive_field=1 + sum(history.lookback for history in (*ringed, *flat)),
        made_for=processor.name,
        block_frames=block_frames,
        options=model.options,
        summary=("Fixed point: integers of 16 and 32 bits, the same bits on every machine.",),
        gain=network.gain,
        records=records,
        table=table,
        stages=stages,
        kernels=tuple(dict.fromkeys(stage.made for stage in _calls(stages))),
        rings=rings,
        flat=flat,
        buffers=buffers,
        regions=_regions(buffers, board),
        code_region=code,
        self_test=self_test,
        has_machine_code=_has_machine_code(processor),
        integer_rows=processor.integer_rows,
    )


def _has_machine_code(processor: Processor) -> bool:
    return MACHINE_CODE_MACRO in processor.macros


def _stages(
    network: IntegerNetwork, code: Region | None, processor: Processor
) -> tuple[AnyStage, ...]:
    """Plan the calls of one block, as the processor runs them best."""
    ordered, rows = _has_machine_code(processor), processor.integer_rows
    return make_stages(network, settled(network), code, ordered=ordered, integer_rows=rows)


def _calls(stages: Sequence[AnyStage]) -> tuple[FixedStage, ...]:
    """Return the calls of kernels."""
    return tuple(stage for stage in stages if isinstance(stage, FixedStage))


def _flat(stages: Sequence[AnyStage]) -> tuple[FixedHistory, ...]:
    """Return the histories of the input and of the head sums, and the words of wide 1x1s."""
    calls = _calls(stages)
    entrances = (stage for stage in stages if isinstance(stage, FixedEntrance))
    between = (stage.heads for stage in entrances if stage.heads)
    words = (stage.reads for stage in calls if isinstance(stage.made.shape, ResidualShape))
    return (calls[0].reads, *between, calls[-1].reads, *dict.fromkeys(words))


def _checked(network: IntegerNetwork) -> IntegerNetwork:
    """Return the network.

    Raises:
        UnsupportedError: there is no kernel for what is in it.

    """
    for a, array in enumerate(network.arrays):
        for number, layer in enumerate(array.layers):
            _check_layer(layer_path(a, number), layer)
    curves = [layer.activation for array in network.arrays for layer in array.layers]
    if len({type(curve) for curve in curves if not isinstance(curve, Slopes)}) > 1:
        raise UnsupportedError("fixed point: expected one table of tanh for all layers")
    for following in network.arrays[1:]:
        first = following.layers[0].word
        if first is None or first.masks is not None:
            raise UnsupportedError("fixed point: expected no feedback between arrays of layers")
    if len(network.arrays[-1].head.weight) != 1:
        raise UnsupportedError("fixed point: expected a head with one output")
    return network


def _check_layer(path: str, layer: IntegerLayer) -> None:
    widest = max(layer.rows, channels_of(layer))
    if widest > MOST_CHANNELS:
        raise UnsupportedError(
            f"{path}: fixed point: expected at most {MOST_CHANNELS} channels, found {widest}"
        )


def _fixed_buffers(
    stages: Sequence[AnyStage],
    flat: Sequence[FixedHistory],
    records: Sequence[FixedRecord],
    table: FixedTable | None,
    block_frames: int,
) -> tuple[Buffer, ...]:
    """List the arrays that belong into the fastest memory, whatever else does."""
    found = [
        Buffer(s.weights.symbol, len(s.weights.values) * WORD_BYTES, None, True, 1.0)
        for s in stages
    ]
    found += [
        Buffer(s.remainders_symbol, s.remainders * WORD_BYTES, None, False, 1.0)
        for s in stages
        if isinstance(s, FixedStage) and s.remainders
    ]
    found += [
        Buffer(h.symbol, (h.lookback + block_frames) * h.words * WORD_BYTES, None, False, 1.0)
        for h in flat
    ]
    found += [
        Buffer(record.symbol, block_frames * record.shape.size_bytes, None, False, 1.0)
        for record in records
    ]
    if table:
        found.append(Buffer(table.symbol, table.values.nbytes, None, True, 1.0))
    found.append(Buffer("heads", block_frames * WORD_BYTES, None, False, 1.0))
    return tuple(found)


def _taken_bytes(buffers: Sequence[Buffer]) -> int:
    return sum(-(-buffer.size_bytes // 8) * 8 for buffer in buffers)


def _placed(buffers: Sequence[Buffer], board: Board | None) -> tuple[Buffer, ...]:
    region = board.model_regions[0] if board else None
    return tuple(replace(buffer, region=region) for buffer in buffers)


def _regions(buffers: Sequence[Buffer], board: Board | None) -> tuple[Region, ...]:
    if board is None:
        return ()
    names = {buffer.region for buffer in buffers}
    return tuple(board.region(name) for name in board.model_regions if name in names)
