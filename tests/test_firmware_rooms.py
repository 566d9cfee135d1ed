"""Who may include whom in `firmware/`, and that registers and their bits have names."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from namgen.boards import board_names, load_board
from namgen.errors import ToolError
from namgen.resources import firmware_dir, firmware_sources

MAY_INCLUDE = {
    "core": ("core/",),
    "chip": ("core/", "chip/"),
    "board": ("core/", "chip/", "board/", "pedal/pedal.h"),
    "pedal": (),
}
"""The chain in `pedal/pedal.c` knows nobody; `pedal/main.c`, which starts everything, knows all."""

KNOWS_ALL = "pedal/main.c"
DECLARED_BELOW = {
    "board/board.c": "chip/startup.h",
    "board/vectors.c": "chip/vectors.h",
    "pedal/main.c": "chip/startup.h",
}
"""What a room below calls without knowing who has it; every other file has a header of its own."""

INCLUDE = re.compile(r'^#include "([^"]+)"$', re.MULTILINE)
SOURCES = firmware_sources(load_board("daisy").sources)
FILES = sorted(path for path in firmware_dir().rglob("*.[ch]"))


def name_of(path: Path) -> str:
    return path.relative_to(firmware_dir()).as_posix()


@cache
def included(path: Path) -> list[str]:
    """What a file includes of the firmware, by its place in it."""
    found = INCLUDE.findall(path.read_text(encoding="utf-8"))
    beside = (
        name_of(path.parent / name) if (path.parent / name).exists() else name for name in found
    )
    return [name for name in beside if (firmware_dir() / name).exists()]


def test_every_c_file_is_of_some_board() -> None:
    used = {path for name in board_names() for path in firmware_sources(load_board(name).sources)}
    assert used == {path for path in FILES if path.suffix == ".c"}


def test_a_board_links_only_what_is_its_own() -> None:
    found = firmware_sources(("core/*.c", "board/led.c"))
    assert {name_of(path) for path in found if path.parent.name != "core"} == {"board/led.c"}
    with pytest.raises(ToolError, match=r"expected files of the pattern mine/\*\.c, found none"):
        firmware_sources(("core/*.c", "mine/*.c"))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_room_knows_only_itself_and_those_below(path: Path) -> None:
    room = name_of(path).partition("/")[0]
    allowed = (*MAY_INCLUDE[room], name_of(path.with_suffix(".h")))
    if name_of(path) != KNOWS_ALL:
        assert [name for name in included(path) if not name.startswith(allowed)] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_file_has_a_header_and_begins_with_it(path: Path) -> None:
    name = name_of(path)
    header = DECLARED_BELOW.get(name, name_of(path.with_suffix(".h")))
    assert header in included(path)
    assert name in DECLARED_BELOW or included(path)[0] == header


def test_no_headers_include_each_other() -> None:
    def reached(name: str) -> set[str]:
        direct = included(firmware_dir() / name)
        return {*direct, *(further for each in direct for further in reached(each))}

    headers = [name_of(path) for path in FILES if path.suffix == ".h"]
    assert [name for name in headers if name in reached(name)] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_registers_and_their_bits_have_names(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.parent.name != "registers":
        assert re.findall(r"\bREGISTER8?\(|\bBIT\(\d+\)|\(\d+u << \d+u?\)", text) == []
