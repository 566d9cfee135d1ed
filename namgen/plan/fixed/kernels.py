"""The kernels of a plan: one per shape, with its machine code in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from namgen.plan.fixed.builder import POOL, Builder, Weight
from namgen.plan.fixed.head import TURN_FRAMES, HeadShape, head_program
from namgen.plan.fixed.homes import Homes
from namgen.plan.fixed.program import LayerProgram, Tiling
from namgen.plan.fixed.shapes import LayerShape
from namgen.schedule.instruction import Instruction, Value
from namgen.schedule.issue import cycles_of_turn
from namgen.schedule.registers import allot
from namgen.schedule.rules import rules
from namgen.schedule.search import best_order

SEEDS = (0,)


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """The machine code of one turn of a kernel's loop, in the order it is issued."""

    instructions: tuple[Instruction, ...]
    registers: Mapping[Value, str]
    homes: Homes
    weights: tuple[Weight, ...]  # in the order in which they lie
    remainders: tuple[str, ...]  # that feedback keeps, in the order in which they lie
    cycles: float


@dataclass(frozen=True, slots=True, eq=False)
class FixedKernel:
    """A kernel, and what the C calls it."""

    name: str
    shape: LayerShape | HeadShape
    turn: Turn

    @property
    def cycles_per_frame(self) -> float:
        """Cycles of a frame in memory without wait states, calls apart."""
        return self.turn.cycles / TURN_FRAMES


@cache
def layer_turn(shape: LayerShape) -> Turn:
    """Write and order the program of a shape of layer."""
    program = LayerProgram(shape, Tiling.of(shape))
    return _turn(program.write(), tuple(program.remainders))


@cache
def head_turn(shape: HeadShape) -> Turn:
    """Write and order the program of a shape of head."""
    return _turn(head_program(shape), ())


def _turn(build: Builder, remainders: tuple[str, ...]) -> Turn:
    order = best_order(build.instructions, rules(), len(POOL), SEEDS)
    return Turn(
        order,
        allot(order, POOL),
        build.homes,
        tuple(build.weights),
        remainders,
        cycles_of_turn(order, rules()),
    )
