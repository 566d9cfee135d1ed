"""Tile operations of an LSTM cell: the rows of a tile are units, its frames are the four gates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from namgen.plan.layouts.frame_major.batches import Batch, Load, Product, alternate_banks
from namgen.plan.layouts.operations import stem
from namgen.plan.stages import GATES


def names(gate: str, units: int) -> tuple[str, ...]:
    """Name one value of every unit."""
    return tuple(f"{gate}_{unit}" for unit in range(units))


@dataclass(frozen=True, slots=True)
class SeedGates:
    """Open the four gates' sums, and start them with the biases."""

    units: int

    @property
    def name(self) -> str:
        """What it is called."""
        return f"SEED_GATES_{self.units}"

    @property
    def weights(self) -> int:
        """Weights that are consumed."""
        return len(GATES) * self.units

    @property
    def registers(self) -> tuple[str, ...]:
        """One name per accumulator, gate by gate."""
        return tuple(name for gate in GATES for name in names(gate, self.units))


@dataclass(frozen=True, slots=True)
class CellProducts:
    """Add the products of all gates with `inputs` values, `batch` pairs of value and gate at once.

    Per value the four gates' weights; within a gate the units'.
    """

    units: int
    inputs: int
    batch: int
    paired_loads: bool  # of an even and an odd word

    @property
    def name(self) -> str:
        """What it is called."""
        return f"GATE_PRODUCTS_{self.units}_OF_{self.inputs}"

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the pointers."""
        return ("x",)

    @property
    def weights(self) -> int:
        """Weights that are consumed."""
        return len(GATES) * self.units * self.inputs

    @property
    def batches(self) -> Iterator[Batch]:
        """Yield the batches, in order."""
        order = [(i, gate) for i in range(self.inputs) for gate in GATES]
        for start in range(0, len(order), self.batch):
            yield self._batch(order[start : start + self.batch], start)

    def _batch(self, order: list[tuple[int, str]], start: int) -> Batch:
        weights = [
            self._load(f"w{n}_{unit}", "w", (start + n) * self.units + unit)
            for n in range(len(order))
            for unit in range(self.units)
        ]
        values = {i: self._load(f"x{i}", "x", i) for i, _ in order}
        products = tuple(Product(gate, f"w{n}", values[i]) for n, (i, gate) in enumerate(order))
        return Batch((tuple(alternate_banks([*weights, *values.values()])),), products)

    def _load(self, name: str, base: str, offset: int) -> Load:
        return Load(name, base, offset, self.paired_loads and offset % 2 == 1)


@dataclass(frozen=True, slots=True)
class ActivateGates:
    """Apply the gates' activations: tanh to g, sigmoid to the others."""

    units: int
    tanh: str  # functions of nam_activations.h
    sigmoid: str

    @property
    def name(self) -> str:
        """What it is called."""
        return f"GATES_{stem(self.sigmoid)}_AND_{stem(self.tanh)}_{self.units}"

    @property
    def gates(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The function of every gate, and its values."""
        return tuple(
            (self.tanh if gate == "g" else self.sigmoid, names(gate, self.units)) for gate in GATES
        )


@dataclass(frozen=True, slots=True)
class StepCell:
    """``state = f * state + i * g``, ``hidden = o * tanh(state)``."""

    units: int
    tanh: str

    @property
    def name(self) -> str:
        """What it is called."""
        return f"STEP_CELL_{stem(self.tanh)}_{self.units}"

    @property
    def outputs(self) -> tuple[str, ...]:
        """What becomes of the state."""
        return names("h", self.units)


CellOperation: TypeAlias = SeedGates | CellProducts | ActivateGates | StepCell
