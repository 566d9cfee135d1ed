"""Tile operations: what is done to a whole tile of sums at once, and in which order of loads.

A tile is `rows` accumulators of each of some `frames`.

A Cortex-M7 issues two loads in a cycle when one hits the even and one the odd word bank, and no
load beside a multiply-add. So values are loaded in batches, even and odd words in turn, and each
batch is followed by all the multiply-adds it feeds. Where a tile starts at an odd word, the turns
begin with the other bank: that is another operation. A processor without such pairs has one bank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from namgen.activation_kernels import AT_ONCE, grouped
from namgen.plan.layouts.frame_major.batches import (
    Batch,
    Held,
    Input,
    Load,
    Product,
    alternate_banks,
    batches_ahead,
)
from namgen.plan.layouts.operations import CommonOperation, within


@dataclass(frozen=True, slots=True)
class Tile:
    """Accumulators: `rows` of each of `frames` frames."""

    rows: int
    frames: int
    paired_loads: bool  # of an even and an odd word

    @property
    def size(self) -> str:
        """Rows by frames, as names say it."""
        return f"{self.rows}x{self.frames}"

    @property
    def sums(self) -> tuple[str, ...]:
        """One name per frame; its rows are numbered."""
        return tuple(f"s{frame}" for frame in range(self.frames))

    @property
    def registers(self) -> tuple[str, ...]:
        """One name per accumulator, frame by frame."""
        return tuple(f"{name}_{row}" for name in self.sums for row in range(self.rows))

    def places(self, channels: int) -> tuple[tuple[str, int], ...]:
        """Pair every accumulator with its place among frames of so many channels."""
        places = (f * channels + row for f in range(self.frames) for row in range(self.rows))
        return tuple(zip(self.registers, places, strict=True))

    def row_of(self, register: str) -> int:
        """Return the row of one sum."""
        return self.registers.index(register) % self.rows

    def is_odd(self, word: int) -> bool:
        """Whether a word lies in the odd bank."""
        return self.paired_loads and word % 2 == 1

    def weights(self, name: int, position: int, *, odd: bool) -> list[Load]:
        """Load one weight per row, `position` such groups behind the first."""
        first = position * self.rows
        return [
            Load(f"w{name}_{row}", "w", first + row, self.is_odd(first + row + odd))
            for row in range(self.rows)
        ]


@dataclass(frozen=True, slots=True)
class Carry:
    """Start each frame's sums with that frame's values, `channels` from frame to frame."""

    tile: Tile
    channels: int
    adds: bool

    @property
    def name(self) -> str:
        """What it is called."""
        verb = "PLUS_CARRY" if self.adds else "CARRY"
        return f"{verb}_{self.tile.size}{within(self.tile.rows, self.channels)}"

    @property
    def reads(self) -> tuple[tuple[str, int], ...]:
        """Every accumulator, and where its value lies."""
        return self.tile.places(self.channels)


@dataclass(frozen=True, slots=True)
class Products:
    """Add the products of all rows with `inputs` values of every frame.

    The values are read through `pointers` pointers, oldest tap first, each at its first frame, with
    `channels` values from frame to frame; `batch` inputs are loaded together. `held` values are in
    registers already. `odd_weights` and `odd_values` tell the bank of what is loaded first. With
    `ahead`, so many registers hold what is loaded, and batches begin before an input is done with;
    where values are held, they are as large as the registers allow, of which every input that is
    done with leaves more.
    """

    tile: Tile
    inputs: int
    channels: int
    pointers: int
    batch: int
    held: bool
    odd_weights: bool
    odd_values: bool
    ahead: int = 0

    @property
    def name(self) -> str:
        """What it is called."""
        of = f"OF_{self.inputs}{within(self.inputs, self.channels)}"
        taps = f"_{self.pointers}_TAPS" if self.pointers > 1 else ""
        by = f"_BY_{self.batch}" if self.batch > 1 else ""
        by = f"_{self.ahead}_AHEAD" if self.ahead else by
        odd = f"{'_ODD_W' if self.odd_weights else ''}{'_ODD_X' if self.odd_values else ''}"
        return f"{'HELD_' if self.held else ''}PRODUCTS_{self.tile.size}_{of}{taps}{by}{odd}"

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the pointers."""
        return tuple(f"x{n}" for n in range(self.pointers)) if self.pointers > 1 else ("x",)

    @property
    def weights(self) -> int:
        """Weights that are consumed."""
        return self.tile.rows * self.inputs * self.pointers

    @property
    def batches(self) -> Iterator[Batch]:
        """Yield the batches, in order."""
        order = [(base, i) for base in self.sources for i in range(self.inputs)]
        if self.runs_on:
            inputs = [self._input(n, n, *at) for n, at in enumerate(order)]
            yield from batches_ahead(inputs, self.ahead)
            return
        start = 0
        while start < len(order):
            end = start + self._together(start)
            yield self._batch(order[start:end], start)
            start = end

    @property
    def runs_on(self) -> bool:
        """Whether what one batch loads is used in the next as well."""
        return self.ahead > 0 and not self.held

    def _together(self, done: int) -> int:
        """Count the inputs of the next batch when so many are done with."""
        if not self.ahead:
            return self.batch
        return max(1, (self.ahead + done * self.tile.frames) // self.tile.rows)

    @property
    def parts(self) -> tuple[PartOfProducts, ...]:
        """The same in smaller operations, one a batch; empty where it is one, or they mix taps."""
        mixed = self.ahead or (self.pointers > 1 and self.inputs % self.batch)
        if mixed or self.batch >= self.inputs * self.pointers:
            return ()
        return tuple(self._part(name, first) for name in self.sources for first in self._firsts)

    @property
    def _firsts(self) -> range:
        return range(0, self.inputs, self.batch)

    def _part(self, source: str, first: int) -> PartOfProducts:
        start = (self.sources.index(source) * self.inputs + first) * self.tile.rows
        inputs = min(self.batch, self.inputs - first)
        part = replace(
            self,
            inputs=inputs,
            batch=inputs,
            pointers=1,
            odd_weights=self.tile.is_odd(start + self.odd_weights),
            odd_values=not self.held and self.tile.is_odd(first + self.odd_values),
        )
        return PartOfProducts(part, start, source, first)

    def _batch(self, order: list[tuple[str, int]], start: int) -> Batch:
        inputs = [self._input(n, start + n, *at) for n, at in enumerate(order)]
        products = tuple(product for one in inputs for product in one.products)
        loads = alternate_banks(load for one in inputs for load in one.loads)
        return Batch((tuple(loads),), products)

    def _input(self, name: int, position: int, base: str, channel: int) -> Input:
        """Multiply one input of every frame; its weights are `position` groups behind the first."""
        weights = self.tile.weights(name, position, odd=self.odd_weights)
        values = [
            self._value(f"x{name}_{frame}", base, frame * self.channels + channel)
            for frame in range(self.tile.frames)
        ]
        pairs = zip(self.tile.sums, values, strict=True)
        return Input(tuple(weights), tuple(Product(s, f"w{name}", value) for s, value in pairs))

    def _value(self, name: str, base: str, offset: int) -> Load | Held:
        if self.held:
            return Held(base, offset)
        return Load(name, base, offset, self.tile.is_odd(offset + self.odd_values))


@dataclass(frozen=True, slots=True)
class PartOfProducts:
    """A smaller operation, and where it begins: in the weights, and behind one of the pointers."""

    operation: Products
    weights: int
    source: str
    offset: int


@dataclass(frozen=True, slots=True)
class Window:
    """Add the products of `taps` neighbouring taps: one run of memory serves all of them."""

    tile: Tile
    taps: int
    channels: int
    odd_values: bool

    @property
    def name(self) -> str:
        """What it is called."""
        odd = "_ODD_X" if self.odd_values else ""
        return f"WINDOW_{self.tile.size}_OF_{self.taps}x{self.channels}{odd}"

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the pointers."""
        return ("x",)

    @property
    def weights(self) -> int:
        """Weights that are consumed."""
        return self.tile.rows * self.taps * self.channels

    @property
    def batches(self) -> Iterator[Batch]:
        """Yield the one batch there is."""
        inputs = range(self.channels)
        order = [(tap, channel) for tap in range(self.taps) for channel in inputs]
        weights = [load for n in range(len(order)) for load in self.tile.weights(n, n, odd=False)]
        spread = range(self.tile.frames + self.taps - 1)
        values = {(frame, i): self._load(frame, i) for frame in spread for i in inputs}
        products = tuple(
            Product(sums, f"w{n}", values[frame + tap, channel])
            for n, (tap, channel) in enumerate(order)
            for frame, sums in enumerate(self.tile.sums)
        )
        yield Batch((tuple(alternate_banks([*weights, *values.values()])),), products)

    def _load(self, frame: int, channel: int) -> Load:
        offset = frame * self.channels + channel
        return Load(f"x{frame}_{channel}", "x", offset, self.tile.is_odd(offset + self.odd_values))


def together(function: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Cut `names` into the groups that one call of a grouped function takes."""
    whole = _whole(function, names)
    return tuple(names[n : n + AT_ONCE] for n in range(0, whole, AT_ONCE))


def apart(function: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names that no group takes: a call of its own is made for each."""
    return names[_whole(function, names) :]


def _whole(function: str, names: tuple[str, ...]) -> int:
    return len(names) // AT_ONCE * AT_ONCE if grouped(function) else 0


@dataclass(frozen=True, slots=True)
class Sink:
    """One place that finished sums go to, `channels` values from frame to frame."""

    adds: bool
    channels: int


@dataclass(frozen=True, slots=True)
class Finish:
    """Bring the sums to their places, frame by frame."""

    tile: Tile
    sinks: tuple[Sink, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        verbs = "_AND_".join("ADD_TO" if sink.adds else "STORE" for sink in self.sinks)
        if len(self.sinks) > 1 and not any(sink.adds for sink in self.sinks):
            verbs = "STORE_TWICE"
        wide = dict.fromkeys(within(self.tile.rows, sink.channels) for sink in self.sinks)
        return f"{verbs}_{self.tile.size}{'_AND'.join(wide) if any(wide) else ''}"

    @property
    def targets(self) -> tuple[tuple[str, Sink], ...]:
        """Every place, named."""
        if len(self.sinks) == 1:
            return (("to", self.sinks[0]),)
        return tuple((f"to{n}", sink) for n, sink in enumerate(self.sinks))

    @property
    def writes(self) -> Iterator[tuple[str, int, Sink, str]]:
        """Yield place after place with what goes there, frame by frame."""
        for frame in range(self.tile.frames):
            for to, sink in self.targets:
                first = frame * self.tile.rows
                for register, place in self.tile.places(sink.channels)[first:][: self.tile.rows]:
                    yield to, place, sink, register


Operation: TypeAlias = CommonOperation | Carry | Products | Window | Finish
