"""Draws a board: the module from above, and at every pin what it is wired to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from namgen.modules import Contact, Module, ModulePin
from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.icons import colour_of, icon
from namgen.pedal_boards.panel import Panel, panel_of
from namgen.pedal_boards.svg import (
    FAINT,
    INK,
    MONO,
    PAPER,
    Anchor,
    box,
    disc,
    stroke,
    text,
    width_px,
)
from namgen.pedal_boards.wires import Wire

MARK = "<!-- drawn by namgen board -->"
"""In the second line of every drawing, so that namgen knows its own."""

_MARGIN = 32.0
_HEAD = 92.0  # title and subtitles
_ROW = 26.0
_BAND = 46.0  # the module's upper end, with its name
_MODULE = 300.0
_WIRE = 34.0  # from a contact to its tag
_TAG = 20.0
_GAP = 34.0  # between the module and the panel

_BODY = "#111827"
_GOLD = "#fbbf24"
_DULL = "#6b7280"
_SOUND = "#15803d"

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class _Row:
    """A contact of the module, and what is wired to it."""

    place: ModulePin | Contact
    wire: Wire | None = None
    sound: str = ""  # what a contact that carries sound is wired to

    @property
    def tag_px(self) -> float:
        """Width of its tag; 0: it has none."""
        if self.sound:
            return width_px(self.sound, 12, is_bold=True) + 20
        if self.wire is None:
            return 0
        does = width_px(self.wire.does, 11) + 8 if self.wire.does else 0
        return 24 + width_px(self.wire.title, 12, is_bold=True) + does + 12


def draw(board: PedalBoard) -> str:
    """Return an SVG of a board, which names every pin that is used once."""
    columns = _columns(board)
    left, right = (max([90.0, *(row.tag_px for row in column)]) + _WIRE for column in columns)
    words = _subtitles(board)
    inner = max([left + _MODULE + right, *(width_px(line, 13) for line in words)])
    inner = max(inner, width_px(board.title, 24, is_bold=True))
    panel = panel_of(board, inner)
    inner = max(inner, panel.width)
    top = _HEAD + _MARGIN / 2
    height = _BAND + _ROW * max(map(len, columns)) + 14
    x = _MARGIN + left + (inner - left - _MODULE - right) / 2
    shapes = [
        *_head(board, words),
        *_module(board.carried, x, top, height),
        *_column(columns[0], "left", x, top),
        *_column(columns[1], "right", x + _MODULE, top),
        *_panel(panel, top + height + _GAP),
    ]
    total = top + height + (_GAP + panel.height if panel.shapes else 0) + _MARGIN
    return _svg(inner + 2 * _MARGIN, total, shapes)


def _svg(width: float, height: float, shapes: Sequence[str]) -> str:
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    paper = box(0, 0, width, height, fill=PAPER)
    return "\n".join([head, MARK, paper, *shapes, "</svg>", ""])


def _head(board: PedalBoard, words: Sequence[str]) -> Iterator[str]:
    yield text(_MARGIN, 40, board.title, size=24, is_bold=True)
    for number, line in enumerate(words):
        yield text(_MARGIN, 68 + 20 * number, line, size=13, colour=FAINT)


def _subtitles(board: PedalBoard) -> tuple[str, ...]:
    """Say what no pin says."""
    by = "relay" if board.bypass.kind == "relay" else "processor"
    lines = [f"guitar at the {board.input} input, bypass by the {by}"]
    if board.codec:
        lines.append(f"codec: {board.codec.title}, set over I2C at {board.codec.address:#04x}")
    if board.update_mode:
        held, seconds = " and ".join(board.update_mode.hold), board.update_mode.seconds
        lines.append(f"update mode: hold footswitch {held} for {seconds:g} s")
    return tuple(lines)


def _columns(board: PedalBoard) -> tuple[list[_Row], list[_Row]]:
    """Part the contacts as the module does; a used one without a place on it comes last."""
    module, wires = board.carried, {item.pin: item.wire for item in board.wired()}
    rows = [_Row(pin, wires.get(pin)) for pin in module.pins]
    rows += [_Row(c, sound=_sound(board, c.name)) for c in module.contacts]
    placed = sorted((row for row in rows if row.place.header), key=lambda row: row.place.header)
    if not placed:
        half = (len(rows) + 1) // 2
        return rows[:half], rows[half:]
    half = (len(placed) + 1) // 2
    left, right = placed[:half], placed[half:][::-1]
    for row in rows:
        if not row.place.header and row.wire:
            min(left, right, key=len).append(row)
    return left, right


def _sound(board: PedalBoard, contact: str) -> str:
    return "guitar" if contact == f"audio in, {board.input}" else ""


def _module(module: Module, x: float, y: float, height: float) -> Iterator[str]:
    yield box(x, y, _MODULE, height, fill=_BODY, corner=12)
    middle = x + _MODULE / 2
    if module.contacts:
        yield box(middle - 22, y - 8, 44, 20, fill="#d1d5db", line=_DULL, corner=3)
        yield text(middle, y + 2, "USB", size=9, colour=INK, anchor="middle")
    yield text(
        middle, y + 29, module.title, size=15, colour="#f9fafb", is_bold=True, anchor="middle"
    )


def _column(rows: Sequence[_Row], side: Side, x: float, top: float) -> Iterator[str]:
    for number, row in enumerate(rows):
        y = top + _BAND + _ROW * (number + 0.5)
        yield from _contact(row, side, x, y)
        yield from _tag(row, side, x, y)


def _contact(row: _Row, side: Side, x: float, y: float) -> Iterator[str]:
    """Draw a contact and its names, from the edge inwards."""
    way, anchor = _ways(side)
    is_used = row.wire is not None or bool(row.sound)
    yield disc(x, y, 5, fill=_GOLD if is_used else _DULL, line=_BODY)
    if row.place.header:
        yield text(x + way * 12, y, str(row.place.header), size=9, colour="#9ca3af", anchor=anchor)
    light = "#f9fafb" if is_used else "#9ca3af"
    if isinstance(row.place, Contact):
        yield text(x + way * 30, y, row.place.name, size=11, colour=light, anchor=anchor)
        return
    yield text(
        x + way * 30,
        y,
        row.place.label,
        size=13,
        colour=light,
        is_bold=is_used,
        anchor=anchor,
        family=MONO,
    )
    for inwards, name in ((66, row.place.also), (98, row.place.chip)):
        if name and name != row.place.label:
            yield text(
                x + way * inwards, y, name, size=10, colour="#9ca3af", anchor=anchor, family=MONO
            )


def _tag(row: _Row, side: Side, x: float, y: float) -> Iterator[str]:
    """Draw the wire from a contact, and at its end what is there."""
    width = row.tag_px
    if not width:
        return
    way = _ways(side)[0]
    colour = colour_of(row.wire) if row.wire else _SOUND
    end = x - way * _WIRE
    yield stroke(f"M{x - way * 6:g} {y:g}H{end:g}", colour, width=2)
    left = end - width if side == "left" else end
    yield box(left, y - _TAG / 2, width, _TAG, fill=PAPER, corner=_TAG / 2)
    yield box(
        left, y - _TAG / 2, width, _TAG, fill=colour, line=colour, corner=_TAG / 2, opacity=0.1
    )
    if row.wire is None:
        yield text(left + 10, y, row.sound, colour=colour, is_bold=True)
        return
    yield icon(row.wire.kind, left + 13, y, colour)
    yield text(left + 24, y, row.wire.title, is_bold=True)
    if row.wire.does:
        yield text(left + width - 12, y, row.wire.does, size=11, colour=FAINT, anchor="end")


def _ways(side: Side) -> tuple[int, Anchor]:
    """Return where inwards is: 1 to the right, -1 to the left; and where a text begins."""
    return (1, "start") if side == "left" else (-1, "end")


def _panel(panel: Panel, top: float) -> Iterator[str]:
    if panel.shapes:
        yield f'<g transform="translate({_MARGIN:g} {top:g})">'
        yield from panel.shapes
        yield "</g>"
