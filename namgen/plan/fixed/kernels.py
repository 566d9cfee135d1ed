"""The kernels of a plan: one per shape, with its machine code in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from namgen.errors import BudgetError
from namgen.kept import kept_value, sources_of
from namgen.plan.fixed.builder import POOL, Builder, Weight
from namgen.plan.fixed.head import HEAD_FRAMES, HeadShape, along_frames, head_program
from namgen.plan.fixed.homes import Homes
from namgen.plan.fixed.part_program import layer_program
from namgen.plan.fixed.parts import PART_ROWS, PartShape
from namgen.plan.fixed.shapes import LayerShape
from namgen.plan.fixed.sharing import by_vectors, share
from namgen.plan.fixed.tiling import SUMS
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


@dataclass(frozen=True, slots=True)
class RowGroups:
    """How rows are gone through: whole groups, then what is left."""

    rows: int  # of a group
    whole_rows: int  # in whole groups
    left_rows: int


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

    def groups(self, rows: int) -> RowGroups:
        """Cut rows up into groups."""
        left = rows % self.rows
        return RowGroups(self.rows, rows - left, left)

    @property
    def code_symbol(self) -> str:
        """The identifier of its machine code."""
        return f"{self.name}_turns"

    @property
    def code_bytes(self) -> int:
        """Bytes of its machine code at most."""
        return _code_bytes(len(self.turn.instructions))


def make_kernels(
    uses: Mapping[LayerShape | HeadShape, int],
    room_bytes: int | None,
    *,
    ordered: bool = True,
    integer_rows: int = 1,
) -> dict[LayerShape | HeadShape, FixedKernel]:
    """Return the kernel of every shape, which so many layers use; `ordered`: with machine code.

    Where vectors have several `integer_rows`, kernels walk over as many.

    Raises:
        BudgetError: the smallest do not fit; with numbers.

    """
    layers: dict[LayerShape, int] = {}
    parts, heads = list[PartShape](), list[HeadShape]()
    for shape, count in uses.items():
        if isinstance(shape, HeadShape):
            heads.append(shape)
        elif isinstance(shape, PartShape):
            parts.append(shape)
        else:
            layers[shape] = count
    fixed = sum(layer_bytes(part, PART_ROWS) for part in parts) + sum(map(head_bytes, heads))
    left = None if room_bytes is None else room_bytes - fixed
    in_vectors = integer_rows > 1
    sharing = by_vectors(layers, integer_rows) if in_vectors else share(layers, left, layer_bytes)
    if left is not None and sharing.code_bytes > left:
        raise BudgetError(
            f"code: the kernels need {sharing.code_bytes + fixed} bytes where they run, "
            f"{room_bytes} are there"
        )
    rows: dict[LayerShape, int] = {**sharing.rows, **dict.fromkeys(parts, PART_ROWS)}
    names = _names((*rows, *heads))
    made = {
        shape: FixedKernel(names[shape], shape, count, layer_turn(shape, count, ordered))
        for shape, count in rows.items()
    }
    served: dict[LayerShape, LayerShape] = {**sharing.kernels, **{part: part for part in parts}}
    found: dict[LayerShape | HeadShape, FixedKernel] = {s: made[k] for s, k in served.items()}
    return found | {
        head: FixedKernel(names[head], head, 1, head_turn(head, ordered, in_vectors))
        for head in heads
    }


_AROUND_BYTES = 256
"""Of a kernel, around its loop, at most."""


@cache
def layer_bytes(shape: LayerShape, rows: int) -> int:
    """Bytes of the machine code of a layer's kernel at most."""
    return _code_bytes(len(layer_program(shape, rows).write().instructions))


@cache
def head_bytes(shape: HeadShape) -> int:
    """Bytes of the machine code of a head's kernel at most."""
    return _code_bytes(len(head_program(shape).instructions))


def _code_bytes(instructions: int) -> int:
    return 4 * instructions + _AROUND_BYTES


@cache
def layer_turn(shape: LayerShape, rows: int, ordered: bool) -> Turn:
    """Write and order the program of a shape of layer."""
    program = layer_program(shape, rows)
    build, remainders = program.write(), tuple(program.remainders)
    return _turn(f"{shape} {rows}", build, remainders) if ordered else _plain(build, remainders)


@cache
def head_turn(shape: HeadShape, ordered: bool, in_vectors: bool) -> Turn:
    """Write and order the program of a head; in vectors, weights lie as what they are for."""
    build = head_program(shape)
    if ordered:
        return _turn(f"{shape}", build, ())
    made, is_run = _plain(build, ()), in_vectors and not shape.is_part
    return replace(made, weights=along_frames(shape)) if is_run else made


def _plain(build: Builder, remainders: tuple[str, ...]) -> Turn:
    """Take of a program what its plain C needs: the order of its weights."""
    return Turn((), {}, build.homes, tuple(build.weights), remainders, 0.0)


def _turn(told: str, build: Builder, remainders: tuple[str, ...]) -> Turn:
    """Order a program; `told` says which it is. Orders are kept, for they take long to find."""

    def find() -> tuple[int, ...]:
        order = best_order(build.instructions, rules(), len(POOL), SEEDS)
        places = {id(instruction): n for n, instruction in enumerate(build.instructions)}
        return tuple(places[id(instruction)] for instruction in order)

    places = kept_value("orders", [_code(), told.encode()], find)
    order = tuple(build.instructions[place] for place in places)
    return Turn(
        order,
        allot(order, POOL),
        build.homes,
        tuple(build.weights),
        remainders,
        cycles_of_turn(order, rules()),
    )


@cache
def _code() -> bytes:
    """What orders depend on beside a program's shape."""
    here = Path(__file__).parent
    return sources_of(here, here.parents[1] / "schedule", here.parents[1] / "processors")


def _names(shapes: Iterable[LayerShape | HeadShape]) -> dict[LayerShape | HeadShape, str]:
    """Name every shape; those whose names are the same are numbered."""
    found: dict[LayerShape | HeadShape, str] = {}
    for shape in shapes:
        plain = shape.title
        alike = sum(1 for name in found.values() if name == plain or name.startswith(f"{plain}_v"))
        found[shape] = f"{plain}_v{alike + 1}" if alike else plain
    return found
