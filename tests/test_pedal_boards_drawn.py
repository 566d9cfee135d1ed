"""The drawing of a board names every used pin once, and nothing in it lies over another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from namgen.pedal_boards import load_pedal_board, pedal_board_names, read_pedal_board
from namgen.pedal_boards.drawing import MARK, draw
from namgen.pedal_boards.svg import width_px

SVG = "{http://www.w3.org/2000/svg}"

CROWDED = """\
title = "A board with a title that is far longer than its module is wide, <so> & \\u0001"
module = "daisy-seed"

[[knob]]
label = "the one that makes everything louder, and that nobody ever turns to the left"
pin = "D31"
curve = "log"
flipped = true
sets = "level"

[[knob]]
label = "<&>"
pin = "D32"

[[footswitch]]
label = "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
pin = "D0"
does = "previous-capture"

[[led]]
label = "増幅器"
rgb = ["D14", "D15", "D30"]
shows = "capture"
capture = 8

[[encoder]]
label = "2"
a = "D1"
b = "D2"
press = "D3"
"""


@dataclass(frozen=True)
class Box:
    """Where something lies."""

    name: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@pytest.fixture(params=[*pedal_board_names(), "crowded"])
def drawing(request: pytest.FixtureRequest, tmp_path: Path) -> ElementTree.Element:
    return ElementTree.fromstring(draw_of(request.param, tmp_path))


def draw_of(name: str, folder: Path) -> str:
    if name != "crowded":
        return draw(load_pedal_board(name))
    path = folder / "crowded.toml"
    path.write_text(CROWDED, encoding="utf-8")
    return draw(read_pedal_board(path))


def words(root: ElementTree.Element) -> list[str]:
    return [str(element.text) for element in root.iter(f"{SVG}text")]


def boxes(root: ElementTree.Element, tag: str, dx: float = 0, dy: float = 0) -> Iterator[Box]:
    for element in root:
        if element.tag == f"{SVG}g":
            moved = element.attrib["transform"].removeprefix("translate(").rstrip(")").split()
            yield from boxes(element, tag, float(moved[0]), float(moved[1]))
        elif element.tag == f"{SVG}{tag}":
            yield text_box(element, dx, dy) if tag == "text" else rectangle(element, dx, dy)


def text_box(element: ElementTree.Element, dx: float, dy: float) -> Box:
    """Where a text lies at most, in wide letters and in letters of one width."""
    found, said = element.attrib, str(element.text)
    size = float(found["font-size"])
    width = width_px(said, size, is_bold="font-weight" in found)
    if "Mono" in found["font-family"]:
        width = 0.61 * size * len(said)
    left = float(found["x"]) + dx
    left -= {"start": 0, "middle": width / 2, "end": width}[found["text-anchor"]]
    base = float(found["y"]) + dy
    return Box(said, left, base - 0.75 * size, left + width, base + 0.22 * size)


def rectangle(element: ElementTree.Element, dx: float, dy: float) -> Box:
    found = element.attrib
    x, y = float(found["x"]) + dx, float(found["y"]) + dy
    return Box("", x, y, x + float(found["width"]), y + float(found["height"]))


@pytest.mark.parametrize("name", pedal_board_names())
def test_every_used_pin_is_named_once(name: str) -> None:
    board = load_pedal_board(name)
    found = words(ElementTree.fromstring(draw(board)))
    for item in board.wired():
        assert found.count(item.pin.label) == 1, item.pin.label
        assert found.count(item.wire.title) >= 1, item.wire.title


@pytest.mark.parametrize("name", pedal_board_names())
def test_a_pin_and_what_it_is_wired_to_are_in_one_line(name: str) -> None:
    board = load_pedal_board(name)
    root = ElementTree.fromstring(draw(board))
    middles = {(round(box.top + box.bottom), box.name) for box in boxes(root, "text") if box.name}
    height = {name: middle for middle, name in middles}
    for item in board.wired():
        lines = {middle for middle, name in middles if name == item.wire.title}
        assert min(abs(height[item.pin.label] - line) for line in lines) <= 2, item.pin.label


def test_no_word_lies_over_another(drawing: ElementTree.Element) -> None:
    found = list(boxes(drawing, "text"))
    meeting = [(a.name, b.name) for a, b in itertools.combinations(found, 2) if a.meets(b)]
    assert not meeting


def test_no_tag_and_no_card_lies_over_another(drawing: ElementTree.Element) -> None:
    found = {(b.left, b.top, b.right, b.bottom): b for b in boxes(drawing, "rect")}
    large = [b for b in found.values() if b.right - b.left > 60 and b.bottom - b.top < 200]
    assert not [1 for a, b in itertools.combinations(large, 2) if a.meets(b)]


def test_everything_lies_on_the_paper(drawing: ElementTree.Element) -> None:
    width, height = float(drawing.attrib["width"]), float(drawing.attrib["height"])
    for box in (*boxes(drawing, "text"), *boxes(drawing, "rect")):
        assert min(box.left, box.top) >= 0, box
        assert (box.right <= width, box.bottom <= height) == (True, True), box


def test_a_pin_without_a_contact_is_drawn_where_it_is_used(tmp_path: Path) -> None:
    assert {"D31", "D32"} <= set(words(ElementTree.fromstring(draw_of("crowded", tmp_path))))
    assert not {"D31", "D32"} & set(words(ElementTree.fromstring(draw_of("pod", tmp_path))))


def test_the_same_file_gives_the_same_drawing() -> None:
    assert draw(load_pedal_board("funbox")) == draw(load_pedal_board("funbox"))
    assert draw(load_pedal_board("funbox")).splitlines()[1] == MARK
