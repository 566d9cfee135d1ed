"""What one kernel is made for: layers of one shape share it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from namgen.fixed.ir import IntegerLayer, Slopes, Word

WordKind: TypeAlias = Literal["input", "short", "long"]


@dataclass(frozen=True, slots=True)
class WordShape:
    """How 32-bit numbers become what products read."""

    kind: WordKind
    bits: int = 32
    shift: int = 0
    feedback: bool = False

    @classmethod
    def of(cls, word: Word | None) -> WordShape:
        """The shape of a word; None reads the input itself."""
        if word is None:
            return cls("input")
        if word.is_short:
            return cls("short", word.bits, word.shift, word.masks is not None)
        return cls("long", word.bits)

    def words(self, channels: int) -> int:
        """Words of memory for a frame; short ones come in pairs."""
        return {"input": 1, "short": (channels + 1) // 2, "long": channels}[self.kind]

    @property
    def product(self) -> str:
        """The instruction of a product."""
        return "smlad" if self.kind == "short" else "smmlar"


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
    writes: WordShape | None  # of the residual, for the next layer
    head_shift: int  # of the head sum to the left, where the layer is the last

    @property
    def words_read(self) -> int:
        """Words of a frame that each tap reads."""
        return self.reads.words(self.channels)

    @property
    def words_written(self) -> int:
        """Words of a frame that go out: to the next layer's history, or to the head's."""
        return self.writes.words(self.channels) if self.writes else self.rows

    @property
    def title(self) -> str:
        """What its kernel is called: what is special about it."""
        fed_back = [word for word in (self.dense, self.writes) if word and word.feedback]
        long = self.dense is not None and self.dense.kind == "long"
        said = {
            "first": self.begins,
            "last": self.dense is None,
            "long": long,
            "feedback": bool(fed_back),
        }
        return "_".join([f"layer_k{self.kernel_size}", *(word for word in said if said[word])])


def even(count: int) -> int:
    """Round up to pairs."""
    return count + count % 2


def channels_of(layer: IntegerLayer) -> int:
    """Channels of the residual; in a last layer, which leaves it alone, those it read."""
    return len(layer.dense.weight) if layer.dense else layer.inputs


def layer_shape(
    layer: IntegerLayer, following: Word | None, *, begins: bool, channels: int, head_shift: int
) -> LayerShape:
    """Return the shape of a layer before one that reads `following`.

    Raises:
        ValueError: the activation has no kernel.

    """
    if not isinstance(layer.activation, Slopes):
        raise ValueError(f"{type(layer.activation).__name__} has no kernel")
    dense = WordShape.of(layer.dense.word) if layer.dense else None
    return LayerShape(
        even(layer.rows),
        even(channels),
        layer.kernel_size,
        replace(WordShape.of(layer.word), bits=32, shift=0, feedback=False),
        layer.skip is not None,
        begins,
        layer.carry is not None,
        dense,
        WordShape.of(following) if dense else None,
        0 if dense else head_shift,
    )
