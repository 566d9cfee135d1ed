"""Tile operations on vectors: what is done to a tile of `rows` rows by some vectors of frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from namgen.plan.layouts.operations import CommonOperation
from namgen.plan.steps import Activate, Rows


class Where(Enum):
    """Where the vectors of a row lie."""

    ROWS = "ROWS"  # behind a pointer, a stride from channel to channel
    ROW = "ROW"  # behind a pointer, of one channel
    HELD = "HELD"  # in an array of the tile


def where(rows: Rows) -> Where:
    """Return where `rows` lie."""
    if rows.local:
        return Where.HELD
    return Where.ROWS if rows.channels > 1 else Where.ROW


@dataclass(frozen=True, slots=True)
class Tile:
    """Accumulators: `rows` of `vectors` vectors each."""

    rows: int
    vectors: int

    @property
    def size(self) -> str:
        """Rows by vectors, as names say it."""
        return f"{self.rows}x{self.vectors}"

    @property
    def grid(self) -> Iterator[tuple[int, int]]:
        """Row and vector of every accumulator."""
        return ((row, vector) for row in range(self.rows) for vector in range(self.vectors))

    @property
    def registers(self) -> tuple[str, ...]:
        """One name per accumulator."""
        return tuple(f"s{row}_{vector}" for row, vector in self.grid)


@dataclass(frozen=True, slots=True)
class Carry:
    """Start the sums with the vectors of some rows, or add these."""

    tile: Tile
    source: Where
    adds: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{'PLUS_' if self.adds else ''}CARRY_{self.source.value}_{self.tile.size}"


@dataclass(frozen=True, slots=True)
class Input:
    """Add the products of all rows with one input in every vector; the pointer may move on."""

    tile: Tile
    held: bool
    moves: bool

    @property
    def name(self) -> str:
        """What it is called."""
        held = "HELD_" if self.held else ""
        return f"{held}{'NEXT_' if self.moves else ''}INPUT_{self.tile.size}"

    @property
    def has_stride(self) -> bool:
        """Whether it is told how far the next input is."""
        return self.moves and not self.held

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the pointer, and of the way to the next input."""
        return ("in", "stride") if self.has_stride else ("in",)


@dataclass(frozen=True, slots=True)
class Products:
    """Add the products of all rows with inputs: so many `turns` of `inputs`, both pointers moving.

    `in` stays where it is if there is but one input.
    """

    tile: Tile
    inputs: int
    turns: int
    held: bool

    @property
    def name(self) -> str:
        """What it is called."""
        held = "HELD_" if self.held else ""
        turns = f"{self.turns}x" if self.turns > 1 else ""
        return f"{held}PRODUCTS_{self.tile.size}_OF_{turns}{self.inputs}"

    @property
    def input(self) -> Input:
        """The operation for one input."""
        return Input(self.tile, self.held, self.inputs * self.turns > 1)

    @property
    def has_stride(self) -> bool:
        """Whether it is told how far an input is from the one before."""
        return self.input.has_stride

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the pointer, and of the way from one input to the next."""
        return self.input.sources

    @property
    def weights_of_inputs(self) -> range:
        """Where the weights of each input begin."""
        return range(0, self.weights_of_turn, self.tile.rows)

    @property
    def weights_of_turn(self) -> int:
        """Weights that one turn consumes."""
        return self.inputs * self.tile.rows

    @property
    def moves(self) -> frozenset[str]:
        """The pointers that move on."""
        return frozenset({"w", "in"} if self.input.moves else {"w"})


@dataclass(frozen=True, slots=True)
class Finish:
    """Bring the sums to their place, or add them to what is there."""

    tile: Tile
    target: Where
    adds: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{'ADD_TO' if self.adds else 'STORE'}_{self.target.value}_{self.tile.size}"


SumOperation: TypeAlias = CommonOperation | Carry | Input | Products | Finish


@dataclass(frozen=True, slots=True)
class MapOperation:
    """Something that is done vector by vector to the `channels` channels of arrays.

    `kind` is one of `Modulate`, `Apply`, `Gate`, `Add` and `Copy`; `operands` are the places of its
    arrays, what is written first.
    """

    kind: str
    channels: int
    vectors: int
    operands: tuple[Where, ...]
    activations: tuple[Activate, ...] = ()
    variant: bool = False  # with a shift, or blended

    @property
    def name(self) -> str:
        """What it is called."""
        kinds = {"Modulate": "SCALE_AND_SHIFT", "Gate": "BLEND"}
        verb = kinds.get(self.kind, "") if self.variant else ""
        verb = verb or {"Modulate": "SCALE"}.get(self.kind, self.kind.upper())
        sides = "_BY_".join(map(_stem, self.activations))
        places = "_".join(place.value for place in self.operands)
        return "_".join(filter(None, [verb, sides, places, f"{self.channels}x{self.vectors}"]))

    @property
    def parameters(self) -> tuple[tuple[str, Where], ...]:
        """Name and place of every array."""
        names = ("to", "x", "by") if self.kind != "Apply" else ("to",)
        return tuple(zip(names, self.operands, strict=False))

    @property
    def has_slopes(self) -> bool:
        """Whether any activation has a parameter per channel."""
        return any(activation.per_channel for activation in self.activations)

    @property
    def secondary_offset(self) -> int:
        """Where the slopes of the second activation begin."""
        return self.channels if self.activations[0].per_channel else 0


def _stem(activation: Activate) -> str:
    params = [f"{p:g}" for p in activation.call.params]
    own = ["PER_CHANNEL"] if activation.per_channel else []
    text = "_".join([activation.call.function.removeprefix("nam_"), *own, *params])
    return text.upper().replace("-", "M").replace(".", "P").replace("+", "")


Operation: TypeAlias = SumOperation | MapOperation
