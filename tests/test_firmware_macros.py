"""A room of the firmware is told the macros it uses, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_firmware_rooms import FILES, SOURCES, name_of

from namgen.boards import load_board
from namgen.firmware.rooms import Settings, headers_of, macros_of, room_of
from namgen.resources import templates_dir

ROOMS = sorted({room_of(path) for path in SOURCES})
BOARD = load_board("daisy")
FREE = {"BOOT_FLASH", "BOOT_SRAM", "BOOT_QSPI"}
"""One of them is told, and that may be the one nothing depends on."""


def settings(**changes: object) -> Settings:
    values = {"boot": BOARD.boot("qspi"), "clock_hz": 480_000_000, "block_frames": 48}
    return Settings(BOARD, **{**values, "plays": "nam_amp", **changes})  # type: ignore[arg-type]


def words_of(room: str) -> set[str]:
    """Every word of a room's files, without comments."""
    texts = (path.read_text("utf-8") for path in FILES if name_of(path).startswith(f"{room}/"))
    return set(re.findall(r"\w+", re.sub(r"/\*.*?\*/", "", "\n".join(texts), flags=re.DOTALL)))


def words_of_generated_headers() -> set[str]:
    """Every word of what lies beside a generated chain."""
    paths = [
        *(templates_dir() / "kernels").glob("*.h"),
        *(templates_dir() / "chain").glob("*.h.j2"),
    ]
    return set(re.findall(r"\w+", "\n".join(path.read_text("utf-8") for path in paths)))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_told_only_what_it_or_a_header_it_sees_uses(room: str) -> None:
    words = words_of(room) | (words_of("pedal") if room == "board" else set())
    words |= words_of_generated_headers() if room == "chain" else set()
    assert set(macros_of(room, settings())) <= words | FREE


@pytest.mark.parametrize("room", ROOMS)
def test_only_the_pedal_is_told_of_the_model(room: str) -> None:
    told = [macros_of(room, settings(plays=name)) for name in ("nam_amp", "sound")]
    assert (told[0] != told[1]) == (room == "pedal")
    folders = headers_of(room, wiring=Path("wiring"), model=Path("model"))
    assert (Path("model") in folders) == (room in ("pedal", "chain", "controls", "selftest"))


def test_the_model_is_told_of_no_pedal() -> None:
    assert macros_of("model", settings()) == {"NAM_PLACED": "1", "NAM_TARGET_CORTEX_M7": "1"}
    assert headers_of("model", wiring=Path("wiring"), model=Path("model")) == (Path("model"),)


def test_rooms_below_the_board_are_the_same_for_every_block() -> None:
    told = [{r: macros_of(r, settings(block_frames=n)) for r in ROOMS} for n in (8, 48)]
    assert {r for r in ROOMS if told[0][r] != told[1][r]} == {"board", "pedal", "selftest"}
