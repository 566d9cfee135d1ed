"""The header `panel_wiring.h`: the pins of the controls, for `firmware/panel/`.

Rows have the order of the bits and codes of `firmware/controls/panel_io.h`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from namgen.c_text import in_comment
from namgen.controls.plan import ControlsPlan, Driven
from namgen.controls.switches import SwitchPin
from namgen.modules import ModulePin

HEADER = "panel_wiring.h"

_PULLS = {"up": "PIN_PULL_UP", "down": "PIN_PULL_DOWN", "none": "PIN_FLOATING"}


def panel_wiring(plan: ControlsPlan) -> str:
    """Text of the header; where there is none of a kind, its rows are missing."""
    lines = [f"/* The panel of the {in_comment(plan.board.title)}: generated. */"]
    lines += ["#ifndef PANEL_WIRING_H", "#define PANEL_WIRING_H"]
    for part in (_knobs, _switches, _lamps, _relay):
        lines += ["", *part(plan)]
    return "\n".join([*lines, "", "#endif", ""])


def _knobs(plan: ControlsPlan) -> Iterator[str]:
    yield f"#define PANEL_KNOBS {len(plan.knobs)}u"
    if plan.knobs:
        rows = [f"{_pin(knob.pin)} }}, /* {in_comment(knob.label)} */" for knob in plan.knobs]
        yield from _macro("PANEL_KNOB_ROWS", rows)
        channels = ", ".join(f"{knob.pin.adc1}u" for knob in plan.knobs)
        yield f"#define PANEL_KNOB_CHANNELS {channels}"


def _switches(plan: ControlsPlan) -> Iterator[str]:
    pins = plan.switches.pins
    ports = sorted({switch.pin.port for switch in pins})
    low = sum(1 << bit for bit, switch in enumerate(pins) if switch.active == "low")
    yield f"#define PANEL_SWITCHES {len(pins)}u"
    yield f"#define PANEL_COMBINATION {plan.switches.combination:#x}u"
    if pins:
        yield f"#define PANEL_CLOSED_LOW {low:#x}u"
        yield f"#define PANEL_PORTS {len(ports)}u"
        yield f"#define PANEL_PORT_LETTERS {', '.join(map(_letter, ports))}"
        rows = [_switch(switch, ports.index(switch.pin.port)) for switch in pins]
        yield from _macro("PANEL_SWITCH_ROWS", rows)


def _switch(switch: SwitchPin, port: int) -> str:
    row = f"{{ {port}u, {_pin(switch.pin)[2:]}, {_PULLS[switch.pull]} }}"
    return f"{row}, /* {in_comment(switch.title)} */"


def _lamps(plan: ControlsPlan) -> Iterator[str]:
    lights = plan.lights
    yield f"#define PANEL_LAMPS {len(lights.lamps)}u"
    yield f"#define PANEL_HAS_FAULT_LAMP {int(lights.fault is not None)}"
    if lights.fault is not None:
        yield f"#define PANEL_FAULT_LAMP {lights.fault}u"
    if lights.lamps:
        rows = [
            f"{_pin(lamp.pin)}, {_is_high(lamp.active)} }}, /* {in_comment(lamp.title)} */"
            for lamp in lights.lamps
        ]
        yield from _macro("PANEL_LAMP_ROWS", rows)


def _relay(plan: ControlsPlan) -> Iterator[str]:
    relay = plan.relay
    mute = relay.mute if relay else None
    yield f"#define PANEL_HAS_RELAY {int(relay is not None)}"
    yield f"#define PANEL_HAS_MUTE {int(mute is not None)}"
    if relay is not None:
        yield from _driven("RELAY", relay.relay)
    if mute is not None:
        yield from _driven("MUTE", mute)


def _driven(name: str, driven: Driven) -> Iterator[str]:
    yield f"#define PANEL_{name}_PORT {_letter(driven.pin.port)}"
    yield f"#define PANEL_{name}_PIN {driven.pin.number}u"
    yield f"#define PANEL_{name}_HIGH {_is_high(driven.active)}"


def _pin(pin: ModulePin) -> str:
    return f"{{ {_letter(pin.port)}, {pin.number}u"


def _letter(port: str) -> str:
    return f"'{port}'"


def _is_high(active: str) -> str:
    return "true" if active == "high" else "false"


def _macro(name: str, rows: Sequence[str]) -> Iterator[str]:
    """Spell rows as the lines of a macro; the last has no comma."""
    *before, last = rows
    yield f"#define {name} \\"
    yield from (f"    {row} \\" for row in before)
    yield f"    {last.replace(' },', ' }', 1)}"
