"""How many rows and vectors of frames a host's kernel keeps in registers at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from namgen.plan.layouts.divisors import divisors

MAX_VECTORS = 4
"""Vectors of frames in one tile, at most; a block of 48 frames has three of AVX-512."""
MAX_PRODUCTS = 64
"""Multiply-adds spelled out per turn of a loop over inputs."""


@dataclass(frozen=True, slots=True)
class VectorUnit:
    """What a host's vector instructions offer."""

    name: str
    lanes: int  # float32 values of one register
    registers: int


VECTOR_UNITS = (
    VectorUnit("avx512", 16, 32),
    VectorUnit("avx2", 8, 16),
    VectorUnit("neon", 4, 32),
)
"""The units there are layouts for; C for any of them compiles and gives the same bits anywhere."""


def main_rows(rows: int, unit: VectorUnit) -> int:
    """Pick how many rows of a kernel's main sum are accumulated at once."""
    return max(divisors(rows, unit.registers // 4))


def tile_vectors(rows: int, unit: VectorUnit) -> int:
    """Pick how many vectors of frames go with `rows` rows of accumulators.

    The accumulators, one vector of inputs per vector of frames, and one weight share the registers.
    """
    return max(1, min(MAX_VECTORS, (unit.registers - 1) // (rows + 1)))


def row_tile(rows: int, vectors: int, unit: VectorUnit, group_rows: Iterable[int]) -> int:
    """Pick how many rows to sum at once, never across a group of a grouped map."""
    sizes = tuple(group_rows)
    limit = (unit.registers - 1 - vectors) // vectors
    fits = [r for r in divisors(rows, limit) if all(size % r == 0 for size in sizes)]
    return max(fits, default=1)


def unroll(inputs: int, products_per_input: int) -> int:
    """Pick how many inputs to spell out per turn of a loop."""
    return max(divisors(inputs, max(1, MAX_PRODUCTS // products_per_input)))
