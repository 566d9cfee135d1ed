"""Draws what a player sees of a board: a card for every control, with what it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.controls import Bypass, Encoder, Knob, Led, Toggle
from namgen.pedal_boards.icons import COLOURS, icon
from namgen.pedal_boards.svg import FAINT, box, text, width_px
from namgen.pedal_boards.wires import Kind, words

_GAP = 10.0
_LINE = 16.0
_IDLE = "–"
"""What a control without a use does."""


@dataclass(frozen=True, slots=True)
class Card:
    """A control, and line by line what it does."""

    kind: Kind
    title: str
    lines: tuple[str, ...]

    @property
    def width(self) -> float:
        """In pixels, with what is around its words."""
        widths = [width_px(line, 11) for line in self.lines]
        return 44 + max([width_px(self.title, 12, is_bold=True), *widths])

    @property
    def height(self) -> float:
        """In pixels."""
        return 34 + _LINE * len(self.lines)


@dataclass(slots=True)
class Panel:
    """Shapes below each other, from the origin on, and how far they reach in pixels."""

    shapes: list[str] = field(default_factory=list)
    width: float = 0
    height: float = 0


def panel_of(board: PedalBoard, width: float) -> Panel:
    """Draw the cards, kind by kind, in lines of at most `width` pixels."""
    panel = Panel()
    for cards in _groups(board):
        widest = max(card.width for card in cards)
        in_line = max(1, int((width + _GAP) // (widest + _GAP)))
        for first in range(0, len(cards), in_line):
            _add_line(panel, cards[first : first + in_line], widest)
    panel.height = max(0.0, panel.height - _GAP)
    return panel


def _add_line(panel: Panel, cards: Sequence[Card], width: float) -> None:
    height = max(card.height for card in cards)
    for number, card in enumerate(cards):
        x = number * (width + _GAP)
        panel.shapes += _card(card, x, panel.height, width, height)
    panel.width = max(panel.width, len(cards) * (width + _GAP) - _GAP)
    panel.height += height + _GAP


def _card(card: Card, x: float, y: float, width: float, height: float) -> Iterator[str]:
    colour = COLOURS[card.kind]
    yield box(x, y, width, height, fill=colour, line=colour, corner=8, opacity=0.06)
    yield icon(card.kind, x + 18, y + 18, colour)
    yield text(x + 32, y + 18, card.title, is_bold=True)
    for number, line in enumerate(card.lines):
        yield text(x + 32, y + 36 + _LINE * number, line, size=11, colour=FAINT)


def _groups(board: PedalBoard) -> Iterator[list[Card]]:
    groups = [
        [_knob("knob", knob) for knob in board.knobs],
        [_knob("expression", pedal) for pedal in board.expressions],
        [_encoder(encoder) for encoder in board.encoders],
        [_toggle(toggle) for toggle in board.toggles],
        [Card("footswitch", f"footswitch {f.label}", (_said(f.does),)) for f in board.footswitches],
        [Card("led", f"LED {led.label}", (_shown(led),)) for led in board.leds],
        list(_switched(board.bypass)),
    ]
    yield from filter(None, groups)


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
