"""Spells the controls' plan as C: `controls.c` has the tables and the order of a tick."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from namgen.c_text import in_comment, tidy
from namgen.controls import curves
from namgen.controls.plan import ControlsPlan
from namgen.controls.switches import NOTHING
from namgen.controls.ticks import (
    BLINK_LIT_MS,
    BLINK_MS,
    CLOSE_MS,
    FLICKER_MS,
    LATE_MS,
    OPEN_MS,
    PAUSE_MS,
    TOGGLE_MS,
)
from namgen.emit import template_environment
from namgen.version import VERSION

FILES = ("controls.h", "controls.c", "controls_plan.h")
"""What `emit_controls` writes; `controls/*.h`, `sound.h` and `nam_math.h` are included beside."""

_FIXED_CALLS = {
    "bypass": "toggle_bypass()",
    "next-capture": "choice_move(&choice, 1)",
    "previous-capture": "choice_move(&choice, -1)",
    "ir-on": "sound_use_cabinet(true)",
    "ir-off": "sound_use_cabinet(false)",
    "gate-on": "sound_use_gate(true)",
    "gate-off": "sound_use_gate(false)",
}


@dataclass(frozen=True, slots=True)
class _Action:
    name: str
    call: str


def emit_controls(plan: ControlsPlan) -> dict[str, str]:
    """Return the text of every generated file of the controls, by file name."""
    environment = template_environment()
    environment.filters |= {"bits": _bits, "in_comment": in_comment}
    environment.globals |= _views(plan)
    texts = {file: environment.get_template(f"controls/{file}.j2").render() for file in FILES}
    return {file: tidy(text) for file, text in texts.items()}


def times(plan: ControlsPlan) -> Mapping[str, int]:
    """Return what lasts how many ticks, by the names in C."""
    milliseconds: dict[str, float | Fraction] = {
        "CLOSE": CLOSE_MS,
        "OPEN": OPEN_MS,
        "TOGGLE": TOGGLE_MS,
        "LATE": LATE_MS,
        "FLICKER": FLICKER_MS,
        "BLINK_LIT": BLINK_LIT_MS,
        "BLINK": BLINK_MS,
        "PAUSE": PAUSE_MS,
        "HOLD": 1000 * Fraction(plan.switches.hold_seconds),
    }
    found = {name: plan.ticks.at_least(time) for name, time in milliseconds.items()}
    if plan.relay is not None:
        found |= {"RELAY": plan.relay.relay_ticks, "UNMUTE": plan.relay.unmute_ticks}
    return found


def _views(plan: ControlsPlan) -> Mapping[str, Any]:
    switches, used = plan.switches, dict.fromkeys(_used(plan))
    return {
        "plan": plan,
        "version": VERSION,
        "switches": switches,
        "choice": plan.choice,
        "lights": plan.lights,
        "times": times(plan),
        "curves": curves,
        "tables": _tables(plan),
        "headers": [source[:-2].removeprefix("controls/") for source in _own_sources(plan)],
        "used": used,
        "actions": [_Action(_action_name(does), _call(does, plan)) for does in used],
        "has_presses": bool(switches.presses or switches.combination),
        "is_read": bool(plan.knobs or switches.pins),
        "firsts": [_first(plan, bank) for bank in range(len(plan.choice.banks))],
        "heard": "!is_bypassed" if plan.has_bypass else "true",
        "chosen": "choice.chosen" if plan.has_several_captures else "0u",
        "bits": _bits,
        "action_name": _action_name,
    }


def _own_sources(plan: ControlsPlan) -> list[str]:
    return sorted(source for source in plan.sources if source.startswith("controls/"))


def _tables(plan: ControlsPlan) -> Mapping[str, np.ndarray[Any, np.dtype[np.float32]]]:
    names = sorted({knob.curve for knob in plan.knobs})
    return {name: np.array(curves.positions(name), np.float32) for name in names}


def _used(plan: ControlsPlan) -> Iterator[str]:
    """Yield what is done by some press or position."""
    yield from (press.does for press in plan.switches.presses)
    for toggle in plan.switches.toggles:
        yield from (stand.does for stand in toggle.stands if stand.does != NOTHING)


def _call(does: str, plan: ControlsPlan) -> str:
    kind, _, number = does.partition("-")
    if kind == "bank":
        return f"choice_bank(&choice, {plan.choice.banks.index(int(number))}u)"
    if kind == "capture":
        return f"choice_take(&choice, {int(number) - 1}u)"
    return _FIXED_CALLS[does]


def _action_name(does: str) -> str:
    return "DO_NOTHING" if does == NOTHING else f"DO_{does.replace('-', '_').upper()}"


def _first(plan: ControlsPlan, bank: int) -> str:
    first = plan.choice.first(bank)
    return "CHOICE_NONE" if first is None else f"{first}u"


def _bits(value: int) -> str:
    return f"{value:#x}u"
