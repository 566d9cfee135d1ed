"""The kernels of a plan: one per shape, with its machine code in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from namgen.errors import BudgetError
from namgen.plan.fixed.builder import POOL, Builder, Weight
from namgen.plan.fixed.head import HEAD_FRAMES, HeadShape, head_program
from namgen.plan.fixed.homes import Homes
from namgen.plan.fixed.program import SUMS, LayerProgram, Tiling
from namgen.plan.fixed.shapes import LayerShape
from namgen.schedule.instruction import Instruction, Value
from namgen.schedule.issue import cycles_of_turn
from namgen.schedule.registers import allot
from namgen.schedule.rules import rules
from namgen.schedule.search import best_order

SEEDS = (3, 6)
"""Manners that were the fastest for the kernels of an A2, among forty."""


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
    rows: int  # summed at once; the head's only
    turn: Turn

    @property
    def turn_frames(self) -> int:
        """Frames of a turn of its loop."""
        return HEAD_FRAMES if isinstance(self.shape, HeadShape) else SUMS // self.rows

    @property
    def cycles_per_frame(self) -> float:
        """Cycles of a frame in memory without wait states, calls apart."""
        return self.turn.cycles / self.turn_frames

    @property
    def code_symbol(self) -> str:
        """The identifier of its machine code."""
        return f"{self.name}_turns"

    @property
    def code_bytes(self) -> int:
        """Bytes of its machine code at most."""
        return _code_bytes(len(self.turn.instructions))


def make_kernels(
    uses: Mapping[LayerShape | HeadShape, int], room_bytes: int | None
) -> dict[LayerShape | HeadShape, FixedKernel]:
    """Make a kernel for every shape, which so many layers use.

    Two rows at once are the fastest; four take half the code. Those that serve most layers are made
    fast, as far as the room reaches.

    Raises:
        BudgetError: the smallest do not fit; with numbers.

    """
    layers = (shape for shape in uses if isinstance(shape, LayerShape))
    rows = {shape: min(_SMALL_ROWS, shape.rows) for shape in layers}
    left = None if room_bytes is None else room_bytes - _all_bytes(uses, rows)
    if left is not None and left < 0:
        raise BudgetError(
            f"code: the kernels need {_all_bytes(uses, rows)} bytes where they run, "
            f"{room_bytes} are there"
        )
    for shape in sorted(rows, key=lambda shape: uses[shape], reverse=True):
        more = layer_bytes(shape, _FAST_ROWS) - layer_bytes(shape, rows[shape])
        if uses[shape] >= _USES_OF_FAST and (left is None or more <= left):
            rows[shape] = _FAST_ROWS
            left = None if left is None else left - more
    names = _names(uses)
    return {shape: _kernel(names[shape], shape, rows) for shape in uses}


_SMALL_ROWS = 4
_FAST_ROWS = 2
_USES_OF_FAST = 3
"""Layers that share a kernel before it gets twice the code."""

_AROUND_BYTES = 256
"""Of a kernel, around its loop, at most."""


def _kernel(
    name: str, shape: LayerShape | HeadShape, rows: Mapping[LayerShape, int]
) -> FixedKernel:
    if isinstance(shape, HeadShape):
        return FixedKernel(name, shape, 1, head_turn(shape))
    return FixedKernel(name, shape, rows[shape], layer_turn(shape, rows[shape]))


def _all_bytes(shapes: Iterable[LayerShape | HeadShape], rows: Mapping[LayerShape, int]) -> int:
    return sum(
        layer_bytes(shape, rows[shape]) if isinstance(shape, LayerShape) else head_bytes(shape)
        for shape in shapes
    )


@cache
def layer_bytes(shape: LayerShape, rows: int) -> int:
    """Bytes of the machine code of a layer's kernel at most."""
    return _code_bytes(len(LayerProgram(shape, Tiling.of(rows)).write().instructions))


@cache
def head_bytes(shape: HeadShape) -> int:
    """Bytes of the machine code of a head's kernel at most."""
    return _code_bytes(len(head_program(shape).instructions))


def _code_bytes(instructions: int) -> int:
    return 4 * instructions + _AROUND_BYTES


@cache
def layer_turn(shape: LayerShape, rows: int) -> Turn:
    """Write and order the program of a shape of layer."""
    program = LayerProgram(shape, Tiling.of(rows))
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


def _names(shapes: Iterable[LayerShape | HeadShape]) -> dict[LayerShape | HeadShape, str]:
    """Name every shape; those whose names are the same are numbered."""
    found: dict[LayerShape | HeadShape, str] = {}
    for shape in shapes:
        plain = shape.title
        alike = sum(1 for name in found.values() if name == plain or name.startswith(f"{plain}_v"))
        found[shape] = f"{plain}_v{alike + 1}" if alike else plain
    return found
