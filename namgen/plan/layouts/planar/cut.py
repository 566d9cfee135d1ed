"""How many rows and vectors of frames a kernel keeps in vector registers at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from namgen.ir import Conv1d
from namgen.plan.layouts import Cut, Turn
from namgen.plan.layouts.divisors import divisors
from namgen.plan.operands import (
    BiasOf,
    CarryOf,
    Operand,
    WindowOf,
    group_sizes,
    inputs_of,
    rows_of,
)

MAX_VECTORS = 4
"""Vectors of frames in one tile, at most; a block of 48 frames has three of AVX-512."""
SPARE_REGISTERS = 2
"""Left over in a tile: where all are taken, GCC keeps sums in memory, and clang is no faster."""
MAX_PRODUCTS = 64
"""Multiply-adds spelled out per turn of a loop over inputs."""
MAX_TRIED_PRODUCTS = 16
"""As many where each is several instructions, and spelled out twice."""


@dataclass(frozen=True, slots=True)
class VectorUnit:
    """What a processor's vector instructions offer."""

    name: str
    lanes: int  # elements of one register
    registers: int
    has_fma: bool = True  # if not, sums are tried with two roundings, and looked at

    @property
    def most_products(self) -> int:
        """Multiply-adds that one turn of a loop spells out, at most."""
        return MAX_PRODUCTS if self.has_fma else MAX_TRIED_PRODUCTS


@dataclass(frozen=True, slots=True)
class VectorTile:
    """Cuts up the sums of one kernel into rows by whole vectors of `unit`."""

    vectors: int
    unit: VectorUnit

    @property
    def frames(self) -> int:
        """Frames of one tile."""
        return self.vectors * self.unit.lanes

    def cut(self, rows: int, operands: tuple[Operand, ...], in_registers: Collection[str]) -> Cut:
        """Cut up one sum, never across a group of a grouped map; arrays are in memory here."""
        groups = group_sizes(operands)
        limit = (self.unit.registers - 1 - self.vectors) // self.vectors
        fits = (r for r in divisors(rows, limit) if all(size % r == 0 for size in groups))
        row_tile = max(fits, default=1)
        most = self.unit.most_products // (row_tile * self.vectors)
        turns = (_turn(operand, max(1, most)) for operand in operands)
        return Cut(row_tile, self.frames, tuple(turns))


def main_tile(conv: Conv1d, unit: VectorUnit) -> VectorTile:
    """Choose the tile of a kernel whose main sum is `conv`."""
    return vector_tile(max(divisors(rows_of(conv), unit.registers // 4)), unit)


def vector_tile(rows: int, unit: VectorUnit) -> VectorTile:
    """Pick how many vectors of frames go with `rows` rows of accumulators.

    The accumulators, one vector of inputs per vector of frames, and one weight share the registers.
    """
    free = unit.registers - 1 - SPARE_REGISTERS
    return VectorTile(max(1, min(MAX_VECTORS, free // (rows + 1))), unit)


def _turn(operand: Operand, most_inputs: int) -> Turn:
    """Pick how many inputs to spell out per turn of a loop."""
    if isinstance(operand, BiasOf | CarryOf | WindowOf):
        return Turn()
    inputs = inputs_of(operand.conv)
    return Turn(max(divisors(inputs, most_inputs)))
