"""The calls of one block: layers, what lies between arrays of layers, the head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from namgen.boards import Region
from namgen.fixed.ir import (
    I32,
    IntegerArray,
    IntegerHead,
    IntegerLayer,
    IntegerNetwork,
    LongTanh,
    ShortTanh,
    Word,
)
from namgen.fixed.reference import ArrayRest, Rest
from namgen.plan.fixed.head import HeadShape, head_width
from namgen.plan.fixed.kernels import FixedKernel, make_kernels
from namgen.plan.fixed.memory import FixedHistory
from namgen.plan.fixed.packing import BIAS, entrance_weights, head_weights, layer_weights, packed
from namgen.plan.fixed.parts import PART_ROWS, PartShape, ResidualShape, parts_of
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
    parts: int = 1  # of rows or channels, for which the kernel is called one after the other
    steps: tuple[tuple[str, int], ...] = ()  # words from part to part, of what it is given

    @property
    def pointers(self) -> int:
        """Those that its kernel takes beside record and output."""
        return 1 if isinstance(self.made.shape, HeadShape) else self.made.shape.pointers

    @property
    def input_pointer(self) -> int | None:
        """Which of them is the input's; None: none is."""
        has_one = isinstance(self.made.shape, PartShape) and self.pointers > self.reads.kernel_size
        return self.pointers - 1 if has_one else None

    @property
    def bias_at(self) -> int | None:
        """Where a bias lies among its weights that its calls add onto; None: one call adds it."""
        shape = self.made.shape
        is_part = isinstance(shape, HeadShape) and shape.is_part
        return len(self.weights.values) - 1 if is_part else None

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
    network: IntegerNetwork,
    rest: Rest,
    code: Region | None,
    *,
    ordered: bool,
    integer_rows: int,
) -> tuple[AnyStage, ...]:
    """Plan the calls of one block, with kernels that fit where their code runs.

    `ordered`: they have machine code; else, with several `integer_rows`, as many are in a vector.
    """
    room = code.free_bytes if code else None
    arrays, last = network.arrays, network.arrays[-1]
    shapes = [list(_shapes(number, array)) for number, array in enumerate(arrays)]
    every = [part for of_array in shapes for parts in of_array for part in parts]
    of_head = _head_shape(last)
    uses: Counter[LayerShape | HeadShape] = Counter((*every, of_head))
    kernels = make_kernels(uses, room, ordered=ordered, integer_rows=integer_rows)
    words = FixedHistory("activations", np.zeros(_most_kept(every), np.int32), 0, 1, 1)
    stages: list[AnyStage] = []
    layers: list[list[FixedStage]] = []
    head = _head_history(last, rest[-1])
    records = make_records(network)
    for number, array in enumerate(arrays):
        end = head if array is last else None
        made = [[kernels[part] for part in parts] for parts in shapes[number]]
        name = f"array{number}_" if len(arrays) > 1 else ""
        layers.append(list(_layers(name, array, rest[number], made, end, words, records[number])))
    for number, array in enumerate(arrays):
        if number:
            reads = _heads_between(number - 1, arrays[number - 1], rest[number - 1])
            writes = layers[number][0].reads
            stages.append(_entrance(number, arrays[number - 1], array, reads, writes, records))
        stages += layers[number]
    return (*stages, _head(last.head, kernels[of_head], of_head, head, records[-1]))


def _shapes(number: int, array: IntegerArray) -> Iterator[tuple[LayerShape, ...]]:
    """Yield the shapes of the kernels of every layer."""
    for position, layer in enumerate(array.layers):
        yield parts_of(
            layer_shape(
                layer,
                _word_of(array.layers, position + 1),
                begins=number == 0 and position == 0,
                channels=channels_of(layer),
                head_shift=array.head.shift,
            )
        )


def _head_shape(array: IntegerArray) -> HeadShape:
    whole = even(array.head.weight.shape[1])
    return HeadShape(head_width(whole), array.head.kernel_size, whole)


def _most_kept(shapes: Iterable[LayerShape]) -> int:
    """Return the words of the 1x1 of a frame that lie in memory, where most do."""
    kept = (shape.words_read for shape in shapes if isinstance(shape, ResidualShape))
    return max(kept, default=0)


def _head(
    head: IntegerHead,
    kernel: FixedKernel,
    shape: HeadShape,
    reads: FixedHistory,
    record: FixedRecord,
) -> FixedStage:
    """Plan the call of the last head, or those of its parts: weights, then the bias of all."""
    title, order = f"head: kernel {head.kernel_size}", kernel.turn.weights
    parts, steps = shape.whole // shape.width, tuple[tuple[str, int], ...]()
    if shape.is_part:
        steps = (("weights", len(order)), ("taps[0]", shape.width))
        firsts = range(0, shape.whole, shape.width)
        order = (*((n, r, t, first + w) for first in firsts for n, r, t, w in order), BIAS)
    weights = FixedWeights("head_weights", head_weights(head, order), title)
    return FixedStage("head", title, kernel, weights, reads, None, 0, record, parts, steps)


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
    kernels: Sequence[Sequence[FixedKernel]],
    end: FixedHistory | None,
    words: FixedHistory,
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
    for number, (layer, made) in enumerate(zip(array.layers, kernels, strict=True)):
        mine, word = histories[number], _word_of(array.layers, number + 1)
        title = f"{mine.name}: kernel {layer.kernel_size}, dilation {layer.dilation}"
        names = {mine.name: title, f"{mine.name}_residual": f"{mine.name}: the residual"}
        passed = [mine, *(words for _ in made[1:]), following[number]]
        for at, (kernel, called) in enumerate(zip(made, names, strict=False)):
            values, parts, steps = _parted(layer, word, kernel)
            yield FixedStage(
                called,
                names[called],
                kernel,
                FixedWeights(f"{called}_weights", values, names[called]),
                passed[at] or mine,
                passed[at + 1],
                parts * len(kernel.turn.remainders),
                record,
                parts,
                steps,
            )


def _parted(
    layer: IntegerLayer, word: Word | None, kernel: FixedKernel
) -> tuple[I32, int, tuple[tuple[str, int], ...]]:
    """Return a layer's weights, in how many calls its kernel reads them, and what moves on."""
    shape, order = kernel.shape, kernel.turn.weights
    if not isinstance(shape, PartShape):
        return layer_weights(layer, word, order), 1, ()
    moved = {
        "weights": len(order),
        "remainders": len(kernel.turn.remainders),
        "record": PART_ROWS,
        "out": shape.words_written // shape.parts,
    }
    rows = range(0, PART_ROWS * shape.parts, PART_ROWS)
    every = ((name, first + row, tap, word) for first in rows for name, row, tap, word in order)
    steps = tuple((name, words) for name, words in moved.items() if words)
    return layer_weights(layer, word, every), shape.parts, steps


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
