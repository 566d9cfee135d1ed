"""Boards with an STM32H7 and converters set by their pins: other clocks, pins and frames."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import emulator_images
import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from panel_images import build_panel
from pedal_images import expected, noise, stand_in_image

from host_sim.boards import WIRING, Mute, Oscillator, Wiring
from host_sim.boards import Board as Wired
from host_sim.emulator.errors import EmulationError
from host_sim.pedal import Pedal
from host_sim.stm32h750 import audio, machine
from host_sim.stm32h750.gpio import GpioEdge
from host_sim.stm32h750.registers import RCC, Silicon
from namgen.boards import board_names, load_board
from namgen.errors import NamgenError
from namgen.pedal_boards import PedalBoard, load_pedal_board, read_pedal_board

PLAIN: tuple[Wired, ...] = ("nucleo_h743", "weact_h743")
"""Boards of one pattern; the `weact_h750` is the `weact_h743` with less flash."""

CR, PLLCKSELR, D1CCIPR = RCC, RCC + 0x28, RCC + 0x4C
HSEON, HSERDY, HSEBYP, CSSON = 1 << 16, 1 << 17, 1 << 18, 1 << 19
_FOLDER = tempfile.TemporaryDirectory(prefix="namgen-")


def booted(
    board: Wired, *, frames: int = 48, clock_hz: int = 480_000_000, silicon: Silicon = "V"
) -> Pedal:
    image = stand_in_image(block_frames=frames, clock_hz=clock_hz, target=WIRING[board].target)
    pedal = Pedal(image.elf, board=board, silicon=silicon)
    pedal.boot()
    return pedal


def rewired(monkeypatch: pytest.MonkeyPatch, board: Wired, **changes: object) -> None:
    """Let a board be wired in another way, under its own name."""
    monkeypatch.setitem(WIRING, board, replace(WIRING[board], **changes))  # type: ignore[arg-type]


def plays(pedal: Pedal) -> bool:
    """Whether what comes out is what the stand-in makes, in every bit and on both sides."""
    left, late = noise(960), pedal.latency_frames
    played = pedal.play(left)
    return bool((played[:, late:] == np.stack([expected(left)[:-late]] * 2)).all())


def edges_of(pedal: Pedal, pin: tuple[str, int]) -> list[GpioEdge]:
    return [edge for edge in pedal.gpio_edges if (edge.port, edge.pin) == pin]


@pytest.mark.parametrize("board", PLAIN)
@pytest.mark.parametrize(
    ("frames", "clock_hz", "silicon"),
    [(48, 480_000_000, "V"), (8, 480_000_000, "Y"), (48, 400_000_000, "V")],
)
def test_it_plays(board: Wired, frames: int, clock_hz: int, silicon: Silicon) -> None:
    pedal = booted(board, frames=frames, clock_hz=clock_hz, silicon=silicon)
    assert plays(pedal)
    assert pedal.clock_gate_violations == []
    assert pedal.cpu_hz == (400_000_000 if silicon == "Y" else clock_hz)
    ppm = load_board(WIRING[board].target).codec_pll.error_ppm
    assert pedal.sample_rate_hz == pytest.approx(48_000 * (1 + ppm / 1e6), rel=1e-12)
    assert pedal.led_on


@pytest.mark.parametrize("board", PLAIN)
def test_the_codec_is_heard_once_it_has_found_into_its_clocks(board: Wired) -> None:
    pedal, mute = booted(board), WIRING[board].mute
    assert mute is not None
    (let_go,) = [edge for edge in edges_of(pedal, mute.pin) if edge.is_high]
    assert mute.settles_s <= let_go.seconds < 0.3
    assert len(edges_of(pedal, mute.pin)) == 1


def test_letting_go_of_the_mute_too_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rewired(monkeypatch, "nucleo_h743", mute=Mute(("F", 8), 0.3))
    with pytest.raises(EmulationError, match="PF8, is let go before the codec has found into"):
        booted("nucleo_h743")


def test_a_codec_that_stays_muted_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "BOOT_LIMIT_INSTRUCTIONS", 9_000_000)
    rewired(monkeypatch, "nucleo_h743", mute=Mute(("F", 9), 0.1))
    with pytest.raises(EmulationError, match="the codec is muted: PF9 is low"):
        booted("nucleo_h743")


@pytest.mark.parametrize("board", PLAIN)
def test_nothing_but_its_own_pins_is_driven(board: Wired) -> None:
    pedal, wiring = booted(board), WIRING[board]
    pedal.play(noise(480))
    assert wiring.mute is not None
    pins = pedal._machine.pins
    driven = {(p, n) for p in "ABCDEFGHIJK" for n in range(16) if pins.is_output(p, n)}
    assert driven == {wiring.led, wiring.mute.pin}


# ---- the clock that another chip gives


def test_a_given_clock_is_bypassed_before_it_is_switched_on() -> None:
    writes = [w.value for w in booted("nucleo_h743").register_writes if w.address == CR]
    first_on = next(n for n, value in enumerate(writes) if value & HSEON)
    assert writes[first_on] & HSEBYP
    assert writes[first_on - 1] & HSEBYP
    assert not writes[first_on - 1] & HSEON
    assert writes[-1] & CSSON


def test_a_crystal_is_not_bypassed() -> None:
    pedal = Pedal(stand_in_image().elf)
    pedal.boot()
    assert not any(w.value & HSEBYP for w in pedal.register_writes if w.address == CR)


OWN = {
    "nucleo-h743": ("A0", "PA6", "D24", "D2"),
    "weact-h743": ("PA0", "PC4", "PB1", "PE7"),
}
"""Pins of a board of somebody's own: three knobs, and a footswitch to the next capture."""


@cache
def own_board(module: str) -> tuple[PedalBoard, Path]:
    """A board of somebody's own, and its image, which keeps a choice after 8 ms."""
    folder = Path(_FOLDER.name) / module
    folder.mkdir()
    *knobs, switch = OWN[module]
    lines = ['title = "Own"', f'module = "{module}"']
    for label, pin, sets in zip("123", knobs, ("input", "level", "bass"), strict=True):
        lines += ["[[knob]]", f'label = "{label}"', f'pin = "{pin}"', f'sets = "{sets}"']
    lines += ["[[footswitch]]", 'label = "1"', f'pin = "{switch}"', 'does = "next-capture"']
    (folder / "own.toml").write_text("\n".join(lines), encoding="utf-8")
    board = read_pedal_board(folder / "own.toml")
    options = {"PEDAL_KEEPS_CAPTURE": "7u", "PEDAL_SETTINGS_STAY_MS": "8u"}
    image = build_panel(folder, board, toolchain=emulator_images.cross(), options=options)
    return board, image.elf


@pytest.mark.parametrize(
    ("wired", "runs", "silicon"),
    [
        ("nucleo_h743", True, "V"),
        ("nucleo_h743", True, "Y"),
        ("nucleo_h743", False, "V"),
        ("weact_h743", True, "V"),
        ("weact_h743", True, "Y"),
    ],
)
def test_knobs_are_read_by_a_clock_that_is_there(
    monkeypatch: pytest.MonkeyPatch, wired: Wired, runs: bool, silicon: Silicon
) -> None:
    board, elf = own_board(WIRING[wired].target)
    rewired(monkeypatch, wired, oscillator=replace(WIRING[wired].oscillator, runs=runs))
    pedal = Pedal(elf, panel=board, silicon=silicon)
    for label, position in (("1", 0.25), ("2", 0.5), ("3", 1.0)):
        pedal.turn(label, position)
    pedal.boot()
    pedal.play(np.zeros(960, np.int32))
    found = [code / 65_535 for code in pedal.panel.codes]
    assert found == pytest.approx([0.25, 0.5, 1.0], abs=0.002)
    assert pedal.panel.violations == []
    assert pedal.registers[D1CCIPR] >> 28 & 3 == (2 if runs else 1)


def test_without_its_clock_it_plays_from_the_internal_oscillator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Oscillator(8_000_000, is_crystal=False, runs=False)
    rewired(monkeypatch, "nucleo_h743", oscillator=clock)
    pedal = booted("nucleo_h743")
    assert plays(pedal)
    assert pedal.registers[PLLCKSELR] & 3 == 0
    assert not pedal.registers[CR] & (HSEON | CSSON)
    assert pedal.cpu_hz == 480_000_000
    assert pedal.sample_rate_hz == 48_000
    assert pedal.seconds < 1


@pytest.mark.parametrize(("module", "keeps"), [("nucleo-h743", False), ("weact-h743", True)])
def test_the_chosen_capture_outlives_a_reset_and_with_a_flash_chip_the_power(
    module: str, keeps: bool
) -> None:
    board, elf = own_board(module)
    pedal = Pedal(elf, panel=board)
    pedal.boot()
    first = chosen(pedal)
    pedal.press("1")
    pedal.play(np.zeros(30 * 48, np.int32))
    second = chosen(pedal)
    assert first != second
    for kept, expected_capture in (
        (pedal.reset(), second),
        (pedal.cut_power(), second if keeps else first),
    ):
        again = Pedal(elf, panel=board, kept=kept)
        again.boot()
        assert chosen(again) == expected_capture
    assert bool(pedal.flash.programs) == keeps


def chosen(pedal: Pedal) -> int:
    return pedal.core.memory.read_word(pedal.core.image.address("capture_chosen"))


# ---- an image on a board that it was not made for


def does_not_start(monkeypatch: pytest.MonkeyPatch, target: str, board: Wired) -> str:
    """Start an image where it does not belong, and return what keeps it from playing."""
    monkeypatch.setattr(machine, "BOOT_LIMIT_INSTRUCTIONS", 30_000_000)
    pedal = Pedal(stand_in_image(target=target).elf, board=board)
    with pytest.raises(EmulationError) as caught:
        pedal.boot()
    return str(caught.value)


TARGETS = tuple(WIRING[board].target for board in PLAIN)


def test_one_board_with_another_chip_takes_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plays(booted("weact_h750"))
    image = stand_in_image(target="weact-h743")
    pedal = Pedal(image.elf, board="weact_h750")
    pedal.boot()
    assert plays(pedal)
    rewired(monkeypatch, "weact_h750", flash_bytes=8 << 10)
    with pytest.raises(NamgenError, match="an image of at most 8 KB in FLASH, found more"):
        Pedal(image.elf, board="weact_h750")


def test_how_much_flash_there_is() -> None:
    limits = {name: load_board(name).boot("flash").limit_bytes >> 10 for name in board_names()}
    assert limits["nucleo-h743"] == limits["weact-h743"] == 2048
    assert limits["weact-h750"] == 128
    for wiring in WIRING.values():
        assert wiring.flash_bytes >> 10 == limits[wiring.target]


@pytest.mark.parametrize("target", ["daisy", "petal-125b-sm", *TARGETS])
@pytest.mark.parametrize("board", ["seed_rev4", "seed3", "petal_125b_sm", *PLAIN])
def test_an_image_plays_on_its_own_board_alone(
    monkeypatch: pytest.MonkeyPatch, target: str, board: Wired
) -> None:
    if WIRING[board].target != target:
        assert does_not_start(monkeypatch, target, board)


def test_frames_of_another_kind_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = replace(WIRING["nucleo_h743"].lines, is_i2s=False)
    rewired(monkeypatch, "nucleo_h743", lines=lines)
    said = does_not_start(monkeypatch, "nucleo-h743", "nucleo_h743")
    assert "SAI1 B: expected left-justified frames of 64 bits, FRCR is 0x00051F3F" in said


@pytest.mark.parametrize("board", PLAIN)
def test_a_line_at_another_pin_is_told(monkeypatch: pytest.MonkeyPatch, board: Wired) -> None:
    lines = WIRING[board].lines
    rewired(monkeypatch, board, lines=replace(lines, pins=(*lines.pins[1:], ("D", 6))))
    said = does_not_start(monkeypatch, WIRING[board].target, board)
    assert f"PD6 is not switched to SAI{lines.sai}" in said


@pytest.mark.parametrize("board", PLAIN)
def test_the_codec_at_the_other_block_is_told(
    monkeypatch: pytest.MonkeyPatch, board: Wired
) -> None:
    wiring = WIRING[board]
    rewired(monkeypatch, board, sends_to_a=not wiring.sends_to_a)
    assert "the codec of" in does_not_start(monkeypatch, wiring.target, board)


@pytest.mark.parametrize("board", PLAIN)
def test_another_master_is_told(monkeypatch: pytest.MonkeyPatch, board: Wired) -> None:
    wiring = WIRING[board]
    other = replace(wiring.lines, master="B" if wiring.lines.master == "A" else "A")
    rewired(monkeypatch, board, lines=other)
    assert "the codec of" in does_not_start(monkeypatch, wiring.target, board)


@pytest.mark.parametrize("board", PLAIN)
def test_a_request_of_another_block_moves_nothing(
    monkeypatch: pytest.MonkeyPatch, board: Wired
) -> None:
    sai = WIRING[board].lines.sai
    swapped = dict(zip("AB", reversed(list(audio._REQUESTS[sai].values())), strict=True))
    monkeypatch.setitem(audio._REQUESTS, sai, swapped)
    assert does_not_start(monkeypatch, WIRING[board].target, board)


@pytest.mark.parametrize("mhz", [7, 12, 16, 25])
@pytest.mark.parametrize("board", PLAIN)
def test_another_crystal_is_told(monkeypatch: pytest.MonkeyPatch, board: Wired, mhz: int) -> None:
    wiring: Wiring = WIRING[board]
    if wiring.oscillator.hz != mhz * 1_000_000:
        other = replace(wiring.oscillator, hz=mhz * 1_000_000)
        rewired(monkeypatch, board, oscillator=other)
        said = does_not_start(monkeypatch, wiring.target, board)
        assert any(told in said for told in ("PLL", "too fast", "the codec gets clocks for"))


# ---- what a person has of it


@pytest.mark.parametrize("board", PLAIN)
def test_its_own_controls_are_there_without_anything_plugged_in(board: Wired) -> None:
    own = load_pedal_board(load_board(WIRING[board].target).pedal_board)
    assert not own.knobs, "an input that is open is no knob at rest"
    assert [switch.does for switch in own.footswitches] == ["bypass"]
    assert own.full_scale is not None
    assert own.full_scale.unmeasured
