"""Tile operations of an LSTM cell on vectors: a tile is some vectors of units of the four gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from namgen.plan.layouts.operations import stem
from namgen.plan.stages import GATES


@dataclass(frozen=True, slots=True)
class Gates:
    """Accumulators: `vectors` of each gate."""

    vectors: int

    @property
    def registers(self) -> tuple[str, ...]:
        """One name per accumulator, gate by gate, in the order of their weights."""
        return tuple(f"{gate}{vector}" for gate in GATES for vector in range(self.vectors))


@dataclass(frozen=True, slots=True)
class DeclareGates:
    """Open the four gates' sums."""

    gates: Gates

    @property
    def name(self) -> str:
        """What it is called."""
        return f"GATES_{self.gates.vectors}"


@dataclass(frozen=True, slots=True)
class SeedGates:
    """Start the four gates' sums with the biases."""

    gates: Gates

    @property
    def name(self) -> str:
        """What it is called."""
        return f"SEED_GATES_{self.gates.vectors}"


@dataclass(frozen=True, slots=True)
class GateProducts:
    """Add the products of all gates with one value, which fills a vector."""

    gates: Gates

    @property
    def name(self) -> str:
        """What it is called."""
        return f"GATE_PRODUCTS_{self.gates.vectors}"


@dataclass(frozen=True, slots=True)
class StepCell:
    """``state = f * state + i * g``, ``hidden = o * tanh(state)`` of activated gates."""

    gates: Gates
    tanh: str  # functions of nam_activations.h
    sigmoid: str

    @property
    def name(self) -> str:
        """What it is called."""
        return f"STEP_CELL_{stem(self.sigmoid)}_AND_{stem(self.tanh)}_{self.gates.vectors}"


CellOperation: TypeAlias = DeclareGates | SeedGates | GateProducts | StepCell
