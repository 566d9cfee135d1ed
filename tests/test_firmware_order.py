"""What the firmware does at start comes in the right order, and takes the time it must."""

from __future__ import annotations

import sys
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from namgen.boards import load_board
from namgen.resources import firmware_dir

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from pedal_images import stand_in_image

from host_sim.boards import Board
from host_sim.pedal import Pedal

CCR, DCISW, DCCISW, ICIALLU = 0xE000ED14, 0xE000EF60, 0xE000EF74, 0xE000EF50
RCC_CR, RCC_CFGR = 0x58024400, 0x58024410
DC, IC = 1 << 16, 1 << 17
CACHE_LINES = {(way << 30) | (line << 5) for way in range(4) for line in range(128)}
EXTERNAL = [0x60000000, 0x6FFFFFFF, 0x70000000, 0x7FFFFFFF, 0x80000000, 0x9FFFFFFF]


@cache
def booted(board: Board = "seed_rev4", boot: str = "flash") -> Pedal:
    pedal = Pedal(stand_in_image(boot).elf, board=board)
    pedal.boot()
    return pedal


def writes_to(pedal: Pedal, address: int) -> list[tuple[int, int]]:
    """Position in the order of all writes, and value."""
    writes = enumerate(pedal.register_writes)
    return [(position, write.value) for position, write in writes if write.address == address]


@pytest.mark.parametrize("board", ["seed_rev4", "seed_1_2"])
def test_a_codec_with_a_reset_pin_gets_a_pulse_of_a_millisecond(board: Board) -> None:
    edges = [edge for edge in booted(board).gpio_edges if (edge.port, edge.pin) == ("B", 11)]
    assert [edge.is_high for edge in edges] == [True, False, True]
    high, low, end = (edge.seconds for edge in edges)
    assert low - high >= 1e-3
    assert end - low >= 1e-3


def test_the_wm8731_gets_ten_milliseconds_after_each_message() -> None:
    messages = booted("seed_1_1").i2c_transactions
    assert len(messages) == 12
    for earlier, later in pairwise(messages):
        assert later.seconds - earlier.seconds >= 10e-3


def test_the_straps_are_read_a_millisecond_after_their_pull_ups() -> None:
    """PD3: the line has to rise before it tells a board without a strap from one with."""
    pull_up = next(
        write
        for write in booted().register_writes
        if write.address == 0x58020C0C and write.value >> 6 & 3 == 1
    )
    first_pulse = next(e for e in booted().gpio_edges if (e.port, e.pin) == ("B", 11))
    assert first_pulse.seconds * 480e6 - pull_up.cycle >= 0.9 * 480_000


@pytest.mark.parametrize("boot", ["sram", "qspi"])
def test_a_bootloaders_cache_is_written_back_before_anything_else_changes(boot: str) -> None:
    """The only copy of this very image may be in it, and its memory may lose its clock."""
    pedal = booted(boot=boot)
    off = next(place for place, value in writes_to(pedal, CCR) if not value & DC)
    cleaned = writes_to(pedal, DCCISW)
    assert {value for _, value in cleaned} == CACHE_LINES
    first, last = cleaned[0][0], cleaned[-1][0]
    assert off < first
    for address in (RCC_CR, RCC_CFGR, DCISW):
        assert all(place > last for place, _ in writes_to(pedal, address))


@pytest.mark.parametrize("boot", ["flash", "sram", "qspi"])
def test_caches_are_emptied_before_they_are_switched_on(boot: str) -> None:
    pedal = booted(boot=boot)
    data_on = [place for place, value in writes_to(pedal, CCR) if value & DC][-1]
    code_on = next(
        place for place, value in reversed(writes_to(pedal, CCR)) if value & IC and not value & DC
    )
    emptied = writes_to(pedal, DCISW)
    assert {value for _, value in emptied} == CACHE_LINES
    assert emptied[-1][0] < data_on
    assert writes_to(pedal, ICIALLU)[-1][0] < code_on


@pytest.mark.parametrize("boot", ["flash", "sram", "qspi"])
def test_the_windows_of_external_memory_are_closed(boot: str) -> None:
    """But for the flash that the image itself lies in."""
    pedal = booted(boot=boot)
    inside = [0x90000000, 0x90040000, 0x907FFFFF]
    outside = [0x90800000, 0x8FFFFFFF]
    for address in EXTERNAL + outside:
        assert pedal.access_to(address) == "none", f"{address:#010x}"
    for address in inside:
        assert pedal.access_to(address) == ("read" if boot == "qspi" else "none")
    for address in (0x20000100, 0x24000000, 0x30000000):
        assert pedal.access_to(address) == "read and write"


@pytest.mark.parametrize("boot", ["flash", "sram", "qspi"])
def test_the_end_of_the_stack_is_closed(boot: str) -> None:
    pedal = booted(boot=boot)
    bottom = pedal.core.image.address("ld_stack_bottom")
    end = bottom + load_board("daisy").stack.guard_bytes
    assert end == pedal.core.image.address("ld_stack_guard_end") == bottom + 256
    assert pedal.access_to(bottom) == pedal.access_to(end - 1) == "none"
    assert pedal.access_to(end) == "read and write"


@cache
def milestones() -> dict[str, Any]:
    path = firmware_dir() / "conformance" / "milestones.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def first_time(pedal: Pedal, step: dict[str, Any]) -> int:
    places = writes_to(pedal, step["address"])
    return next(place for place, value in places if value & step["mask"] == step["value"])


def swapped(pedal: Pedal, order: list[str]) -> list[tuple[str, str]]:
    """Steps that libDaisy takes one after the other, and this firmware the other way round."""
    steps = {step["name"]: step for step in milestones()["milestone"]}
    places = {name: first_time(pedal, steps[name]) for name in order}
    pairs = [(a, b) for at, a in enumerate(order) for b in order[at + 1 :]]
    return [(a, b) for a, b in pairs if places[a] > places[b]]


@pytest.mark.parametrize("board", ["seed_rev4", "seed_1_1", "seed2_dfm"])
def test_clocks_power_and_audio_come_up_in_libdaisys_order_or_the_reason_is_given(
    board: Board,
) -> None:
    order = milestones()["order"][board]
    earlier = {step["name"] for step in milestones()["milestone"] if "ours_earlier" in step}
    found = swapped(booted(board), order)
    assert [pair for pair in found if pair[1] not in earlier] == []
    for name in earlier:
        assert ("processor from PLL1", name) in found, f"{name}: the table says ours is earlier"
