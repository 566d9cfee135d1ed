"""A small picture and a colour for every kind of control."""

from __future__ import annotations

from collections.abc import Callable

from namgen.pedal_boards.svg import PAPER, box, disc, stroke
from namgen.pedal_boards.wires import Kind, Wire

COLOURS: dict[Kind, str] = {
    "knob": "#c2410c",
    "expression": "#b45309",
    "footswitch": "#1d4ed8",
    "toggle": "#7c3aed",
    "led": "#ca8a04",
    "encoder": "#0f766e",
    "relay": "#be185d",
    "mute": "#be185d",
    "other": "#64748b",
}

_LIGHTS = {"red": "#dc2626", "green": "#16a34a", "blue": "#2563eb"}


def colour_of(wire: Wire) -> str:
    """Return the colour of a wire: that of its control, or of its light."""
    return _LIGHTS.get(wire.role, COLOURS[wire.kind]) if wire.kind == "led" else COLOURS[wire.kind]


def icon(kind: Kind, x: float, y: float, colour: str) -> str:
    """Draw a picture of 14 by 14 pixels around a point."""
    return _ICONS[kind](x, y, colour)


def _knob(x: float, y: float, colour: str) -> str:
    ring = disc(x, y, 5.5, fill=PAPER, line=colour)
    return ring + stroke(f"M{x:g} {y:g}L{x + 3:g} {y - 3.5:g}", colour)


def _encoder(x: float, y: float, colour: str) -> str:
    turn = f"M{x - 3:g} {y + 1.5:g}A3.2 3.2 0 1 1 {x + 3:g} {y + 1.5:g}"
    return disc(x, y, 6, fill=PAPER, line=colour) + stroke(turn, colour)


def _expression(x: float, y: float, colour: str) -> str:
    return stroke(f"M{x - 6:g} {y + 4:g}H{x + 6:g}L{x + 5:g} {y - 4:g}Z", colour)


def _footswitch(x: float, y: float, colour: str) -> str:
    return disc(x, y, 6, fill=PAPER, line=colour) + disc(x, y, 2.5, fill=colour)


def _toggle(x: float, y: float, colour: str) -> str:
    body = box(x - 4, y - 6.5, 8, 13, fill=PAPER, line=colour, corner=4)
    return body + disc(x, y - 2.5, 2.2, fill=colour)


def _led(x: float, y: float, colour: str) -> str:
    return disc(x, y, 4.5, fill=colour) + disc(x - 1.4, y - 1.4, 1.3, fill=PAPER)


def _relay(x: float, y: float, colour: str) -> str:
    arm = stroke(f"M{x - 6:g} {y + 2:g}H{x - 3:g}L{x + 3:g} {y - 3.5:g}", colour)
    return arm + stroke(f"M{x + 3:g} {y + 2:g}H{x + 6:g}", colour)


def _mute(x: float, y: float, colour: str) -> str:
    ring = disc(x, y, 5.5, fill=PAPER, line=colour)
    return ring + stroke(f"M{x - 3.5:g} {y - 3.5:g}L{x + 3.5:g} {y + 3.5:g}", colour)


def _other(x: float, y: float, colour: str) -> str:
    return box(x - 4.5, y - 4.5, 9, 9, fill=PAPER, line=colour, corner=1.5)


_ICONS: dict[Kind, Callable[[float, float, str], str]] = {
    "knob": _knob,
    "expression": _expression,
    "footswitch": _footswitch,
    "toggle": _toggle,
    "led": _led,
    "encoder": _encoder,
    "relay": _relay,
    "mute": _mute,
    "other": _other,
}
