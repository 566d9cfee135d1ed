"""Layers too wide for one kernel: two kernels, which take two rows or two channels a call.

The first sums, activates, adds onto the head sum and writes the words of the 1x1 to an array of
their own; the second reads them, and adds onto the residual. Both are given the frames of a whole
block, and begin at other weights, rows and words in every call. A sum is never parted: it is added
up in one call, in the same order as in a kernel for the whole layer.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, fields
from typing import Any

from namgen.plan.fixed.shapes import LayerShape, Record, WordKind, WordShape, said

WHOLE_CHANNELS = 16
"""What one kernel takes at most: its code grows with the square of them."""

PART_ROWS = 2
"""Rows, or channels, of a call: times four frames they are the sums that registers hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartShape(LayerShape):
    """A few rows, or channels, of a wide layer."""

    whole: Record

    @property
    def record(self) -> Record:
        """What is kept of a frame, of all rows and channels."""
        return self.whole

    @property
    @abstractmethod
    def parts(self) -> int:
        """Calls for all rows, or channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SumsShape(PartShape):
    """A few rows of a layer, up to the words of its 1x1."""

    @property
    def parts(self) -> int:
        """Calls for all rows."""
        return self.whole.rows // PART_ROWS

    @property
    def pointers(self) -> int:
        """Those of the taps, and one to the input: the record's begins with the call's rows."""
        return self.kernel_size + 1

    @property
    def ends(self) -> bool:
        """It is another kernel that knows."""
        return False

    @property
    def words_written(self) -> int:
        """Words of a frame that the 1x1 reads, or the head."""
        return self.dense.words(self.whole.rows) if self.dense else self.whole.rows

    @property
    def title(self) -> str:
        """What its kernel is called."""
        return "_".join([f"layer_k{self.kernel_size}", *said(self), "sums"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualShape(PartShape):
    """A few channels of the residual behind a layer: its one tap reads the words of the 1x1."""

    @property
    def parts(self) -> int:
        """Calls for all channels."""
        return self.whole.channels // PART_ROWS

    @property
    def pointers(self) -> int:
        """One to the words, and one to the input where the residual begins with it."""
        return 1 + self.begins

    @property
    def words_read(self) -> int:
        """Words of the 1x1."""
        return self.reads.words(self.whole.rows)

    @property
    def words_written(self) -> int:
        """Words of a frame that the next layer reads."""
        return self.writes.words(self.whole.channels) if self.writes else 0

    @property
    def title(self) -> str:
        """What its kernel is called."""
        return "_".join(["residual", *said(self)])


def parts_of(shape: LayerShape) -> tuple[LayerShape, ...]:
    """Return the kernels of a layer: its own, or those of its parts."""
    if max(shape.rows, shape.channels) <= WHOLE_CHANNELS:
        return (shape,)
    sums = _sums_shape(shape)
    return (sums,) if shape.dense is None else (sums, _residual_shape(shape, shape.dense.kind))


def _sums_shape(shape: LayerShape) -> SumsShape:
    """Return what computes the rows of a wide layer."""
    mine = _known(shape) | {"rows": PART_ROWS, "carries": False, "writes": None, "dense_drop": 0}
    return SumsShape(**mine, whole=shape.record)


def _residual_shape(shape: LayerShape, kind: WordKind) -> ResidualShape:
    """Return what computes the residual behind a wide layer."""
    words = WordShape(kind)
    mine = _known(shape) | {
        "channels": PART_ROWS,
        "kernel_size": 1,
        "reads": words,
        "is_scaled": False,
        "dense": words,
        "tanh_bits": 0,
        "table_shift": None,
        "head_drop": 0,
    }
    return ResidualShape(**mine, whole=shape.record)


def _known(shape: LayerShape) -> dict[str, Any]:
    return {item.name: getattr(shape, item.name) for item in fields(LayerShape)}
