"""Decides how an LSTM cell walks over vectors of its units: operations, loops, arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from namgen.plan.layouts.planar.cells import (
    DeclareGates,
    GateProducts,
    Gates,
    SeedGates,
    StepCell,
)
from namgen.plan.layouts.statements import (
    Constant,
    Do,
    For,
    Lane,
    Pointer,
    Sample,
    Scope,
    Statement,
)
from namgen.plan.layouts.walk import Walk
from namgen.plan.stages import CellKernel


@dataclass(frozen=True, slots=True)
class CellSchedule:
    """An LSTM cell with every operation chosen."""

    kernel: CellKernel
    vectors: Constant  # of one gate
    loop: For  # over them
    body: tuple[Statement, ...]


def schedule_cell(kernel: CellKernel, lanes: int) -> CellSchedule:
    """Choose the operations of an LSTM cell."""
    vectors = Constant("VECTORS", kernel.vectors)
    gates = Gates(kernel.unit_tile // lanes)
    products = GateProducts(gates)
    walk = Walk()
    walk.do(DeclareGates(gates))
    walk.do(SeedGates(gates), Pointer("w"))
    if kernel.reads_vectors:
        walk.body += _lanes(products, "x", kernel.input_size, lanes)
    else:
        use = Do(products, (Pointer("w"), Sample("x", "x_row", "n")))
        walk.body.append(Scope(For("n", kernel.input_size), (), (use,)))
    walk.body += _lanes(products, "hidden", kernel.hidden_size, lanes)
    step = StepCell(gates, kernel.tanh, kernel.sigmoid)
    walk.do(step, *map(Pointer, ("state", "next", "vector")))
    return CellSchedule(kernel, vectors, For("vector", vectors, gates.vectors), tuple(walk.body))


def _lanes(products: GateProducts, array: str, values: int, lanes: int) -> Iterator[Statement]:
    """Multiply with all values that the vectors of an array hold."""
    for first in range(0, values, lanes):
        use = Do(products, (Pointer("w"), Lane(array, first // lanes, "n")))
        yield Scope(For("n", min(lanes, values - first)), (), (use,))
