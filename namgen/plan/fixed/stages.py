"""The calls of one block: layers, what lies between arrays of layers, the head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from namgen.fixed.ir import (
    I32,
    IntegerArray,
    IntegerLayer,
    IntegerNetwork,
    LongTanh,
    ShortTanh,
    Word,
)
from namgen.fixed.reference import ArrayRest, Rest
from namgen.plan.fixed.head import HeadShape
from namgen.plan.fixed.kernels import FixedKernel, make_kernels
from namgen.plan.fixed.memory import FixedHistory
from namgen.plan.fixed.packing import entrance_weights, head_weights, layer_weights, packed
from namgen.plan.fixed.shapes import LayerShape, Record, WordShape, channels_of, even, layer_shape


@dataclass(frozen=True, slots=True, eq=False)
class FixedWeights:
    """One constant array."""

    symbol: str
    values: I32
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class FixedTable:
    """The rows of an activation."""

    symbol: str
    values: I32
    middle: int  # where the row of 0 lies


@dataclass(frozen=True, slots=True, eq=False)
class FixedRecord:
    """The array of what is kept of every frame of a block."""

    symbol: str
    shape: Record


@dataclass(frozen=True, slots=True, eq=False)
class FixedStage:
    """The call of one layer's kernel, or of the head's."""

    is_entrance: ClassVar[bool] = False

    name: str
    title: str
    made: FixedKernel
    weights: FixedWeights
    reads: FixedHistory
    writes: FixedHistory | None  # None: the head, whose output leaves the network, or nobody reads
    remainders: int  # words that feedback keeps
    record: FixedRecord

    @property
    def kernel(self) -> str:
        """The name of its C function."""
        return self.made.name

    @property
    def remainders_symbol(self) -> str:
        """The identifier of what feedback keeps."""
        return f"{self.name}_remainders"

    @property
    def record_symbol(self) -> str:
        """The identifier of the records of its array."""
        return self.record.symbol


@dataclass(frozen=True, slots=True, eq=False)
class FixedEntrance:
    """What begins an array of layers that follows another: head sums, residual, first words."""

    is_entrance: ClassVar[bool] = True
    remainders: ClassVar[int] = 0

    name: str
    title: str
    weights: FixedWeights
    writes: FixedHistory
    before: FixedRecord
    record: FixedRecord
    head_shift: int
    word: WordShape
    heads: FixedHistory | None  # the head sums before, that a head of several taps reads

    @property
    def kernel(self) -> str:
        """The name of its C function."""
        return f"{self.name}_enter"


AnyStage: TypeAlias = FixedStage | FixedEntrance


def make_records(network: IntegerNetwork) -> tuple[FixedRecord, ...]:
    """Plan what is kept of a frame in every array of layers."""
    several = len(network.arrays) > 1
    return tuple(
        FixedRecord(f"records{number}" if several else "records", _record(array))
        for number, array in enumerate(network.arrays)
    )


def _record(array: IntegerArray) -> Record:
    first = array.layers[0]
    return Record(even(first.rows), even(channels_of(first)))


def make_table(network: IntegerNetwork) -> FixedTable | None:
    """Return the table of the activations, which all layers share; rows are value and slope."""
    for array in network.arrays:
        for layer in array.layers:
            curve = layer.activation
            if isinstance(curve, LongTanh):
                rows = np.stack((curve.values, curve.slopes), axis=1).reshape(-1)
                return FixedTable("tanh_rows", rows.astype(np.int32), len(curve.values) // 2 * 2)
            if isinstance(curve, ShortTanh):
                return FixedTable("tanh_rows", curve.rows, len(curve.rows) // 2)
    return None


def make_stages(
    network: IntegerNetwork, rest: Rest, room_bytes: int | None
) -> tuple[AnyStage, ...]:
    """Plan the calls of one block; kernels may take so many bytes of code."""
    arrays, last = network.arrays, network.arrays[-1]
    shapes = [list(_shapes(number, array, last)) for number, array in enumerate(arrays)]
    of_head = HeadShape(even(last.head.weight.shape[1]), last.head.kernel_size)
    kernels = make_kernels(Counter((*(s for of in shapes for s in of), of_head)), room_bytes)
    stages: list[AnyStage] = []
    layers: list[list[FixedStage]] = []
    head = _head_history(last, rest[-1])
    records = make_records(network)
    for number, array in enumerate(arrays):
        end = head if array is last else None
        made = [kernels[shape] for shape in shapes[number]]
        name = f"array{number}_" if len(arrays) > 1 else ""
        layers.append(list(_layers(name, array, rest[number], made, end, records[number])))
    for number, array in enumerate(arrays):
        if number:
            reads = _heads_between(number - 1, arrays[number - 1], rest[number - 1])
            writes = layers[number][0].reads
            stages.append(_entrance(number, arrays[number - 1], array, reads, writes, records))
        stages += layers[number]
    kernel, title = kernels[of_head], f"head: kernel {last.head.kernel_size}"
    weights = FixedWeights("head_weights", head_weights(last.head, kernel.turn.weights), title)
    return (*stages, FixedStage("head", title, kernel, weights, head, None, 0, records[-1]))


def _shapes(number: int, array: IntegerArray, last: IntegerArray) -> Iterator[LayerShape]:
    for position, layer in enumerate(array.layers):
        yield layer_shape(
            layer,
            _word_of(array.layers, position + 1),
            begins=number == 0 and position == 0,
            channels=channels_of(layer),
            head_shift=array.head.shift,
        )


def _heads_between(number: int, array: IntegerArray, rest: ArrayRest) -> FixedHistory | None:
    """Return the history of the head sums of an array that another follows, where it has one."""
    size = array.head.kernel_size
    if size == 1:
        return None
    start = packed(rest.head.astype(np.int32), WordShape("long"))
    return FixedHistory(f"array{number}_head", start, size - 1, size, 1)


def _head_history(array: IntegerArray, rest: ArrayRest) -> FixedHistory:
    start, size = packed(rest.head.astype(np.int32), WordShape("long")), array.head.kernel_size
    return FixedHistory("head", start, size - 1, size, 1)


def _layers(
    name: str,
    array: IntegerArray,
    rest: ArrayRest,
    kernels: Sequence[FixedKernel],
    end: FixedHistory | None,
    record: FixedRecord,
) -> Iterator[FixedStage]:
    histories = [
        FixedHistory(
            f"{name}layer{number}",
            packed(words.astype(np.int32), WordShape.of(layer.word)) if layer.word else _ZERO,
            layer.lookback,
            layer.kernel_size,
            layer.dilation,
        )
        for number, (layer, words) in enumerate(zip(array.layers, rest.layers, strict=True))
    ]
    following = [*histories[1:], end]
    for number, (layer, kernel) in enumerate(zip(array.layers, kernels, strict=True)):
        title = f"{histories[number].name}: kernel {layer.kernel_size}, dilation {layer.dilation}"
        word = _word_of(array.layers, number + 1)
        values = layer_weights(layer, word, kernel.turn.weights)
        yield FixedStage(
            histories[number].name,
            title,
            kernel,
            FixedWeights(f"{histories[number].name}_weights", values, title),
            histories[number],
            following[number],
            len(kernel.turn.remainders),
            record,
        )


def _entrance(
    number: int,
    before: IntegerArray,
    array: IntegerArray,
    heads: FixedHistory | None,
    writes: FixedHistory,
    records: Sequence[FixedRecord],
) -> FixedEntrance:
    name = f"array{number}"
    title = f"{name}: head and rechannel behind the array before"
    values = entrance_weights(before.head, array.rechannel, records[number - 1].shape)
    return FixedEntrance(
        name,
        title,
        FixedWeights(f"{name}_weights", values, title),
        writes,
        records[number - 1],
        records[number],
        before.head.shift,
        WordShape.of(array.layers[0].word),
        heads,
    )


_ZERO = np.zeros(1, np.int32)
"""The input of a settled network."""


def _word_of(layers: Sequence[IntegerLayer], number: int) -> Word | None:
    return layers[number].word if number < len(layers) else None
