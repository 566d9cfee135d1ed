"""A board with other memories, pins, revisions and codec needs a description, and no C."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import emulator_images
import firmware_stand_in as stand_in
import numpy as np
import pytest
from pedal_images import expected, noise

import namgen.boards
from host_sim.boards import SEED_BUS, WIRING, Wiring
from host_sim.boards import Board as Wired
from host_sim.pedal import Pedal
from namgen.boards import Board, read_board
from namgen.firmware import build_image

FRAMES = 16
SOURCES = """sources = [
    "core/*.c", "chip/*.c", "codec/wm8731.c", "board/audio.c", "board/board.c", "board/codec.c",
    "board/fault.c", "board/led.c", "board/revision.c", "board/vectors.c", "pedal/main.c",
    "pedal/pedal.c",
]
"""
REVISION = """[[revisions]]
name = "only"
codec = "wm8731"
receiver = "B"
words = "24"
"""
EDITS = (
    ("options_hz = [480_000_000, 400_000_000]", "options_hz = [400_000_000]"),
    ("default_hz = 480_000_000", "default_hz = 400_000_000"),
    ("size_bytes = 4096\nguard_bytes = 256", "size_bytes = 8192\nguard_bytes = 1024"),
    ("size_bytes = 32_768\n\n", "size_bytes = 16_384\n\n"),
    ("reserved_bytes = 8192", "reserved_bytes = 16_384"),
    ('name = "led"\nport = "C"\nnumber = 7', 'name = "led"\nport = "B"\nnumber = 0'),
)
NOT_THERE = ("codec", "boot0", "sdram", "qspi", "strap")
"""Beginnings of the names of pins that it has not."""


def _without_sources(facts: str) -> str:
    before, _, rest = facts.partition("sources = [")
    return before + rest.partition("]\n")[2]


def other_board(folder: Path) -> Board:
    """A board with one revision, a WM8731 that sends to block B, and its LED at PB0."""
    text = (Path(namgen.boards.__file__).parent / "daisy.toml").read_text(encoding="utf-8")
    for old, new in EDITS:
        assert text.count(old) == 1
        text = text.replace(old, new)
    head, *tables = text.partition("[[revisions]]")[0].split("\n[[")
    kept = [
        t for t in tables if not (t.startswith("pins") and any(f'"{n}' in t for n in NOT_THERE))
    ]
    facts, _, rest = head.partition("[clock]")
    whole = "\n[[".join([f"{_without_sources(facts)}{SOURCES}\n[clock]{rest}", *kept])
    whole += f"\n{REVISION}"
    (folder / "other.toml").write_text(whole, encoding="utf-8")
    return read_board(folder / "other.toml")


def test_another_board_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = other_board(tmp_path)
    assert not any(pin.name.startswith(NOT_THERE) for pin in board.pins)
    image = build_image(
        stand_in.write_c(tmp_path / "c"),
        stand_in.NAME,
        board=board,
        clock_hz=400_000_000,
        block_frames=FRAMES,
        toolchain=emulator_images.cross(),
        buffers=stand_in.BUFFERS,
        out_dir=tmp_path / "out",
    )
    other = cast("Wired", "other")
    monkeypatch.setitem(WIRING, other, Wiring("WM8731", bus=SEED_BUS))
    pedal = Pedal(image.elf, board=other)
    pedal.boot()
    codes = noise(20 * FRAMES)
    late = pedal.latency_frames
    found = pedal.play(codes)
    np.testing.assert_array_equal(found[:, late:], np.stack([expected(codes)[:-late]] * 2))
    led = [edge for edge in pedal.gpio_edges if (edge.port, edge.pin) == ("B", 0)]
    assert led[-1].is_high
    assert pedal.core.image.address("ld_stack_guard_end") == 0x2001E000 + 1024
