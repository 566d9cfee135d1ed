"""The instructions of the two kernels of a wide layer, in the order of the formula."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from namgen.plan.fixed.builder import Builder
from namgen.plan.fixed.parts import PART_ROWS, ResidualShape, SumsShape
from namgen.plan.fixed.program import LayerProgram
from namgen.plan.fixed.shapes import LayerShape, WordShape
from namgen.plan.fixed.tiling import Tiling
from namgen.schedule import thumb
from namgen.schedule.instruction import Access, Value

_ROWS = range(PART_ROWS)


def layer_program(shape: LayerShape, rows: int) -> LayerProgram:
    """Return what writes the kernel of a shape; `rows` are summed at once."""
    if isinstance(shape, SumsShape):
        return SumsProgram(shape, Tiling.of(rows))
    if isinstance(shape, ResidualShape):
        return ResidualProgram(shape, Tiling.of(rows))
    return LayerProgram(shape, Tiling.of(rows))


@dataclass(slots=True)
class PartProgram(LayerProgram):
    """Of a few rows, which the record's pointer is moved to; the input has a pointer of its own."""

    @property
    def words_kept(self) -> list[str]:
        """Words of the 1x1 lie in memory."""
        return []

    @property
    def x(self) -> str:
        """The pointer to the input."""
        return f"tap {self.shape.pointers - 1}"

    def _inputs(self, tile: int) -> list[Value]:
        pointer = self.build.fetch(self.x)
        return [self._input(tile, frame, pointer) for frame in self._frames]

    def _input(self, tile: int, frame: int, record: Value) -> Value:
        at = 4 * (tile * self.tiling.frames + frame)
        value, access = Value(f"x.{frame}"), Access("input", at, constant=True)
        self.build.put(thumb.load(value, record, at, access, value.name))
        return value

    def _next_frames(self, pointer: str, words: int) -> None:
        """Move a pointer on by the words of the frames of a turn."""
        step = 4 * words * self.tiling.turn_frames
        self.build.advance(pointer, self.build.fetch(pointer), step)


@dataclass(slots=True)
class SumsProgram(PartProgram):
    """Sums, activations, head sums, words of the 1x1."""

    def write(self) -> Builder:
        """Write the program of one turn."""
        self._layer(0, _ROWS)
        self._next_frames(self.x, 1)
        self._move_on()
        return self.build

    def _keep_words(self, rows: range, results: list[list[Value]], word: WordShape) -> None:
        """Write the words that the 1x1 reads."""
        out = self.build.fetch("out")
        for frame, values in enumerate(self._words(rows, results, word, "ea")):
            self.build.store(values, out, 4 * frame * self.shape.words_written, "out")


@dataclass(slots=True)
class ResidualProgram(PartProgram):
    """The 1x1 onto the residual, and the words of the next layer."""

    def write(self) -> Builder:
        """Write the program of one turn."""
        self._residual(0, _ROWS, self.shape.reads)
        self._next_frames("tap 0", self.shape.words_read)
        if self.shape.begins:
            self._next_frames(self.x, 1)
        self._move_on()
        return self.build

    def _dense_products(
        self, rows: range, sums: list[list[Value]], dense: WordShape
    ) -> list[list[Value]]:
        pointer = self.build.fetch("tap 0")
        for word in range(self.shape.words_read):
            read = [partial(self._tap_word, 0, 0, word, frame, pointer) for frame in self._frames]
            sums = self._products(rows, sums, read, "dense", 0, word, dense)
        return sums

    def _begun(self, tile: int, frame: int, record: Value) -> Value:
        return self._input(tile, frame, self.build.fetch(self.x))
