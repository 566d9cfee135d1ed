"""Who may include whom in `firmware/`, and that registers and their bits have names."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from namgen.boards import board_names, load_board
from namgen.c_text import COLUMNS
from namgen.codecs import load_codec
from namgen.errors import ToolError
from namgen.resources import firmware_dir, firmware_sources

MAY_INCLUDE = {
    "core": ("core/",),
    "chip": ("core/", "chip/"),
    "codec": ("core/", "chip/", "codec/"),
    "panel": ("core/", "chip/", "panel/", "controls/panel_io.h"),
    "board": ("core/", "chip/", "codec/", "board/", "pedal/pedal.h", "pedal/control.h", "panel/"),
    "pedal": (),
    "chain": ("chain/",),
    "controls": ("controls/",),
    "selftest": ("core/", "chip/", "board/", "codec/", "pedal/pedal.h", "selftest/"),
}
"""The chain in `pedal/pedal.c` knows nobody; two files that bring all together know all."""

KNOW_ALL = ("pedal/main.c", "pedal/control.c")
HOOKS = {"core/hooks.h": ("chip", "board"), "chip/hooks.h": ("board", "pedal", "selftest")}
"""What a room uses and does not have, and the rooms above that may have it."""

INCLUDE = re.compile(r'^#include "([^"]+)"$', re.MULTILINE)
FUNCTION = re.compile(
    r"^(?!.*\bstatic\b|NAM_INLINE|NAM_KERNEL)\w.*\b(\w+)\([^()]*\)\n\{", re.MULTILINE
)
TABLE = re.compile(r"^(?!.*\bstatic\b)\w.*\b(\w+) = \{", re.MULTILINE)
DECLARED = re.compile(r"^(?!.*\bstatic\b)\w.*\b(\w+)\([^()]*\);", re.MULTILINE)
EXTERN = re.compile(r"^extern (?!.*\bld_).*\b(\w+);", re.MULTILINE)
PLANNED = firmware_sources(
    ("chain/*.c", "controls/*.c", "panel/*.c", "pedal/control.c", "selftest/*.c")
)
"""Of no board: the plans of chain and controls say which are linked; the self-test has its own."""

BOARDS = [load_board(name) for name in board_names()]
TABLES = [board.with_codec(load_codec("wm8731")) for board in BOARDS if board.codec_bus]
WIRED = [firmware_sources(board.sources) for board in (*BOARDS, *TABLES)]
SOURCES = (*dict.fromkeys(path for sources in WIRED for path in sources), *PLANNED)
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
    used = {path for sources in WIRED for path in sources}
    assert not used & set(PLANNED)
    assert used | set(PLANNED) == {path for path in FILES if path.suffix == ".c"}


def test_a_board_links_only_what_is_its_own() -> None:
    found = firmware_sources(("core/*.c", "board/led.c"))
    assert {name_of(path) for path in found if path.parent.name != "core"} == {"board/led.c"}
    with pytest.raises(ToolError, match=r"expected files of the pattern mine/\*\.c, found none"):
        firmware_sources(("core/*.c", "mine/*.c"))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_room_knows_only_itself_and_those_below(path: Path) -> None:
    room = name_of(path).partition("/")[0]
    allowed = (*MAY_INCLUDE[room], name_of(path.with_suffix(".h")))
    if name_of(path) not in KNOW_ALL:
        assert [name for name in included(path) if not name.startswith(allowed)] == []


def offered(path: Path) -> set[str]:
    """Functions and tables of a C file that others can name."""
    text = path.read_text(encoding="utf-8")
    return {*FUNCTION.findall(text), *TABLE.findall(text)}


def declared(path: Path) -> set[str]:
    """Functions and tables that a header says to be in some C file."""
    text = path.read_text(encoding="utf-8")
    return {*DECLARED.findall(text), *EXTERN.findall(text)}


def hooks_for(room: str) -> dict[str, set[str]]:
    """What a room may have because one below it asks for it, by the header that asks."""
    known = {name: rooms for name, rooms in HOOKS.items() if room in rooms}
    return {name: declared(firmware_dir() / name) for name in known}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_file_begins_with_its_header_or_with_the_hooks_it_has(path: Path) -> None:
    own = path.with_suffix(".h")
    first = included(path)[0]
    if own.exists():
        assert first == name_of(own)
    else:
        assert offered(path) & hooks_for(path.parent.name)[first]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_what_a_file_offers_is_in_its_header_or_a_hook(path: Path) -> None:
    own = path.with_suffix(".h")
    known = declared(own) if own.exists() else set()
    for header, names in hooks_for(path.parent.name).items():
        known |= names if header in included(path) else set()
    assert offered(path) <= known


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".h"], ids=name_of)
def test_what_a_header_declares_is_in_its_file_or_once_in_a_room_above(path: Path) -> None:
    name = name_of(path)
    if name in HOOKS:
        pedals = [source for source in SOURCES if source.parent.name != "selftest"]  # its own main
        had = [each for source in pedals for each in offered(source) & declared(path)]
        assert sorted(had) == sorted(declared(path))
        assert not any(offered(s) & declared(path) for s in SOURCES if s.parent == path.parent)
    elif declared(path):
        assert declared(path) <= offered(path.with_suffix(".c"))


def test_offers_and_declarations_are_found() -> None:
    names = {"start", "fault_main", "vectors", "board_init", "main", "board_stop"}
    assert {name for header in HOOKS for name in declared(firmware_dir() / header)} == names
    assert offered(firmware_dir() / "board" / "vectors.c") == {"vectors"}
    assert offered(firmware_dir() / "core" / "mpu.c") == {"mpu_off", "mpu_region", "mpu_on"}


def test_no_headers_include_each_other() -> None:
    def reached(name: str) -> set[str]:
        direct = included(firmware_dir() / name)
        return {*direct, *(further for each in direct for further in reached(each))}

    headers = [name_of(path) for path in FILES if path.suffix == ".h"]
    assert [name for name in headers if name in reached(name)] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_numbers_have_names(path: Path) -> None:
    """All but those of one digit: in code a number is a macro, said once and explained there."""
    text = path.read_text(encoding="utf-8").replace("\\\n", "")
    text = re.sub(r'/\*.*?\*/|"[^"\n]*"|^ *#[^\n]*$', "", text, flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"\b(?:0x[0-9A-Fa-f]+|\d{2,}(?:\.\d+f)?)u?\b", text) == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_registers_and_their_bits_have_names(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.parent.name != "registers":
        assert re.findall(r"\bREGISTER8?\(|\bBIT\(\d+\)|\(\d+u << \d+u?\)", text) == []


@pytest.mark.parametrize("path", [*FILES, firmware_dir() / "sections.ld"], ids=name_of)
def test_no_line_is_too_long(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > COLUMNS] == []
