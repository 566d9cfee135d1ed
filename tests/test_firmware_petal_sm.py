"""A Petal 125B SM: the Seed's firmware with another codec, on I2C1, and no LED of its own."""

from __future__ import annotations

import tempfile
from functools import cache
from itertools import pairwise
from pathlib import Path

import emulator_images
import numpy as np
import pytest
from controls_setups import CAPTURES

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from panel_images import build_panel
from pedal_images import expected, noise, stand_in_image
from test_firmware_faults import BUS, PLL1DIVR, Stopped, blinks_before_the_pause, stop

from host_sim.boards import usual_board
from host_sim.emulator.errors import EmulationError
from host_sim.pedal import Kept, Pedal
from host_sim.stm32h750 import machine
from host_sim.stm32h750.gpio import Pins
from host_sim.stm32h750.i2c import I2c
from host_sim.stm32h750.registers import Silicon
from namgen.boards import Board, load_board
from namgen.errors import FileError, NamgenError, UnsupportedError
from namgen.firmware import Image
from namgen.order import make_order
from namgen.pedal.deciding import pedal_for
from namgen.pedal.said import PedalSaid
from namgen.pedal_boards import load_pedal_board, read_pedal_board
from namgen.targets import load_target

TARGET = "petal-125b-sm"
PANEL = load_pedal_board("petal-125b-sm")
I2C1, I2C2, TIMINGR = 0x40005400, 0x40005800, 0x10
MESSAGES = ["40 70", "40 B0", "43 01", "48 01", "40 C0"]
RED = ("A", 5)
"""Of the light that tells the status."""

_FOLDER = tempfile.TemporaryDirectory(prefix="namgen-")


def booted(block_frames: int = 48, clock_hz: int = 480_000_000, silicon: Silicon = "V") -> Pedal:
    image = stand_in_image(block_frames=block_frames, clock_hz=clock_hz, target=TARGET)
    pedal = Pedal(image.elf, board="petal_125b_sm", silicon=silicon)
    pedal.boot()
    return pedal


@cache
def whole_image() -> Image:
    """With the panel, and a settled choice that is kept after 8 ms."""
    options = {"PEDAL_KEEPS_CAPTURE": "7u", "PEDAL_SETTINGS_STAY_MS": "8u"}
    cross = emulator_images.cross()
    return build_panel(Path(_FOLDER.name), PANEL, toolchain=cross, options=options)


def whole(kept: Kept | None = None) -> Pedal:
    return Pedal(whole_image().elf, panel=PANEL, kept=kept)


@pytest.mark.parametrize(
    ("frames", "clock_hz", "silicon"),
    [(48, 480_000_000, "V"), (8, 480_000_000, "Y"), (48, 400_000_000, "V")],
)
def test_it_plays(frames: int, clock_hz: int, silicon: Silicon) -> None:
    pedal = booted(frames, clock_hz, silicon)
    left = noise(960)
    played, late = pedal.play(left), pedal.latency_frames
    np.testing.assert_array_equal(played[:, late:], np.stack([expected(left)[:-late]] * 2))
    assert pedal.clock_gate_violations == []
    assert abs(pedal.sample_rate_hz - 48000) < 1


def test_the_codec_gets_its_messages_in_order_with_time_for_each() -> None:
    messages = booted().i2c_transactions
    assert [f"{m.data[0]:02X} {m.data[1]:02X}" for m in messages] == MESSAGES
    assert {message.address for message in messages} == {0x46}
    assert all(message.is_acknowledged for message in messages)
    assert all(later.seconds - earlier.seconds >= 4e-3 for earlier, later in pairwise(messages))


def test_the_codec_is_on_i2c1_as_fast_as_a_seeds_is_on_i2c2() -> None:
    pedal = booted()
    seed = Pedal(stand_in_image().elf, board="seed_1_1")
    seed.boot()
    assert pedal.registers[I2C1 + TIMINGR] == seed.registers[I2C2 + TIMINGR] != 0
    touched = {write.address & ~0x3FF for write in pedal.register_writes}
    assert I2C1 & ~0x3FF in touched
    assert I2C2 & ~0x3FF not in touched


def test_the_bus_is_freed_before_the_first_message() -> None:
    pedal = booted()
    first = pedal.i2c_transactions[0].seconds
    edges = [edge for edge in pedal.gpio_edges if edge.seconds < first and edge.port == "B"]
    assert {edge.pin for edge in edges} == {8, 9}
    assert sum(edge.is_high for edge in edges if edge.pin == 8) == 1 + 9 + 1


def test_nothing_but_the_bus_and_the_sdram_is_driven() -> None:
    """Not the LED, the test point, the straps, BOOT0, nor the codec's reset of a Seed."""
    pedal = booted()
    pedal.play(noise(480))
    assert {(edge.port, edge.pin) for edge in pedal.gpio_edges} == {("B", 8), ("B", 9), ("H", 3)}
    pins: Pins = pedal._machine.pins
    driven = {(p, n) for p in "ABCDEFGHIJK" for n in range(16) if pins.is_output(p, n)}
    assert driven == {("H", 2), ("H", 3), ("G", 8)}
    assert not pedal.led_on


def test_a_disturbed_message_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started, real_reach = [0], I2c._reaches

    def reaches(self: I2c, address: int) -> bool:
        started[0] += 1
        return started[0] > 2 and real_reach(self, address)

    monkeypatch.setattr(I2c, "_reaches", reaches)
    assert len(booted().i2c_transactions) == len(MESSAGES) + 2


def blinks(pedal: Pedal, *, since: float = 0.0) -> int:
    """How often the light for the status is lit red between two pauses; low is lit."""
    red = [edge for edge in pedal.gpio_edges if (edge.port, edge.pin) == RED]
    lit = [edge.seconds for edge in red if not edge.is_high and edge.seconds > since]
    return blinks_before_the_pause(Stopped(pedal.fault_record, lit))


def test_a_codec_that_does_not_answer_is_shown_by_the_status_light(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reaches(self: I2c, _address: int) -> bool:
        self._bus.words[PLL1DIVR] = 0x01010200  # the firmware's waits are soon over
        return False

    monkeypatch.setattr(I2c, "_reaches", reaches)
    monkeypatch.setattr(machine, "BOOT_LIMIT_INSTRUCTIONS", 9_000_000)
    pedal = whole()
    with pytest.raises(EmulationError, match="hung"):
        pedal.boot()
    assert pedal.fault_record["kind"] == blinks(pedal) == 3
    assert not pedal.relay_on


def test_a_fault_lets_the_guitar_past_and_blinks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "BLOCK_LIMIT_INSTRUCTIONS", 9_000_000)
    pedal = whole()
    pedal.boot()
    pedal.play(np.zeros(60 * 48, np.int32))
    assert pedal.relay_on
    began = pedal.seconds
    assert stop(pedal, BUS, {}).record["kind"] == blinks(pedal, since=began) == 6
    assert not pedal.relay_on


def test_without_a_panel_a_fault_is_told_by_its_record_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "BLOCK_LIMIT_INSTRUCTIONS", 3_000_000)
    pedal = booted()
    before = len(pedal.gpio_edges)
    assert stop(pedal, BUS, {}).record["kind"] == 6
    assert pedal.gpio_edges[before:] == []


def test_the_chosen_capture_outlives_the_power() -> None:
    pedal = whole()
    pedal.boot()
    first = chosen(pedal)
    pedal.press("2")
    pedal.play(np.zeros(30 * 48, np.int32))
    assert chosen(pedal) != first
    again = whole(pedal.cut_power())
    again.boot()
    assert chosen(again) == chosen(pedal)
    assert pedal.flash.ignored == []


def chosen(pedal: Pedal) -> int:
    found = pedal.core.memory.read_word(pedal.core.image.address("capture_chosen"))
    assert found < CAPTURES
    return found


def test_both_footswitches_held_do_what_each_does() -> None:
    """No way into the update mode is known, so that no press waits for whether it is meant."""
    pedal = whole()
    pedal.boot()
    pedal.play(np.zeros(60 * 48, np.int32))
    first = chosen(pedal)
    pedal.press("1")
    pedal.press("2")
    pedal.play(np.zeros(30 * 48, np.int32))
    assert not pedal.relay_on
    assert chosen(pedal) != first
    assert not pedal.update_mode_requested


def test_a_board_that_asks_for_the_update_mode_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = 'title = "Mine"\nmodule = "petal-125b-sm"\n[[footswitch]]\nlabel = "a"\npin = "PD13"\n'
    path.write_text(text, encoding="utf-8")
    assert read_pedal_board(path).update_mode is None
    path.write_text(f'{text}[update_mode]\nhold = ["a"]\n', encoding="utf-8")
    with pytest.raises(FileError, match="update_mode: expected none, for the Daisy Petal 125B SM"):
        read_pedal_board(path)


def test_a_seeds_image_is_told_that_it_is_on_another_board() -> None:
    pedal = Pedal(stand_in_image().elf, board="petal_125b_sm")
    with pytest.raises(EmulationError, match="needs a master receiver"):
        pedal.boot()


def test_an_image_is_started_on_its_own_board() -> None:
    assert usual_board("daisy") == "seed_rev4"
    assert usual_board(TARGET) == "petal_125b_sm"
    with pytest.raises(
        NamgenError,
        match="one of daisy, petal-125b-sm, nucleo-h743, weact-h743, weact-h750, found one for t",
    ):
        usual_board("teensy")


def chip_of(board: Board) -> list[object]:
    """What is the chip's and not the board's."""
    regions = [(r.name, r.origin, r.size_bytes, r.kind, r.is_cached) for r in board.regions]
    chip = [board.processor, board.clock, board.clock_tree, board.audio, board.stack, board.dma]
    return [*chip, board.model_regions, regions]


def test_the_chip_is_that_of_a_seed() -> None:
    assert chip_of(load_board(TARGET)) == chip_of(load_board("daisy"))


def test_the_board_of_a_target_is_taken_where_none_is_named() -> None:
    for target, board in ((None, "seed"), ("daisy", "seed"), (TARGET, "petal-125b-sm")):
        decided = pedal_for([Path("a.nam")], PedalSaid(), target=target)
        assert decided.wanted.board.name == board
        assert decided.order.target.name == (target or "daisy")
    decided = pedal_for([Path("a.nam")], PedalSaid(board="petal-125b-sm"), target=None)
    assert decided.order.target.name == TARGET


def test_the_daisy_bootloader_is_not_offered() -> None:
    with pytest.raises(UnsupportedError, match="boot: expected flash, found 'sram'"):
        make_order(load_target(TARGET), clock=None, block_frames=None, boot="sram")
