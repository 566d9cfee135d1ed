"""A board with other memories, pins, revisions and codec needs a description, and no C."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import emulator_images
import firmware_stand_in as stand_in
import numpy as np
import pytest
from board_files import BOARDS
from pedal_images import expected, noise

from host_sim.boards import SEED_BUS, WIRING, Wiring
from host_sim.boards import Board as Wired
from host_sim.pedal import Pedal
from namgen.boards import Board
from namgen.firmware import build_image
from namgen.toml_data import read_table
from namgen.toml_like import parse_like

FRAMES = 16
SOURCES = [
    *("core/*.c", "chip/*.c", "codec/wm8731.c", "board/audio.c", "board/board.c", "board/codec.c"),
    *("board/fault.c", "board/led.c", "board/revision.c", "board/vectors.c"),
    *("pedal/main.c", "pedal/pedal.c"),
]
REVISION = {"name": "only", "codec": "wm8731", "receiver": "B", "words": "24"}
NOT_THERE = ("codec", "boot0", "sdram", "qspi", "strap")
"""Beginnings of the names of pins that it has not."""


def other_board() -> Board:
    """A board with one revision, a WM8731 that sends to block B, and its LED at PB0."""
    path = BOARDS / "daisy.toml"
    data = {"name": "other", **parse_like(path), "sources": SOURCES, "revisions": [REVISION]}
    data["clock"] = {"options_hz": [400_000_000], "default_hz": 400_000_000}
    data["stack"] |= {"size_bytes": 8192, "guard_bytes": 1024}
    data["dma"]["size_bytes"] = 16_384
    regions = {region["name"]: region for region in data["regions"]}
    regions["dtcm"]["reserved_bytes"] = 16_384
    data["pins"] = [pin for pin in data["pins"] if not pin["name"].startswith(NOT_THERE)]
    pins = {pin["name"]: pin for pin in data["pins"]}
    pins["led"] |= {"port": "B", "number": 0}
    return read_table(path, data, Board)


def test_another_board_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = other_board()
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
