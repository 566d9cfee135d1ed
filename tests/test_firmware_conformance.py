"""The board support leaves the registers as libDaisy does, or differs where the table says why."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import firmware_stand_in as stand_in
import numpy as np
import pytest

from namgen.boards import load_board
from namgen.errors import ToolError
from namgen.firmware import Image, build_image
from namgen.resources import firmware_dir
from namgen.toolchain import find_cross

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from host_sim.pedal import Pedal

BOARDS = ("seed_rev4", "seed_1_1", "seed2_dfm")
CLOCKS_MHZ = (400, 480)
CASES = [(board, clock) for board in BOARDS for clock in CLOCKS_MHZ]
DAISY = load_board("daisy")
BLOCK_FRAMES = 48
DMA_BYTES = 4 * 2 * 2 * BLOCK_FRAMES


@dataclass(frozen=True, slots=True)
class Booted:
    """One boot, and the registers it has written."""

    pedal: Any
    registers: dict[int, int]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Image]:
    try:
        toolchain = find_cross()
    except ToolError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("conformance")
    c_dir = stand_in.write_c(folder / "c")
    return {
        clock: build_image(
            c_dir,
            stand_in.NAME,
            board=DAISY,
            boot="flash",
            clock_hz=clock * 1_000_000,
            block_frames=BLOCK_FRAMES,
            toolchain=toolchain,
            buffers=stand_in.BUFFERS,
            out_dir=folder / str(clock),
        )
        for clock in CLOCKS_MHZ
    }


@pytest.fixture(scope="module")
def boots(images: dict[int, Image]) -> Any:
    @cache
    def boot(board: str, clock: int, silicon: str = "V") -> Booted:
        pedal = Pedal(images[clock].elf, board=board, silicon=silicon)
        pedal.boot()
        written = {write.address for write in pedal.register_writes}
        registers = pedal.registers
        return Booted(pedal, {address: registers[address] for address in sorted(written)})

    return boot


@cache
def table(name: str) -> dict[str, Any]:
    path = firmware_dir() / "conformance" / name
    return tomllib.loads(path.read_text(encoding="utf-8"))


def names() -> dict[int, str]:
    """Names of single registers by address."""
    libdaisy = {
        entry["address"]: name for name, entry in table("libdaisy.toml")["registers"].items()
    }
    ours = {entry["address"]: entry["name"] for entry in table("differences.toml")["name"]}
    return ours | libdaisy


def name_of(address: int) -> str:
    known = names().get(address)
    ranges = [entry for entry in table("differences.toml")["name"] if "last" in entry]
    inside = (e["name"] for e in ranges if e["address"] <= address <= e["last"])
    return known or next(inside, f"{address:#010x}")


def libdaisy_value(name: str, board: str, clock: int) -> int | None:
    values = table("libdaisy.toml")["registers"].get(name, {"values": {}})["values"]
    return values.get("all", values.get(f"{board}_{clock}"))


def difference(name: str, board: str) -> dict[str, Any] | None:
    for entry in table("differences.toml")["difference"]:
        matches = any(fnmatchcase(name, _pattern(p)) for p in entry["registers"])
        if matches and board in entry.get("boards", BOARDS):
            return entry
    return None


def _pattern(text: str) -> str:
    """Let brackets stand for themselves; ? and * are the only wildcards."""
    return text.replace("[", "[[]")


def problem(name: str, board: str, clock: int, ours: int | None) -> str | None:
    """What is wrong with one register, in words; None if nothing is."""
    theirs, entry = libdaisy_value(name, board, clock), difference(name, board)
    if entry is None:
        return None if ours == theirs else f"{name}: expected {_hex(theirs)}, found {_hex(ours)}"
    if is_explained(entry, theirs, ours):
        return None
    return f"{name}: libDaisy has {_hex(theirs)}, found {_hex(ours)}; the table says: {entry}"


def is_explained(entry: dict[str, Any], theirs: int | None, ours: int | None) -> bool:
    expect = entry["expect"]
    if expect == "command":
        return True
    if expect == "untouched":
        return ours is None
    if expect == "bits":
        bits, rest = entry["bits"], entry.get("reset", ours or 0)
        now = rest if ours is None else ours
        return theirs is not None and now == (theirs & bits | rest & ~bits)
    if expect == "value":
        return ours == entry["value"]
    assert expect == "dma", f"unknown kind of difference: {expect}"
    return ours is not None and DAISY.dma.holds(ours, DMA_BYTES)


def _hex(value: int | None) -> str:
    return "nothing" if value is None else f"{value:#010x}"


def problems(booted: Booted, board: str, clock: int) -> list[str]:
    """Every register either side writes, compared."""
    ours = {name_of(address): value for address, value in booted.registers.items()}
    theirs = {
        n
        for n in table("libdaisy.toml")["registers"]
        if libdaisy_value(n, board, clock) is not None
    }
    found = (problem(name, board, clock, ours.get(name)) for name in sorted(theirs | set(ours)))
    return [text for text in found if text is not None]


@pytest.mark.parametrize(("board", "clock"), CASES)
def test_every_register_is_as_libdaisy_leaves_it_or_its_difference_is_explained(
    boots: Any, board: str, clock: int
) -> None:
    assert problems(boots(board, clock), board, clock) == []


def test_every_explanation_is_needed(boots: Any) -> None:
    seen = {name_of(a) for board, clock in CASES for a in boots(board, clock).registers}
    seen |= {name_of(a) for a in boots("seed_rev4", 480, "Y").registers}
    seen |= set(table("libdaisy.toml")["registers"])
    for entry in table("differences.toml")["difference"]:
        for pattern in entry["registers"]:
            assert any(fnmatchcase(n, _pattern(pattern)) for n in seen), f"{pattern}: never met"


@pytest.mark.parametrize("register", ["RCC.PLL1DIVR", "SAI1_Block_A.CR1", "GPIOE.MODER"])
def test_a_wrong_bit_would_be_noticed(boots: Any, register: str) -> None:
    booted = boots("seed_rev4", 480)
    address = table("libdaisy.toml")["registers"][register]["address"]
    for bit in range(32):
        changed = {**booted.registers, address: booted.registers[address] ^ (1 << bit)}
        found = problems(Booted(booted.pedal, changed), "seed_rev4", 480)
        assert len(found) == 1, f"bit {bit}"
        assert found[0].startswith(f"{register}: ")


@pytest.mark.parametrize(("board", "clock"), CASES)
def test_nothing_is_written_to_a_peripheral_without_a_clock(
    boots: Any, board: str, clock: int
) -> None:
    assert boots(board, clock).pedal.clock_gate_violations == []


@pytest.mark.parametrize(("board", "clock"), CASES)
def test_the_fpu_is_on_and_the_clocks_are_right(boots: Any, board: str, clock: int) -> None:
    pedal = boots(board, clock).pedal
    assert pedal.cpacr == 0xF00000
    assert pedal.cpu_hz == clock * 1_000_000
    assert pedal.sample_rate_hz == 48_000
    assert pedal.block_frames == BLOCK_FRAMES


def test_silicon_that_cannot_do_480_mhz_runs_at_400(boots: Any) -> None:
    booted = boots("seed_rev4", 480, "Y")
    assert booted.pedal.cpu_hz == 400_000_000
    extra = {"AXI_TARG7.FN_MOD"}
    names_written = {name_of(address) for address in booted.registers}
    assert extra <= names_written
    assert problems(booted, "seed_rev4", 400) == []


@pytest.mark.parametrize("clock", CLOCKS_MHZ)
def test_the_wm8731_gets_the_messages_that_libdaisy_sends(boots: Any, clock: int) -> None:
    messages = [
        " ".join(f"{byte:02X}" for byte in (message.address, *message.data))
        for message in boots("seed_1_1", clock).pedal.i2c_transactions
    ]
    assert messages == table("libdaisy.toml")["i2c_seed_1_1"]
    for board in ("seed_rev4", "seed2_dfm"):
        assert boots(board, clock).pedal.i2c_transactions == []


def test_dma_buffers_lie_in_memory_the_mpu_keeps_out_of_the_cache(boots: Any) -> None:
    pedal = boots("seed_rev4", 480).pedal
    base, attributes = pedal.mpu_regions[0]
    assert (base & ~31, attributes) == (0x30000000, 0x130C001D)
    assert [buffer.is_cacheable for buffer in pedal.dma_buffers] == [False, False]


def test_the_stack_has_a_forbidden_end(boots: Any) -> None:
    base, attributes = boots("seed_rev4", 480).pedal.mpu_regions[3]
    top = DAISY.region("dtcm").end
    assert base & ~31 == top - DAISY.stack.size_bytes
    size_bytes, access = 2 << (attributes >> 1 & 31), attributes >> 24 & 7
    assert (size_bytes, access) == (256, 0)


@pytest.mark.parametrize("board", BOARDS)
def test_each_board_plays_the_chain_on_both_channels_two_blocks_later(
    boots: Any, images: dict[int, Image], board: str
) -> None:
    pedal = Pedal(images[480].elf, board=board)
    pedal.boot()
    codes = np.random.default_rng(5).integers(-(2**23), 2**23, 480).astype(np.int32)
    right = np.flip(codes)
    played = pedal.play(np.stack([codes, right]))
    expected = stand_in.played(codes)
    assert pedal.latency_frames == 2 * BLOCK_FRAMES
    for channel in played:
        np.testing.assert_array_equal(channel[:96], 0)
        np.testing.assert_array_equal(channel[96:], expected[:-96])
    assert pedal.led_on
    assert pedal.stack_used_bytes <= images[480].stack_worst_bytes
