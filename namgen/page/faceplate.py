"""Draws what a player sees of a board: knobs, switches and lights, from the board's file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from namgen.chain.blocks import PARAMETERS
from namgen.page.marks import Circle, Group, Label, Mark, Numbers, Path, Picture, Rect, spelled
from namgen.pedal.sound import SoundPlan
from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.cards import cards_of
from namgen.pedal_boards.controls import Knob, Toggle
from namgen.pedal_boards.wires import words

_CELL, _ROW = 116.0, 118.0
_IN_ROW = 3
_EDGE = 18.0
_TURN = 270.0
"""Degrees from one end of a knob to the other."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A control in the middle of its cell."""

    data: Mapping[str, str]
    title: str
    does: str
    marks: tuple[Mark, ...]


def faceplate(board: PedalBoard, sound: SoundPlan) -> Picture:
    """Draw controls row by row: knobs, switches, lights, and what is stepped on at the bottom."""
    rows = [*_rows(_knobs(board, sound)), *_rows(_toggles(board)), *_rows(_lights(board))]
    rows += _rows(_steps(board))
    width = 2 * _EDGE + _IN_ROW * _CELL
    height = 2 * _EDGE + 30 + _ROW * len(rows)
    marks: list[Mark] = [
        Rect(2, 2, width - 4, height - 4, "metal", 22),
        Label(width / 2, 34, board.title, "t b", "middle"),
    ]
    for number, row in enumerate(rows):
        marks += _placed(row, _EDGE + 40 + number * _ROW, width)
    cards = [(card.title, card.told) for group in cards_of(board) for card in group]
    text = f"{board.title}, as its file describes it; knobs stand where they begin."
    numbers = Numbers(("control", "does"), tuple(cards))
    return Picture("panel", "Controls", text, width, height, tuple(marks), numbers)


def _placed(row: Sequence[_Item], top: float, width: float) -> Iterator[Mark]:
    begin = (width - len(row) * _CELL) / 2
    for number, item in enumerate(row):
        x = begin + (number + 0.5) * _CELL
        names = (
            Label(0, 46, item.title, "t b", "middle"),
            Label(0, 64, item.does, "t n", "middle"),
        )
        place = {"at": f"{spelled(x)} {spelled(top + 32)}"}
        yield Group({**place, **item.data}, (*item.marks, *names))


def _rows(items: Iterator[_Item]) -> list[list[_Item]]:
    found = list(items)
    return [found[first : first + _IN_ROW] for first in range(0, len(found), _IN_ROW)]


def _knobs(board: PedalBoard, sound: SoundPlan) -> Iterator[_Item]:
    for knob in (*board.knobs, *board.expressions):
        yield _knob(knob, sound)
    for encoder in board.encoders:
        data = {"control": "encoder", "label": encoder.label, "does": encoder.does}
        marks = (Circle(0, 0, 24, "knob"), Circle(0, 0, 14, "g"))
        yield _Item(data, f"encoder {encoder.label}", _said(encoder.turns), marks)


def _knob(knob: Knob, sound: SoundPlan) -> _Item:
    known = {parameter.name for parameter in sound.chain.parameters}
    at = sound.position(knob.sets) if knob.sets in known else 0.5
    data = {"control": "knob", "label": knob.label, "sets": knob.sets}
    if knob.sets in known:
        parameter = PARAMETERS[knob.sets]
        data |= {"position": f"{at:.4g}", "low": f"{parameter.lowest_db}"}
        data |= {"high": f"{parameter.highest_db}"}
    angle = math.radians((at - 0.5) * _TURN)
    tip = (spelled(20 * math.sin(angle)), spelled(-20 * math.cos(angle)))
    marks = (Circle(0, 0, 27, "knob"), Path(f"M0 0L{tip[0]} {tip[1]}", "pointer"))
    return _Item(data, f"knob {knob.label}", _said(knob.sets), marks)


def _toggles(board: PedalBoard) -> Iterator[_Item]:
    for toggle in board.toggles:
        data = {"control": "toggle", "label": toggle.label}
        data |= {"positions": " ".join(place.does for place in toggle.positions)}
        marks = (Rect(-12, -24, 24, 48, "knob", 12), Circle(0, -12, 9, "cap"))
        yield _Item(data, f"toggle {toggle.label}", _about(toggle), marks)


def _about(toggle: Toggle) -> str:
    uses = dict.fromkeys(place.does.split("-")[0] for place in toggle.positions)
    said = [use for use in uses if use != "none"]
    return ", ".join("IR" if use == "ir" else use for use in said) or "nothing"


def _lights(board: PedalBoard) -> Iterator[_Item]:
    for led in board.leds:
        data = {"control": "led", "label": led.label, "shows": led.shows}
        data |= {"capture": f"{led.capture}"}
        marks = (Circle(0, 8, 9, "lamp"),)
        yield _Item(data, f"LED {led.label}", _said(led.shows), marks)


def _steps(board: PedalBoard) -> Iterator[_Item]:
    for switch in board.footswitches:
        data = {"control": "footswitch", "label": switch.label, "does": switch.does}
        marks = (Circle(0, 0, 26, "knob"), Circle(0, 0, 17, "cap"))
        yield _Item(data, f"switch {switch.label}", _said(switch.does), marks)


def _said(value: str) -> str:
    return words(value) or "nothing"
