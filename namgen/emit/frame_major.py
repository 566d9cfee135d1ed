"""Spells what a frame-major schedule says: places, arguments, activations."""

from __future__ import annotations

from collections.abc import Sequence

from namgen.c_text import literal, plus
from namgen.plan.layouts.frame_major.operations import apart, together
from namgen.plan.layouts.frame_major.schedule import schedule
from namgen.plan.layouts.frame_major.walk import GroupOfRow, Pointer, TapPointer
from namgen.plan.steps import Activate

PINS_AT_ONCE = 4
"""Registers that one NAM_PIN holds."""


def place(start: Pointer | TapPointer) -> str:
    """Spell the address that a pointer starts at."""
    if isinstance(start, TapPointer):
        frame = "frame" if start.channels == 1 else f"frame * {start.channels}"
        return " + ".join([f"taps[{plus('tap', start.number)}]", frame, *_group(start.group)])
    row = ["row"] if start.row else []
    return plus(" + ".join([start.base, *row, *_group(start.group)]), start.offset)


def _group(group: GroupOfRow | None) -> list[str]:
    if group is None:
        return []
    rows, inputs = group
    return ["row" if rows == inputs == 1 else f"row / {rows} * {inputs}"]


def argument(value: Pointer | float) -> str:
    """Spell an argument of an operation."""
    return place(value) if isinstance(value, Pointer) else literal(value)


def pins(names: Sequence[str]) -> list[str]:
    """Spell the macros that hold these registers at one point of the program."""
    groups = [names[n : n + PINS_AT_ONCE] for n in range(0, len(names), PINS_AT_ONCE)]
    return [f"NAM_PIN_{len(group)}({', '.join(group)});" for group in groups]


def apply(activation: Activate, value: str, own: str) -> str:
    """Spell an activation of `value`; `own` is the weight of its channel, where it has one."""
    params = [own] if activation.per_channel else [literal(p) for p in activation.call.params]
    return f"{activation.call.function}({', '.join([value, *params])})"


GLOBALS = {
    "schedule": schedule,
    "place": place,
    "pins": pins,
    "apply": apply,
    "together": together,
    "apart": apart,
}
"""What the templates of this layout call."""
