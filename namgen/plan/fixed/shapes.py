"""What one kernel is made for: layers of one shape share it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from namgen.fixed.ir import IntegerLayer, LongTanh, ShortTanh, Word

WordKind: TypeAlias = Literal["input", "short", "long"]

SHORT_U_BITS = 25
"""What a tanh of 16 bits reads: from -8 up to 8 with 21 fractional bits."""


@dataclass(frozen=True, slots=True)
class WordShape:
    """How 32-bit numbers become what products read."""

    kind: WordKind
    bits: int = 32
    shift: int = 0
    left: int = 0  # of long words
    feedback: bool = False

    @classmethod
    def of(cls, word: Word | None) -> WordShape:
        """The shape of a word; None reads the input itself."""
        if word is None:
            return cls("input")
        if word.is_short:
            return cls("short", word.bits, word.shift, feedback=word.masks is not None)
        return cls("long", word.bits, left=word.left)

    @property
    def is_upper_half(self) -> bool:
        """Whether a word is the upper half of the number: nothing is held within anything."""
        return self.kind == "short" and self.bits == self.shift == 16

    def words(self, channels: int) -> int:
        """Words of memory for a frame; short ones come in pairs."""
        return {"input": 1, "short": (channels + 1) // 2, "long": channels}[self.kind]

    @property
    def product(self) -> str:
        """The instruction of a product."""
        return "smlad" if self.kind == "short" else "smmlar"


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a frame from layer to layer: input, head sum, residual. In bytes."""

    rows: int
    channels: int

    @property
    def head(self) -> int:
        """Where the head sum lies, behind the input; pairs of words are aligned."""
        return 8

    @property
    def residual(self) -> int:
        """Where the residual lies."""
        return self.head + 4 * self.rows

    @property
    def size_bytes(self) -> int:
        """From one frame to the next."""
        return self.residual + 4 * self.channels

    @property
    def words(self) -> int:
        """Words of a frame."""
        return self.size_bytes // 4

    @property
    def head_words(self) -> int:
        """Words in front of the head sum."""
        return self.head // 4

    @property
    def residual_words(self) -> int:
        """Words in front of the residual."""
        return self.residual // 4


@dataclass(frozen=True, slots=True)
class LayerShape:
    """One layer without its numbers. Rows and channels are even: a row of zeros makes up for it."""

    rows: int
    channels: int
    kernel_size: int
    reads: WordShape  # as they lie in the history; how they came there is another kernel's
    is_scaled: bool  # t is scaled onto the head sum
    begins: bool  # the head sum: this layer is the first of all
    carries: bool  # the residual is scaled
    dense: WordShape | None  # None: the last layer, whose head sum goes to the head
    writes: WordShape | None  # of the residual, for the next layer; None: there is none
    head_shift: int  # of the head sum to the left, where the layer is the last
    tanh_bits: int = 0  # fractional bits of z before a tanh of 32 bits
    table_shift: int | None = None  # of z before a tanh of 16 bits; neither: slopes
    head_drop: int = 0  # of t to the right, onto the head sum
    dense_drop: int = 0  # of the 1x1's sum to the right, onto the residual

    @property
    def has_table(self) -> bool:
        """Whether the activation reads one."""
        return self.tanh_bits > 0 or self.table_shift is not None

    @property
    def table_left(self) -> int:
        """Bits that z moves to the left before a tanh of 16 bits; 0: none, or to the right."""
        return max(-(self.table_shift or 0), 0)

    @property
    def table_bits(self) -> int:
        """Bits that z is held within, where it moves to the left."""
        return SHORT_U_BITS - self.table_left

    @property
    def words_read(self) -> int:
        """Words of a frame that each tap reads."""
        return self.reads.words(self.channels)

    @property
    def words_written(self) -> int:
        """Words of a frame that go out: to the next layer's history, or to the head's."""
        if self.writes:
            return self.writes.words(self.channels)
        return 0 if self.dense else self.rows

    @property
    def record(self) -> Record:
        """What is kept of a frame."""
        return Record(self.rows, self.channels)

    @property
    def pointers(self) -> int:
        """Those that a kernel takes beside its record and where it writes: of its taps."""
        return self.kernel_size

    @property
    def ends(self) -> bool:
        """Whether nobody reads words of the residual behind it."""
        return self.dense is not None and self.writes is None

    @property
    def title(self) -> str:
        """What its kernel is called: what is special about it."""
        return "_".join([f"layer_k{self.kernel_size}", *said(self)])


def said(shape: LayerShape) -> list[str]:
    """Say what is special about a layer, a word each."""
    fed_back = [word for word in (shape.dense, shape.writes) if word and word.feedback]
    told = {
        "first": shape.begins,
        "last": shape.dense is None,
        "long": shape.dense is not None and shape.dense.kind == "long",
        "tanh": shape.has_table,
        "end": shape.ends,
        "feedback": bool(fed_back),
    }
    return [word for word in told if told[word]]


def even(count: int) -> int:
    """Round up to pairs."""
    return count + count % 2


def channels_of(layer: IntegerLayer) -> int:
    """Channels of the residual; in a last layer, which leaves it alone, those it read."""
    return len(layer.dense.weight) if layer.dense else layer.inputs


def layer_shape(
    layer: IntegerLayer, following: Word | None, *, begins: bool, channels: int, head_shift: int
) -> LayerShape:
    """Return the shape of a layer before one that reads `following`."""
    curve = layer.activation
    dense = WordShape.of(layer.dense.word) if layer.dense else None
    return LayerShape(
        even(layer.rows),
        even(channels),
        layer.kernel_size,
        replace(WordShape.of(layer.word), bits=32, shift=0, left=0, feedback=False),
        layer.skip is not None,
        begins,
        layer.carry is not None,
        dense,
        WordShape.of(following) if dense and following else None,
        0 if dense else head_shift,
        curve.fraction_bits if isinstance(curve, LongTanh) else 0,
        curve.shift if isinstance(curve, ShortTanh) else None,
        layer.drop,
        layer.dense.drop if layer.dense else 0,
    )
