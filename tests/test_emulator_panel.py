"""A pedal board's panel around the emulated Daisy: what is turned and pressed arrives at the pins,
what the firmware drives is seen, and both for every board.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import panel_reader as reader
import pytest

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from host_sim.emulator.errors import EmulationError
from host_sim.panel import voltage_at
from host_sim.pedal import Pedal
from host_sim.stm32h750.audio_clock import RealTime, steady
from namgen.errors import ChoiceError, NamgenError
from namgen.pedal_boards import PedalBoard, load_pedal_board, pedal_board_names
from namgen.pedal_boards.controls import Knob

BOARDS = pedal_board_names()
BLOCK = reader.BLOCK_FRAMES


def plugged(name: str, *, real_time: RealTime | None = None, pulls: bool = True) -> Pedal:
    board = load_pedal_board(name)
    image = reader.reader_image(board.carried.target)
    pedal = Pedal(image.elf, panel=board, real_time=real_time)
    reader.prepare(pedal, board, pulls=pulls)
    return pedal


def booted(name: str, *, real_time: RealTime | None = None, pulls: bool = True) -> Pedal:
    pedal = plugged(name, real_time=real_time, pulls=pulls)
    pedal.boot()
    return pedal


def blocks(pedal: Pedal, count: int) -> None:
    pedal.play(np.zeros(count * BLOCK, np.int32))


def board_of(pedal: Pedal) -> PedalBoard:
    return pedal.panel.board


def last_levels(pedal: Pedal) -> dict[str, bool]:
    return reader.log_of(pedal, board_of(pedal))[1][-1]


def chip(board: PedalBoard, name: str) -> str:
    pin = board.carried.find(name)
    assert pin is not None
    return pin.chip


@pytest.mark.parametrize("name", BOARDS)
def test_every_knob_arrives_at_its_channel(name: str) -> None:
    pedal = booted(name)
    board = board_of(pedal)
    positions = np.linspace(0.0, 1.0, len(board.knobs)) if board.knobs else np.zeros(0)
    for knob, position in zip(board.knobs, positions, strict=True):
        pedal.turn(knob.label, float(position))
    blocks(pedal, 2)
    wanted = [
        min(round(voltage_at(knob, float(position)) * 65536), 65535)
        for knob, position in zip(board.knobs, positions, strict=True)
    ]
    codes, _ = reader.log_of(pedal, board)
    assert codes[-1].tolist() == wanted
    assert [list(found) for found in pedal.codes_at_interrupts] == codes.tolist()
    assert pedal.panel.violations == []
    assert not any(buffer.is_cacheable for buffer in pedal.dma_buffers)


@pytest.mark.parametrize("name", BOARDS)
def test_every_switch_arrives_at_its_pin(name: str) -> None:
    pedal = booted(name)
    board = board_of(pedal)
    blocks(pedal, 1)
    rest = last_levels(pedal)
    for switch in board.footswitches:
        pedal.press(switch.label)
        blocks(pedal, 1)
        assert last_levels(pedal) == rest | {switch.pin: switch.active == "high"}
        pedal.release(switch.label)
    for toggle in board.toggles:
        for place in toggle.positions:
            pedal.put(toggle.label, place.label)
            blocks(pedal, 1)
            expected = {
                str(other.pin): (other.label == place.label) == (toggle.active == "high")
                for other in toggle.positions
                if other.pin is not None
            }
            assert {pin: last_levels(pedal)[pin] for pin in expected} == expected
    assert pedal.panel.violations == []
    assert pedal.panel.levels_at_interrupts == reader.log_of(pedal, board)[1]


@pytest.mark.parametrize("name", BOARDS)
def test_every_light_is_seen_and_so_are_relay_and_mute(name: str) -> None:
    pedal = booted(name)
    board = board_of(pedal)
    dark: dict[str, bool] = {}
    for led in board.leds:
        for pin in led.rgb or (str(led.pin),):
            dark[chip(board, pin)] = led.active == "low"
    reader.latch(pedal, dark)
    blocks(pedal, 1)
    assert not any(np.any(light) for light in pedal.lights.values())
    for led in board.leds:
        pins = led.rgb or (str(led.pin),)
        reader.latch(pedal, dark | {chip(board, pins[0]): led.active == "high"})
        blocks(pedal, 1)
        lit = (True, False, False) if led.rgb else True
        others = {o.label: (False,) * 3 if o.rgb else False for o in board.leds}
        assert pedal.lights == others | {led.label: lit}
    for output, is_seen in (
        (board.bypass.relay, lambda: pedal.relay_on),
        (board.bypass.mute, lambda: pedal.muted),
    ):
        for active in (True, False):
            if output is not None:
                pin = chip(board, output.pin)
                reader.latch(pedal, {pin: active == (output.active == "high")})
                blocks(pedal, 1)
            assert is_seen() == (active and output is not None)


@pytest.mark.parametrize("name", [n for n in BOARDS if load_pedal_board(n).encoders])
def test_an_encoder_is_counted_as_libdaisy_counts_it(name: str) -> None:
    pedal = booted(name)
    (encoder,) = board_of(pedal).encoders
    pedal.rotate(encoder.label, 3)
    pedal.rotate(encoder.label, -5)
    blocks(pedal, 8 * 20 + 4)
    _, levels = reader.log_of(pedal, board_of(pedal))
    steps = _counted([(each[encoder.a], each[encoder.b]) for each in levels])
    assert steps == [1, 1, 1, -1, -1, -1, -1, -1]
    if encoder.press is not None:
        pedal.press(f"encoder {encoder.label}")
        blocks(pedal, 1)
        assert last_levels(pedal)[encoder.press] == (encoder.active == "high")


def _counted(levels: list[tuple[bool, bool]]) -> list[int]:
    """One falls while the other has been low for two readings: up if it is A."""
    steps = []
    for (a0, b0), (a1, b1) in pairwise(levels):
        if a0 and not a1 and not (b0 or b1):
            steps.append(1)
        if b0 and not b1 and not (a0 or a1):
            steps.append(-1)
    return steps


def test_a_switch_bounces_for_as_long_as_it_is_told_to() -> None:
    pedal = booted("terrarium")
    pedal.press("left", bounce_s=0.01)
    blocks(pedal, 30)
    pin = board_of(pedal).footswitches[0].pin
    found = [levels[pin] for levels in pedal.panel.levels_at_interrupts]
    changes = np.flatnonzero(np.diff(found))
    assert len(changes) >= 3
    assert changes[-1] - changes[0] <= 10
    assert not found[-1]
    assert found == [levels[pin] for levels in reader.log_of(pedal, board_of(pedal))[1]]


@pytest.mark.parametrize("pace", [None, 0.2, 4.0])
def test_an_interrupt_sees_the_panel_as_it_was_when_it_began(pace: float | None) -> None:
    """Whatever the time it takes, and whether audio waits for it or not."""
    pedal = booted("terrarium", real_time=None if pace is None else RealTime(pace=steady(pace)))
    rng = np.random.default_rng(1)
    for position in rng.uniform(0.0, 1.0, 12):
        pedal.turn("3", float(position))
        pedal.turn("6", float(1.0 - position))
        (pedal.press if position > 0.5 else pedal.release)("right", bounce_s=0.003)
        blocks(pedal, 3)
    codes, levels = reader.log_of(pedal, board_of(pedal))
    kept = slice(0, len(codes))
    assert [list(found) for found in pedal.codes_at_interrupts[kept]] == codes.tolist()
    assert pedal.panel.levels_at_interrupts[kept] == levels
    assert len({tuple(found) for found in codes.tolist()}) > 10


def test_time_outside_is_the_audio_s_own() -> None:
    """A switch that is closed for 10 ms is closed for ten blocks, however slow the processor is."""
    pedal = booted("terrarium")
    outside = pedal._machine.outside
    blocks(pedal, 2)
    before = outside.now
    blocks(pedal, 100)
    assert abs(outside.now - before - 0.1) < 1e-3


def test_an_input_without_a_pull_is_a_finding() -> None:
    pedal = booted("terrarium", pulls=False)
    blocks(pedal, 1)
    found = {violation.what for violation in pedal.panel.violations}
    assert "PA0 is read while it floats" in found
    assert len(found) == len(pedal.panel.violations) == 6


def test_a_reset_with_boot0_high_is_the_update_mode() -> None:
    for high in (False, True):
        pedal = plugged("terrarium")
        pedal.boot()
        pedal._machine.bus.store(0x58021800, 4, 1 << 6)
        reader.latch(pedal, {"PG3": high})
        blocks(pedal, 2)
        assert not pedal.update_mode_requested
        reader.ask_for_reset(pedal)
        with pytest.raises(EmulationError) as caught:
            blocks(pedal, 2)
        assert caught.value.kind == "reset"
        assert pedal.update_mode_requested == high


def test_what_is_not_on_the_board_is_refused_with_what_is() -> None:
    pedal = plugged("125b")
    with pytest.raises(ChoiceError, match="knob: expected one of 1, 2, 3, 4, 5, 6"):
        pedal.turn("7", 0.5)
    with pytest.raises(ChoiceError, match="switch: expected one of 1, 2, encoder 1"):
        pedal.press("left")
    with pytest.raises(ChoiceError, match="toggle: expected none"):
        pedal.put("1", "up")
    with pytest.raises(NamgenError, match=r"knob 1: expected 0 to 1, found 1\.5"):
        pedal.turn("1", 1.5)
    with pytest.raises(NamgenError, match="found a bare Daisy"):
        Pedal(reader.reader_image().elf).turn("1", 0.5)
    with pytest.raises(NamgenError, match="terrarium: expected a module for images of petal-125b"):
        Pedal(
            reader.reader_image().elf,
            board="petal_125b_sm",
            panel=load_pedal_board("terrarium"),
        )


def test_a_potentiometer_has_the_curve_that_is_printed_on_it() -> None:
    knob = Knob("gain", load_pedal_board("terrarium").knobs[0].pin)
    at_half = {
        curve: voltage_at(replace(knob, curve=curve), 0.5) for curve in ("linear", "log", "reverse")
    }
    assert at_half["linear"] == 0.5
    assert at_half["log"] == pytest.approx(0.15, abs=0.001)
    assert at_half["reverse"] == pytest.approx(0.85, abs=0.001)
    for curve in ("linear", "log", "reverse"):
        ends = [voltage_at(replace(knob, curve=curve), position) for position in (0.0, 1.0)]
        assert ends == [0.0, 1.0]
    flipped = replace(knob, is_flipped=True)
    assert voltage_at(flipped, 0.25) == 0.75
