"""The instructions of a layer's kernel, in the order of the formula; a scheduler reorders them.

A turn of the kernel's loop takes a few tiles of frames. In a tile, groups of up to four rows are
summed at once: rows times frames are the eight sums that live in registers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from namgen.plan.fixed.builder import POINTERS, Builder
from namgen.plan.fixed.curves import short_tanh, slopes, tanh
from namgen.plan.fixed.shapes import LayerShape, Record, WordShape
from namgen.plan.fixed.tiling import Tiling
from namgen.schedule import thumb
from namgen.schedule.instruction import Access, Instruction, Value


@dataclass(slots=True)
class LayerProgram:
    """Builds the program of one shape of layer."""

    shape: LayerShape
    tiling: Tiling
    build: Builder = field(default_factory=Builder)

    def __post_init__(self) -> None:
        """Give what outlives a tile its home."""
        shape, homes = self.shape, self.build.homes
        homes.add(*POINTERS, *(f"tap {tap}" for tap in range(shape.pointers)))
        homes.add(*self.remainders)
        if shape.has_table:
            homes.add("table")
        homes.add(*self.words_kept)

    @property
    def words_kept(self) -> list[str]:
        """What the 1x1 reads of a tile."""
        if not self.shape.dense:
            return []
        words = range(self.shape.dense.words(self.shape.rows))
        return [f"a{word}.{frame}" for frame in self._frames for word in words]

    @property
    def record(self) -> Record:
        """The record of a frame."""
        return self.shape.record

    @property
    def remainders(self) -> list[str]:
        """What feedback keeps, in the order of its memory."""
        shape, found = self.shape, list[str]()
        if shape.dense and shape.dense.feedback:
            found += [f"ea{row}" for row in range(shape.rows)]
        if shape.writes and shape.writes.feedback:
            found += [f"eq{row}" for row in range(shape.channels)]
        return found

    def write(self) -> Builder:
        """Write the program of one turn."""
        for tile in range(self.tiling.tiles):
            for group in self._groups(self.shape.rows):
                self._layer(tile, group)
            if self.shape.dense:
                for group in self._groups(self.shape.channels):
                    self._residual(tile, group, self.shape.dense)
        self._move_on()
        return self.build

    # -- the convolution, the activation, the head sum

    def _layer(self, tile: int, rows: range) -> None:
        sums = self._seeds(tile, rows)
        sums = self._taps(tile, rows, sums)
        results = self._activated(rows, sums)
        record = self.build.fetch("record")
        self._onto_head(tile, rows, results, record)
        if self.shape.dense:
            self._keep_words(rows, results, self.shape.dense)

    def _seeds(self, tile: int, rows: range) -> list[list[Value]]:
        """Begin sums with bias and mixin."""
        inputs = self._inputs(tile)
        for name in ("bias", "mixin"):
            for row in rows:
                self.build.reserve(name, row)
        return [self._seed(row, inputs) for row in rows]

    def _inputs(self, tile: int) -> list[Value]:
        """Load the input of every frame."""
        record = self.build.fetch("record")
        return [self._input(tile, frame, record) for frame in self._frames]

    def _seed(self, row: int, inputs: list[Value]) -> list[Value]:
        bias, mixin = self.build.weight("bias", row), self.build.weight("mixin", row)
        return [
            self.build.onto("smmlar", f"z{row}.{frame}", (mixin, x), bias, "mixin")
            for frame, x in enumerate(inputs)
        ]

    def _taps(self, tile: int, rows: range, sums: list[list[Value]]) -> list[list[Value]]:
        """Add the products of the convolution."""
        words = self.shape.words_read
        for tap in range(self.shape.kernel_size):
            pointer = self.build.fetch(f"tap {tap}")
            for word in range(words):
                read = [
                    partial(self._tap_word, tile, tap, word, frame, pointer)
                    for frame in self._frames
                ]
                sums = self._products(rows, sums, read, "weight", tap, word, self.shape.reads)
            if self._is_last(tile, rows):
                step = self.tiling.turn_frames * 4 * words
                self.build.advance(f"tap {tap}", pointer, step)
        return sums

    def _products(
        self,
        rows: range,
        sums: list[list[Value]],
        read: Sequence[Callable[[], Value]],
        name: str,
        tap: int,
        word: int,
        words: WordShape,
    ) -> list[list[Value]]:
        """Add the products of one word of every frame; what there is more of is loaded late."""
        found = [list(of_row) for of_row in sums] or [[Value("")] * len(read) for _ in rows]
        weights = dict[int, Value]()
        reads = dict[int, Value]()
        places = [(row, frame) for frame in self._frames for row in range(len(rows))]
        for row, frame in places if len(rows) <= self.tiling.frames else sorted(places):
            if frame not in reads:
                reads[frame] = read[frame]()
            if row not in weights:
                weights[row] = self.build.weight(name, rows[row], tap, word)
            z, factors = found[row][frame], (weights[row], reads[frame])
            if sums:
                made = self.build.onto(words.product, z.name, factors, z, reads[frame].name)
            else:
                made = Value(f"1x1 {rows[row]}.{frame}")
                self.build.put(thumb.multiply("smuad", made, factors, made.name))
            found[row][frame] = made
        return found

    def _activated(self, rows: range, sums: list[list[Value]]) -> list[list[Value]]:
        """Put every sum through the activation."""
        if self.shape.has_table:
            table = self.build.fetch("table")
            return [[self._tanh(z, table) for z in of_row] for of_row in sums]
        found = []
        for row, of_row in zip(rows, sums, strict=True):
            scale, bend = self.build.weight("scale", row), self.build.weight("bend", row)
            found.append([slopes(self.build, value, scale, bend) for value in of_row])
        return found

    def _tanh(self, z: Value, table: Value) -> Value:
        if self.shape.table_shift is None:
            return tanh(self.build, self.shape.tanh_bits, z, table)
        return short_tanh(self.build, self.shape.table_shift, z, table)

    def _onto_head(self, tile: int, rows: range, results: list[list[Value]], record: Value) -> None:
        """Add to the head sum; in the last layer it goes on to the head."""
        shape = self.shape
        target, space = (record, "record") if shape.dense else (self.build.fetch("out"), "out")
        for pair in range(0, len(rows), 2):
            two = range(rows.start + pair, rows.start + pair + 2)
            skips = [self._skip(row) for row in two]
            for frame in self._frames:
                sums = [
                    self._head_sum(tile, row, frame, record, results[row - rows.start][frame], skip)
                    for row, skip in zip(two, skips, strict=True)
                ]
                at = self._at(tile, frame, self.record.head + 4 * two.start)
                if not shape.dense:
                    of_frame = (tile * self.tiling.frames + frame) * shape.words_written
                    at = 4 * (of_frame + two.start)
                self.build.store(sums, target, at, space)

    def _skip(self, row: int) -> Value | None:
        return self.build.weight("skip", row) if self.shape.is_scaled else None

    def _head_sum(
        self, tile: int, row: int, frame: int, record: Value, t: Value, skip: Value | None
    ) -> Value:
        name = f"h{row}.{frame}"
        if self.shape.begins and skip is None:
            total = self._dropped(name, t)
        elif self.shape.begins and skip:
            total = Value(name)
            self.build.put(thumb.multiply("smmulr", total, (t, skip), f"{name} = skip * {t.name}"))
        else:
            at = self._at(tile, frame, self.record.head + 4 * row)
            before = self.build.load(name, record, at, "record")
            if skip is None:
                total = self._added(name, before, t, self.shape.head_drop)
            else:
                total = self.build.onto("smmlar", name, (t, skip), before, "skip")
        if self.shape.dense or not self.shape.head_shift:
            return total
        shifted = Value(name)
        self.build.put(
            thumb.shift_left(shifted, total, self.shape.head_shift, f"{name} to the left")
        )
        return shifted

    def _dropped(self, name: str, t: Value) -> Value:
        """Begin a head sum with what an activation gives."""
        if not self.shape.head_drop:
            return t
        total = Value(name)
        self.build.put(thumb.shift_right(total, t, self.shape.head_drop, f"{name} from {t.name}"))
        return total

    def _added(self, name: str, before: Value, more: Value, drop: int) -> Value:
        """Add a number, shifted to the right, to a sum."""
        total, remark = Value(name), f"{name}: and {more.name}"
        if drop:
            self.build.put(thumb.add_shifted(total, before, more, drop, remark))
        else:
            self.build.put(thumb.add(total, before, more, remark))
        return total

    def _keep_words(self, rows: range, results: list[list[Value]], word: WordShape) -> None:
        """Make the words that the 1x1 reads."""
        for frame, values in enumerate(self._words(rows, results, word, "ea")):
            first = rows.start // (2 if word.kind == "short" else 1)
            for number, value in enumerate(values):
                self.build.keep(f"a{first + number}.{frame}", value)

    # -- the 1x1, the residual

    def _residual(self, tile: int, rows: range, dense: WordShape) -> None:
        record = self.build.fetch("record")
        if self.shape.dense_drop:
            for row in rows if self.shape.carries else ():
                self.build.reserve("carry", row)
            sums = self._dense_products(rows, [], dense)
            for of_row, row in zip(sums, rows, strict=True):
                self._onto_carried(tile, row, record, of_row)
        else:
            carried = [self._carried(tile, row, record) for row in rows]
            sums = self._dense_products(rows, carried, dense)
        for frame in self._frames:
            at = self._at(tile, frame, self.record.residual + 4 * rows.start)
            self.build.store([of_row[frame] for of_row in sums], record, at, "record")
        self._write(tile, rows, sums)

    def _dense_products(
        self, rows: range, sums: list[list[Value]], dense: WordShape
    ) -> list[list[Value]]:
        """Add the products of the 1x1, onto nothing where there are no sums."""
        for word in range(dense.words(self.shape.rows)):
            read = [partial(self.build.fetch, f"a{word}.{frame}") for frame in self._frames]
            sums = self._products(rows, sums, read, "dense", 0, word, dense)
        return sums

    def _onto_carried(self, tile: int, row: int, record: Value, products: list[Value]) -> None:
        """Add sums of products, shifted, to the residual, frame by frame."""
        carry = self._carry_weight(row)
        for frame, more in enumerate(products):
            before = self._carry(tile, row, frame, record, carry)
            products[frame] = self._added(before.name, before, more, self.shape.dense_drop)

    def _carried(self, tile: int, row: int, record: Value) -> list[Value]:
        """Begin with the residual in its new step; in the first layer with the input."""
        carry = self._carry_weight(row)
        return [self._carry(tile, row, frame, record, carry) for frame in self._frames]

    def _carry_weight(self, row: int) -> Value | None:
        return self.build.weight("carry", row) if self.shape.carries else None

    def _carry(self, tile: int, row: int, frame: int, record: Value, carry: Value | None) -> Value:
        name, build = f"r{row}.{frame}", self.build
        if self.shape.begins:
            if carry is None:
                raise ValueError("the first layer scales the input onto the residual")
            value = Value(name)
            x = self._begun(tile, frame, record)
            build.put(thumb.multiply("smmulr", value, (carry, x), f"{name} = carry * x"))
            return value
        value = build.load(
            name, record, self._at(tile, frame, self.record.residual + 4 * row), "record"
        )
        return build.onto("smmlar", name, (value, carry), value, "carry") if carry else value

    def _begun(self, tile: int, frame: int, record: Value) -> Value:
        """Load what the residual begins with."""
        return self._input(tile, frame, record)

    def _write(self, tile: int, rows: range, sums: list[list[Value]]) -> None:
        """Write the words that the next layer's convolution reads."""
        word = self.shape.writes
        if word is None:
            return
        out = self.build.fetch("out")
        per_frame = 4 * self.shape.words_written
        for frame, values in enumerate(self._words(rows, sums, word, "eq")):
            first = rows.start // (2 if word.kind == "short" else 1)
            at = (tile * self.tiling.frames + frame) * per_frame + 4 * first
            self.build.store(values, out, at, "out")

    # -- words

    def _words(
        self, rows: range, values: list[list[Value]], word: WordShape, remainder: str
    ) -> Iterator[list[Value]]:
        """Return the words of every frame."""
        if word.feedback:
            values = [
                self._fed_back(f"{remainder}{row}", of_row, row)
                for row, of_row in zip(rows, values, strict=True)
            ]
        for frame in self._frames:
            now = [of_row[frame] for of_row in values]
            if word.is_upper_half:
                yield list(self._packed(now, thumb.pack_upper))
                continue
            held = [self._held(value, word) for value in now]
            yield held if word.kind == "long" else list(self._packed(held, thumb.pack))

    def _fed_back(self, home: str, values: list[Value], row: int) -> list[Value]:
        """Add what was cut off before, frame after frame."""
        remainder = self.build.fetch(home)
        mask = self.build.weight(f"mask {home[:2]}", row)
        found = []
        for value in values:
            total, rest = Value(f"{value.name} + e"), Value(home)
            self.build.put(thumb.add(total, value, remainder, total.name))
            self.build.put(thumb.mask(rest, total, mask, f"{home}: what is masked of it"))
            found.append(total)
            remainder = rest
        self.build.keep(home, remainder)
        return found

    def _held(self, value: Value, word: WordShape) -> Value:
        if word.kind == "long" and word.bits == 32:
            return value
        held = Value(f"word of {value.name}")
        self.build.put(thumb.saturate(held, value, word.bits, word.shift, held.name))
        if not word.left:
            return held
        moved = Value(held.name)
        self.build.put(thumb.shift_left(moved, held, word.left, f"{moved.name} to the left"))
        return moved

    def _packed(
        self, values: list[Value], pack: Callable[[Value, Value, Value, str], Instruction]
    ) -> Iterator[Value]:
        for low, high in zip(values[::2], values[1::2], strict=True):
            packed = Value(f"{low.name} and the next")
            self.build.put(pack(packed, low, high, packed.name))
            yield packed

    # -- moving on

    def _is_last(self, tile: int, rows: range) -> bool:
        return tile == self.tiling.tiles - 1 and rows.stop == self.shape.rows

    def _move_on(self) -> None:
        frames, build = self.tiling.turn_frames, self.build
        build.advance("record", build.fetch("record"), frames * self.record.size_bytes)
        build.advance("out", build.fetch("out"), frames * 4 * self.shape.words_written)
        self.build.count_down()

    # -- small parts

    @property
    def _frames(self) -> range:
        return range(self.tiling.frames)

    def _groups(self, rows: int) -> Iterable[range]:
        step = self.tiling.rows
        return (range(first, min(first + step, rows)) for first in range(0, rows, step))

    def _at(self, tile: int, frame: int, offset: int) -> int:
        """Where a word of the record of a frame lies."""
        return (tile * self.tiling.frames + frame) * self.record.size_bytes + offset

    def _input(self, tile: int, frame: int, record: Value) -> Value:
        return self.build.load(f"x.{frame}", record, self._at(tile, frame, 0), "record")

    def _tap_word(self, tile: int, tap: int, word: int, frame: int, pointer: Value) -> Value:
        at = 4 * ((tile * self.tiling.frames + frame) * self.shape.words_read + word)
        value = Value(f"tap {tap} word {word}.{frame}")
        bank = (at >> 2) & 1 if self.shape.words_read % 2 == 0 else None
        access = Access(f"tap {tap}", at, constant=True, bank=bank)
        self.build.put(thumb.load(value, pointer, at, access, value.name))
        return value
