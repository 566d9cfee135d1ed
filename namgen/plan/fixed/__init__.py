"""Plans the C of an integer network: kernels, weights, memories, the calls of one block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from namgen.blocks import DEFAULT_BLOCK_FRAMES, check_block
from namgen.boards import Board, Region
from namgen.errors import UnsupportedError
from namgen.fixed.ir import I32, IntegerArray, IntegerLayer, IntegerNetwork, Slopes, Word
from namgen.fixed.reference import Rest, settled
from namgen.ir import Model
from namgen.plan.fixed.head import HeadShape
from namgen.plan.fixed.kernels import FixedKernel, make_kernels
from namgen.plan.fixed.memory import WORD_BYTES, FixedHistory, FixedRing, make_rings
from namgen.plan.fixed.packing import head_weights, layer_weights, packed
from namgen.plan.fixed.program import Record
from namgen.plan.fixed.shapes import WordShape, channels_of, even, layer_shape
from namgen.plan.memory import Buffer
from namgen.plan.program import SelfTest
from namgen.processors import DEFAULT_PROCESSOR
from namgen.targets import Target

__all__ = ["FixedPlan", "plan_fixed"]


@dataclass(frozen=True, slots=True, eq=False)
class FixedWeights:
    """One constant array."""

    symbol: str
    values: I32
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class FixedStage:
    """The call of one layer's kernel, or of the head's."""

    name: str
    title: str
    made: FixedKernel
    weights: FixedWeights
    reads: FixedHistory
    writes: FixedHistory | None  # None: the head, whose output leaves the network
    remainders: int  # words that feedback keeps

    @property
    def kernel(self) -> str:
        """The name of its C function."""
        return self.made.name

    @property
    def remainders_symbol(self) -> str:
        """The identifier of what feedback keeps."""
        return f"{self.name}_remainders"


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
    record: Record
    stages: tuple[FixedStage, ...]
    kernels: tuple[FixedKernel, ...]
    rings: tuple[FixedRing, ...]
    flat: tuple[FixedHistory, ...]  # whose past is moved down after each call
    buffers: tuple[Buffer, ...]
    regions: tuple[Region, ...]  # that hold buffers; none: nothing is placed
    code_region: Region | None  # that kernels run in
    self_test: SelfTest
    in_channels: int = 1
    out_channels: int = 1

    @property
    def weights(self) -> tuple[FixedWeights, ...]:
        """Every weight array, in order."""
        return tuple(stage.weights for stage in self.stages)

    @property
    def cycles_per_frame(self) -> float:
        """Cycles of all kernels' loops for a frame, histories in memory without wait states."""
        return sum(stage.made.cycles_per_frame for stage in self.stages)

    @property
    def cached_words_per_frame(self) -> float:
        """Words that taps read of memory behind the data cache."""
        slow = {region.name for region in self.regions if region.is_cached}
        rings = (ring for ring in self.rings if ring.region in slow)
        return sum(ring.buffer.reads_per_frame for ring in rings)

    @property
    def code(self) -> tuple[Buffer, ...]:
        """The machine code of every kernel, and where it runs."""
        region = self.code_region.name if self.code_region else None
        return tuple(
            Buffer(kernel.code_symbol, kernel.code_bytes, region, True, 1.0)
            for kernel in self.kernels
        )

    @property
    def max_taps(self) -> int:
        """Most tap pointers any kernel takes."""
        return max(stage.reads.kernel_size for stage in self.stages if stage.writes)

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
    array, board = _only_array(network), target.board if target else None
    code = board.code_region if board else None
    stages = _stages(array, settled(network), code.free_bytes if code else None)
    record = Record(even(array.layers[0].rows), even(channels_of(array.layers[0])))
    flat = tuple(h for h in (stages[0].reads, stages[-1].reads))
    ringed = tuple(stage.reads for stage in stages[1:-1])
    fixed = _fixed_buffers(stages, flat, record, block_frames)
    taken = sum(-(-buffer.size_bytes // 8) * 8 for buffer in fixed)
    rings = make_rings(ringed, block_frames, board, taken)
    buffers = _placed(fixed, board) + tuple(ring.buffer for ring in rings)
    return FixedPlan(
        name=model.name,
        source=model.source,
        sha256=model.sha256,
        sample_rate_hz=model.sample_rate_hz,
        receptive_field=1 + sum(stage.reads.lookback for stage in stages),
        made_for=target.processor.name if target else DEFAULT_PROCESSOR,
        block_frames=block_frames,
        options=model.options,
        summary=("Fixed point: integers of 16 and 32 bits, the same bits on every machine.",),
        gain=network.gain,
        record=record,
        stages=stages,
        kernels=tuple(dict.fromkeys(stage.made for stage in stages)),
        rings=rings,
        flat=flat,
        buffers=buffers,
        regions=_regions(buffers, board),
        code_region=code,
        self_test=self_test,
    )


def _only_array(network: IntegerNetwork) -> IntegerArray:
    """Return the one array.

    Raises:
        UnsupportedError: there is no kernel for what is in it.

    """
    if len(network.arrays) != 1:
        raise UnsupportedError(
            f"fixed point: expected one array of layers, found {len(network.arrays)}"
        )
    (array,) = network.arrays
    for number, layer in enumerate(array.layers):
        if not isinstance(layer.activation, Slopes):
            kind = type(layer.activation).__name__
            raise UnsupportedError(f"fixed point: layer {number}: no kernel for {kind}")
        if max(layer.rows, channels_of(layer)) > MOST_CHANNELS:
            raise UnsupportedError(
                f"fixed point: layer {number}: expected at most {MOST_CHANNELS} channels, found "
                f"{max(layer.rows, channels_of(layer))}"
            )
    if len(array.head.weight) != 1:
        raise UnsupportedError("fixed point: expected a head with one output")
    return array


def _stages(array: IntegerArray, rest: Rest, room_bytes: int | None) -> tuple[FixedStage, ...]:
    """Plan the calls of one block: the layers, then the head."""
    layers, head = array.layers, array.head
    (at_rest,) = rest
    histories = [
        FixedHistory(
            f"layer{number}",
            packed(words.astype(np.int32), WordShape.of(layer.word)) if layer.word else _ZERO,
            layer.lookback,
            layer.kernel_size,
            layer.dilation,
        )
        for number, (layer, words) in enumerate(zip(layers, at_rest.layers, strict=True))
    ]
    width = packed(at_rest.head.astype(np.int32), WordShape("long"))
    histories.append(FixedHistory("head", width, head.kernel_size - 1, head.kernel_size, 1))
    shapes = [
        layer_shape(
            layer,
            _word_of(layers, number + 1),
            begins=number == 0,
            channels=channels_of(layer),
            head_shift=head.shift,
        )
        for number, layer in enumerate(layers)
    ]
    of_head = HeadShape(len(width), head.kernel_size)
    kernels = make_kernels(Counter((*shapes, of_head)), room_bytes)
    stages = [
        _layer_stage(number, layer, _word_of(layers, number + 1), histories, kernels[shape])
        for number, (layer, shape) in enumerate(zip(layers, shapes, strict=True))
    ]
    kernel, title = kernels[of_head], f"head: kernel {head.kernel_size}"
    weights = FixedWeights("head_weights", head_weights(head, kernel.turn.weights), title)
    return (*stages, FixedStage("head", title, kernel, weights, histories[-1], None, 0))


MOST_CHANNELS = 16
"""The record of a frame is reached with the offsets that instructions have."""

_ZERO = np.zeros(1, np.int32)
"""The input of a settled network."""


def _word_of(layers: Sequence[IntegerLayer], number: int) -> Word | None:
    return layers[number].word if number < len(layers) else None


def _layer_stage(
    number: int,
    layer: IntegerLayer,
    following: Word | None,
    histories: Sequence[FixedHistory],
    kernel: FixedKernel,
) -> FixedStage:
    name = f"layer{number}"
    title = f"{name}: kernel {layer.kernel_size}, dilation {layer.dilation}"
    values = layer_weights(layer, following, kernel.turn.weights)
    return FixedStage(
        name,
        title,
        kernel,
        FixedWeights(f"{name}_weights", values, title),
        histories[number],
        histories[number + 1],
        len(kernel.turn.remainders),
    )


def _fixed_buffers(
    stages: Sequence[FixedStage], flat: Sequence[FixedHistory], record: Record, block_frames: int
) -> tuple[Buffer, ...]:
    """List the arrays that belong into the fastest memory, whatever else does."""
    found = [
        Buffer(s.weights.symbol, len(s.weights.values) * WORD_BYTES, None, True, 1.0)
        for s in stages
    ]
    found += [
        Buffer(s.remainders_symbol, s.remainders * WORD_BYTES, None, False, 1.0)
        for s in stages
        if s.remainders
    ]
    found += [
        Buffer(h.symbol, (h.lookback + block_frames) * h.words * WORD_BYTES, None, False, 1.0)
        for h in flat
    ]
    found.append(Buffer("records", block_frames * record.size_bytes, None, False, 1.0))
    found.append(Buffer("heads", block_frames * WORD_BYTES, None, False, 1.0))
    return tuple(found)


def _placed(buffers: Sequence[Buffer], board: Board | None) -> tuple[Buffer, ...]:
    region = board.model_regions[0] if board else None
    return tuple(replace(buffer, region=region) for buffer in buffers)


def _regions(buffers: Sequence[Buffer], board: Board | None) -> tuple[Region, ...]:
    if board is None:
        return ()
    names = {buffer.region for buffer in buffers}
    return tuple(board.region(name) for name in board.model_regions if name in names)
