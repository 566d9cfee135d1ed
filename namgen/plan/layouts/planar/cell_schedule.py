"""Decides how an LSTM cell walks over vectors of its units: operations, loops, arguments."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.plan.layouts.planar.cells import (
    DeclareGates,
    GateProducts,
    Gates,
    KeepGates,
    SeedGates,
    StepHidden,
    StepState,
)
from namgen.plan.layouts.statements import (
    Constant,
    Do,
    For,
    Pointer,
    Sample,
    Scope,
    Statement,
    Tried,
)
from namgen.plan.layouts.walk import Walk
from namgen.plan.stages import CellKernel

_MOVES = frozenset({"w"})
"""The pointer that moves on behind the weights that are read."""


@dataclass(frozen=True, slots=True)
class CellSchedule:
    """An LSTM cell with every operation chosen; its loop goes over tiles in each of three parts."""

    kernel: CellKernel
    vectors: Constant  # of one gate
    loop: For  # over them
    tried: Tried  # sums of the gates
    closing: tuple[Statement, ...]  # that bring them to their place
    state: Do
    hidden: Do

    @property
    def body(self) -> tuple[Statement, ...]:
        """All that makes the sums."""
        return (*self.tried.statements, *self.closing)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Everything that is done to a tile."""
        return (*self.body, self.state, self.hidden)


def schedule_cell(kernel: CellKernel, lanes: int) -> CellSchedule:
    """Choose the operations of an LSTM cell."""
    vectors = Constant("VECTORS", kernel.vectors)
    gates = Gates(kernel.unit_tile // lanes)
    products = GateProducts(gates)
    walk = Walk()
    walk.do(DeclareGates(gates))
    walk.body.append(Do(SeedGates(gates), (Pointer("w"),), _MOVES))
    for count, value in (
        (kernel.input_size, Sample("x", "n", "x_row")),
        (kernel.hidden_size, Sample("hidden", "n")),
    ):
        use = Do(products, (Pointer("w"), value), _MOVES)
        walk.body.append(Scope(For("n", count), (), (use,)))
    tried = Tried.of(walk.body)
    walk.do(KeepGates(gates), Pointer("gates"))
    functions = (kernel.tanh, kernel.sigmoid)
    return CellSchedule(
        kernel,
        vectors,
        For("vector", vectors, gates.vectors),
        tried,
        tuple(walk.body[len(tried.statements) :]),
        Do(StepState(gates, *functions), (Pointer("gates"), Pointer("state"))),
        Do(StepHidden(gates, *functions), (Pointer("gates"), Pointer("hidden"))),
    )
