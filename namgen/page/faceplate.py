"""Draws what a player sees of a board: knobs, switches and lights, from the board's file.

Each control is a group that a program knows by `data-control` and `data-label`; what moves in it
has a `data-part`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from namgen.page.hands import hands_of, range_of
from namgen.page.marks import (
    Circle,
    Group,
    Label,
    Mark,
    Numbers,
    Path,
    Picture,
    Rect,
    shortened,
    spelled,
)
from namgen.pedal.panel import controls_of
from namgen.pedal.sound import SoundPlan
from namgen.pedal.wanted import PedalWanted
from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.cards import cards_of
from namgen.pedal_boards.controls import Knob, Toggle
from namgen.pedal_boards.svg import width_px
from namgen.pedal_boards.wires import words

_WIDTH = 396.0
_TOP = 66.0
_TEXT = 14.0
_TURN = 270.0
"""Degrees from one end of a knob to the other."""
_TICKS = Path("M-22.1 23.2A32 32 0 1 1 22.1 23.2", "tick")
"""Eleven dashes from end to end, as far from each other as the style has them."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A control around the middle of its cell."""

    control: str
    label: str
    does: str  # in words; empty: nothing
    said: str  # below it, beside what it does
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """Controls beside each other."""

    items: Sequence[_Item]
    height: float
    names: float  # where the base of the first line below a control is


def faceplate(wanted: PedalWanted, sound: SoundPlan) -> Picture | None:
    """Draw controls row by row: knobs, switches, lights, and what is stepped on at the bottom.

    What does nothing in this pedal is drawn faintly; None: there is nothing to draw.
    """
    board = wanted.board
    if not any(cards_of(board)):
        return None
    known = hands_of(sound, controls_of(wanted, sound)).known
    rows = list(_rows(board, sound))
    height = _TOP + sum(row.height for row in rows) + 20
    marks: list[Mark] = list(_box(board.title, height))
    top = _TOP
    for row in rows:
        marks += _placed(row, top, known)
        top += row.height
    cards = [(card.title, card.told) for group in cards_of(board) for card in group]
    text = f"{board.title}, as its file describes it; knobs stand where they begin."
    numbers = Numbers(("control", "does"), tuple(cards))
    return Picture("panel", "Controls", text, _WIDTH, height, tuple(marks), numbers)


def _box(title: str, height: float) -> Iterator[Mark]:
    """Draw the box: its lid, four screws, the name, and where the guitar and the amplifier go."""
    yield Rect(2, 2, _WIDTH - 4, height - 4, "box", 26)
    yield Rect(10, 10, _WIDTH - 20, height - 20, "lid", 20)
    for x in (27.0, _WIDTH - 27):
        for y in (27.0, height - 27):
            yield Circle(x, y, 8, "chrome")
            yield Path(f"M{spelled(x - 5)} {spelled(y - 3)}l10 6", "slot")
    lines = _lines(title)
    for number, line in enumerate(lines):
        yield Label(_WIDTH / 2, 43 - 9 * len(lines) + 18 * number, line, "pt b", "middle")


def _lines(title: str) -> list[str]:
    """Part a title that is too long for the lid, where there is a space near its middle."""
    room = _WIDTH - 90
    if width_px(title, _TEXT, is_bold=True) <= room or " " not in title:
        return [shortened(title, room, _TEXT)]
    spaces = (at for at, character in enumerate(title) if character == " ")
    at = min(spaces, key=lambda at: abs(at - len(title) / 2))
    return [shortened(line, room, _TEXT) for line in (title[:at], title[at + 1 :])]


def _rows(board: PedalBoard, sound: SoundPlan) -> Iterator[_Row]:
    knobs = [*_knobs(board, sound), *_encoders(board)]
    for items, most, height, names in (
        (knobs, 3, 122.0, 48.0),
        (list(_toggles(board)), 4, 108.0, 44.0),
        (list(_lights(board)), 4, 78.0, 28.0),
        (list(_steps(board)), 3, 118.0, 50.0),
    ):
        lines = -(-len(items) // most)
        for line in range(lines):  # as even as they come
            first, last = (len(items) * (line + more) // lines for more in (0, 1))
            yield _Row(items[first:last], height, names)


def _placed(row: _Row, top: float, known: Collection[tuple[str, str]]) -> Iterator[Mark]:
    room = (_WIDTH - 28) / len(row.items)
    cell = min(room, (_WIDTH - 28) / 3)
    begin = (_WIDTH - len(row.items) * cell) / 2
    for number, item in enumerate(row.items):
        data = {"control": item.control, "label": item.label}
        data |= {} if (item.control, item.label) in known else {"idle": "yes"}
        reach = (-cell / 2 + 2, 4 - row.names, cell - 4, row.height - 4)
        marks = (
            Rect(*reach, "hit", 12),
            *item.marks,
            Label(0, row.names, shortened(item.does or "nothing", room, _TEXT), "pt b", "middle"),
            Label(0, row.names + 17, shortened(item.said, room, _TEXT), "pn", "middle"),
        )
        yield Group(data, marks, begin + (number + 0.5) * cell, top + row.names - 8)


def _knobs(board: PedalBoard, sound: SoundPlan) -> Iterator[_Item]:
    for kind, knobs in (("knob", board.knobs), ("expression", board.expressions)):
        for knob in knobs:
            yield _knob(kind, knob, sound)


def _knob(kind: str, knob: Knob, sound: SoundPlan) -> _Item:
    at, said = 0.5, f"{kind} {knob.label}"
    if knob.sets in {parameter.name for parameter in sound.chain.parameters}:
        found = range_of(sound, knob.sets)
        at, said = found.position, f"{found.decibels:.1f} dB"
    line = Path("M0 -9V-24", "pointer")
    pointer = Group({"part": "pointer"}, (line,), turn=(at - 0.5) * _TURN)
    marks = (_TICKS, Circle(0, 0, 27, "skirt"), Circle(0, 0, 20, "knob"), pointer)
    return _Item(kind, knob.label, words(knob.sets), said, marks)


def _encoders(board: PedalBoard) -> Iterator[_Item]:
    for encoder in board.encoders:
        notch = Group({"part": "pointer"}, (Circle(0, -13, 3.5, "notch"),))
        marks = (Circle(0, 0, 26, "knurl"), Circle(0, 0, 20, "knob"), notch)
        does = [words(encoder.turns), words(encoder.does)]
        told = ", ".join(word for word in does if word)
        yield _Item("encoder", encoder.label, told, f"encoder {encoder.label}", marks)


def _toggles(board: PedalBoard) -> Iterator[_Item]:
    for toggle in board.toggles:
        lever = Group({"part": "lever"}, (Rect(-5, -20, 10, 26, "lever", 5),))
        marks = (Circle(0, 0, 17, "chrome"), Circle(0, 0, 9, "slotted"), lever)
        yield _Item("toggle", toggle.label, _about(toggle), f"toggle {toggle.label}", marks)


def _about(toggle: Toggle) -> str:
    uses = dict.fromkeys(place.does.split("-")[0] for place in toggle.positions)
    said = [use for use in uses if use != "none"]
    return ", ".join("IR" if use == "ir" else use for use in said)


def _lights(board: PedalBoard) -> Iterator[_Item]:
    for led in board.leds:
        marks = (
            Circle(0, 0, 17, "glow"),
            Circle(0, 0, 11, "chrome"),
            Circle(0, 0, 7.5, "lamp"),
        )
        yield _Item("led", led.label, words(led.shows), f"LED {led.label}", marks)


def _steps(board: PedalBoard) -> Iterator[_Item]:
    corners = [math.radians(60 * number) for number in range(6)]
    points = (f"{spelled(28 * math.cos(a))} {spelled(28 * math.sin(a))}" for a in corners)
    nut = Path(f"M{'L'.join(points)}Z", "nut")
    for switch in board.footswitches:
        cap = Group({"part": "cap"}, (Circle(0, 0, 14, "cap"),))
        marks = (Circle(0, 0, 31, "washer"), nut, Circle(0, 0, 19, "chrome"), cap)
        yield _Item("footswitch", switch.label, words(switch.does), f"switch {switch.label}", marks)
