"""What a player sees of a board: every control, and in words what it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.controls import Bypass, Encoder, Knob, Led, Toggle
from namgen.pedal_boards.wires import Kind, words

_IDLE = "nothing"
"""What a control without a use does."""


@dataclass(frozen=True, slots=True)
class Card:
    """A control, and line by line what it does."""

    kind: Kind
    title: str
    lines: tuple[str, ...]

    @property
    def told(self) -> str:
        """The lines as one."""
        return ", ".join(line.replace(": ", " = ") for line in self.lines)


def cards_of(board: PedalBoard) -> Iterator[tuple[Card, ...]]:
    """Yield the controls of a board, all of a kind together; of no kind none."""
    groups = [
        [_knob("knob", knob) for knob in board.knobs],
        [_knob("expression", pedal) for pedal in board.expressions],
        [_encoder(encoder) for encoder in board.encoders],
        [_toggle(toggle) for toggle in board.toggles],
        [Card("footswitch", f"footswitch {f.label}", (_said(f.does),)) for f in board.footswitches],
        [Card("led", f"LED {led.label}", (_shown(led),)) for led in board.leds],
        list(_switched(board.bypass)),
    ]
    yield from (tuple(group) for group in groups if group)


def _knob(kind: Kind, knob: Knob) -> Card:
    ways = [] if knob.curve == "linear" else [f"{knob.curve} curve"]
    ways += ["flipped"] if knob.is_flipped else []
    return Card(kind, f"{kind} {knob.label}", (_said(knob.sets), *ways))


def _encoder(encoder: Encoder) -> Card:
    lines = (f"turn: {_said(encoder.turns)}", f"press: {_said(encoder.does)}")
    return Card("encoder", f"encoder {encoder.label}", lines[: 2 if encoder.press else 1])


def _switched(bypass: Bypass) -> Iterator[Card]:
    if bypass.relay is not None:
        yield Card("relay", "relay", (f"{bypass.relay_ms:g} ms after the press",))
    if bypass.mute is not None:
        yield Card("mute", "mute", (f"from the press for {bypass.unmute_ms:g} ms",))


def _toggle(toggle: Toggle) -> Card:
    lines = tuple(f"{place.label}: {_said(place.does)}" for place in toggle.positions)
    return Card("toggle", f"toggle {toggle.label}", lines)


def _shown(led: Led) -> str:
    return f"{_said(led.shows)} {led.capture or ''}".rstrip()


def _said(value: str) -> str:
    return words(value) or _IDLE
