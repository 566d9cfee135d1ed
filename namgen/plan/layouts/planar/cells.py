"""Tile operations of an LSTM cell on vectors: a tile is some vectors of units of the four gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from namgen.plan.layouts.operations import OnTile, stem
from namgen.plan.stages import GATES


@dataclass(frozen=True, slots=True)
class Gates:
    """Accumulators: `vectors` of each gate."""

    vectors: int

    @property
    def size(self) -> str:
        """The vectors of a gate, as names say it."""
        return str(self.vectors)

    @property
    def registers(self) -> tuple[str, ...]:
        """One name per accumulator, gate by gate, in the order of their weights."""
        return tuple(f"{gate}{vector}" for gate in GATES for vector in range(self.vectors))

    @property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """Vector by vector, where the four gates lie in an array of the sums."""
        starts = range(0, len(GATES) * self.vectors, self.vectors)
        return tuple(tuple(start + n for start in starts) for n in range(self.vectors))


@dataclass(frozen=True, slots=True)
class DeclareGates(OnTile[Gates]):
    """Open the four gates' sums."""

    verb: ClassVar[str] = "GATES"


@dataclass(frozen=True, slots=True)
class SeedGates(OnTile[Gates]):
    """Start the four gates' sums with the biases."""

    verb: ClassVar[str] = "SEED_GATES"


@dataclass(frozen=True, slots=True)
class GateProducts(OnTile[Gates]):
    """Add the products of all gates with one value, which fills a vector."""

    verb: ClassVar[str] = "GATE_PRODUCTS"


@dataclass(frozen=True, slots=True)
class KeepGates(OnTile[Gates]):
    """Bring the four gates' sums to an array."""

    verb: ClassVar[str] = "KEEP_GATES"


@dataclass(frozen=True, slots=True)
class StepState:
    """``state = f * state + i * g`` of activated gates; the state takes the place of ``f``, too."""

    tile: Gates
    tanh: str  # functions of nam_tanh.h
    sigmoid: str

    @property
    def name(self) -> str:
        """What it is called."""
        return f"STATE_OF_{stem(self.sigmoid)}_AND_{stem(self.tanh)}_{self.tile.size}"


@dataclass(frozen=True, slots=True)
class StepHidden:
    """``hidden = o * tanh(state)`` of an activated gate."""

    tile: Gates
    tanh: str
    sigmoid: str

    @property
    def name(self) -> str:
        """What it is called."""
        return f"HIDDEN_OF_{stem(self.sigmoid)}_AND_{stem(self.tanh)}_{self.tile.size}"


CellOperation: TypeAlias = (
    DeclareGates | SeedGates | GateProducts | KeepGates | StepState | StepHidden
)
