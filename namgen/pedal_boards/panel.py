"""Draws what a player sees of a board: a card for every control, with what it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.cards import Card, cards_of
from namgen.pedal_boards.icons import COLOURS, icon
from namgen.pedal_boards.svg import FAINT, box, text, width_px

_GAP = 10.0
_LINE = 16.0


@dataclass(slots=True)
class Panel:
    """Shapes below each other, from the origin on, and how far they reach in pixels."""

    shapes: list[str] = field(default_factory=list)
    width: float = 0
    height: float = 0


def panel_of(board: PedalBoard, width: float) -> Panel:
    """Draw the cards, kind by kind, in lines of at most `width` pixels."""
    panel = Panel()
    for cards in cards_of(board):
        widest = max(map(_width, cards))
        in_line = max(1, int((width + _GAP) // (widest + _GAP)))
        for first in range(0, len(cards), in_line):
            _add_line(panel, cards[first : first + in_line], widest)
    panel.height = max(0.0, panel.height - _GAP)
    return panel


def _add_line(panel: Panel, cards: Sequence[Card], width: float) -> None:
    height = max(map(_height, cards))
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


def _width(card: Card) -> float:
    widths = [width_px(line, 11) for line in card.lines]
    return 44 + max([width_px(card.title, 12, is_bold=True), *widths])


def _height(card: Card) -> float:
    return 34 + _LINE * len(card.lines)
