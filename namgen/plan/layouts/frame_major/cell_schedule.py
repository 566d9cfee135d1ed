"""Decides how an LSTM cell walks over its units: operations, pointers, and what they move by."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.plan.layouts.frame_major.cells import (
    ActivateGates,
    CellProducts,
    SeedGates,
    StepCell,
)
from namgen.plan.layouts.frame_major.cut import ScalarUnit, cut_cell
from namgen.plan.layouts.frame_major.walk import FrameWalk
from namgen.plan.layouts.statements import Constant, For, Pointer, Scope, Statement
from namgen.plan.stages import GATES, CellKernel


@dataclass(frozen=True, slots=True)
class CellSchedule:
    """An LSTM cell with every operation chosen."""

    kernel: CellKernel
    inputs: Constant
    units: Constant
    weights: tuple[Constant, ...]  # that its pointer moves on by
    loop: For  # over units
    body: tuple[Statement, ...]

    @property
    def constants(self) -> tuple[Constant, ...]:
        """Numbers that have a name in the C."""
        return (self.inputs, self.units, *self.weights)


def schedule_cell(kernel: CellKernel, unit: ScalarUnit) -> CellSchedule:
    """Choose the operations of an LSTM cell."""
    cut = cut_cell(kernel, unit.registers)
    walk = FrameWalk()
    units = kernel.unit_tile
    seed = SeedGates(units)
    walk.do(seed, walk.take_weights(seed.weights))
    reads = (
        ("x", kernel.input_size, cut.inputs),
        ("before", kernel.hidden_size, cut.hidden),
    )
    for source, size, inputs in reads:
        products = CellProducts(units, inputs, cut.ahead, unit.paired_loads)
        if size == inputs:
            walk.do(products, walk.take_weights(products.weights), Pointer(source))
        else:
            turns = walk.turns(products, f"{source}_in", size // inputs, inputs)
            walk.body.append(Scope(None, ((f"{source}_in", Pointer(source)),), turns))
    moved = _last_weights(kernel, walk)
    walk.do(ActivateGates(units, kernel.tanh, kernel.sigmoid))
    walk.do(StepCell(units, kernel.tanh), Pointer("state + unit"), Pointer("hidden + unit"))
    every = Constant("UNITS", kernel.hidden_size)
    return CellSchedule(
        kernel,
        Constant("INPUTS", kernel.input_size),
        every,
        moved,
        For("unit", every, units),
        tuple(walk.body),
    )


def _last_weights(kernel: CellKernel, walk: FrameWalk) -> tuple[Constant, ...]:
    """Step over the weights read last, which are all of a few units where nothing took turns."""
    ahead = walk.ahead
    whole = len(GATES) * kernel.unit_tile * (1 + kernel.input_size + kernel.hidden_size)
    name = "TILE_WEIGHTS" if ahead == whole else "LAST_WEIGHTS"
    walk.step_over_weights(name)
    return (Constant(name, ahead),) if ahead else ()
