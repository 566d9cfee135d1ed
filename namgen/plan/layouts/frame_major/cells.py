"""Tile operations of an LSTM cell: the rows of a tile are units, its frames are the four gates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from namgen.activation_kernels import CELL_SIGMOID
from namgen.plan.layouts.frame_major.batches import Batch, Input, Load, Product, batches_ahead
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
    """Add the products of all gates with `inputs` values.

    Per value the four gates' weights; within a gate the units'. So many `registers` hold what is
    loaded, and batches begin before a value is done with.
    """

    units: int
    inputs: int
    registers: int
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
        inputs = [self._input(n, i, gate) for n, (i, gate) in enumerate(order)]
        yield from batches_ahead(inputs, self.registers)

    def _input(self, n: int, i: int, gate: str) -> Input:
        """Multiply a value with the weights of one gate, group `n` of all weights."""
        weights = (self._load(f"w{n}_{u}", "w", n * self.units + u) for u in range(self.units))
        return Input(tuple(weights), (Product(gate, f"w{n}", self._load(f"x{i}", "x", i)),))

    def _load(self, name: str, base: str, offset: int) -> Load:
        return Load(name, base, offset, self.paired_loads and offset % 2 == 1)


@dataclass(frozen=True, slots=True)
class ActivateGates:
    """Apply the gates' activations: tanh to g, sigmoid to the others.

    g comes last: on a Cortex-M7 additions wait behind its multiply-adds, while the multiplication
    of i and g does not.
    """

    units: int
    tanh: str  # functions of nam_tanh.h
    sigmoid: str

    @property
    def name(self) -> str:
        """What it is called."""
        return f"GATES_{stem(self.sigmoid)}_AND_{stem(self.tanh)}_{self.units}"

    @property
    def gates(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The function of every gate, and its values."""
        sigmoids = ((self.sigmoid, names(gate, self.units)) for gate in GATES if gate != "g")
        return (*sigmoids, (self.tanh, names("g", self.units)))

    @property
    def reads_numbers(self) -> bool:
        """Whether the sigmoids share numbers that are read first."""
        return self.sigmoid == CELL_SIGMOID

    def given(self, function: str) -> tuple[str, ...]:
        """Name what a function is given before its values."""
        return ("by",) if function == CELL_SIGMOID else ()


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
    def inputs(self) -> tuple[str, ...]:
        """What is added to the state."""
        return names("i", self.units)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What becomes of the state."""
        return names("h", self.units)


CellOperation: TypeAlias = SeedGates | CellProducts | ActivateGates | StepCell
