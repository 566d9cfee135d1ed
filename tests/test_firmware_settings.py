"""The chosen capture outlives the power: the product's firmware with the emulated flash chip."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import emulator_images
import flash_records
import numpy as np
import pytest
from flash_records import JOURNAL, SECTOR, SLOT
from panel_images import build_panel

from namgen.firmware import Image
from namgen.pedal_boards import load_pedal_board

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from host_sim.pedal import Kept, Pedal
from host_sim.stm32h750.audio_clock import RealTime, steady
from host_sim.stm32h750.nor_flash import FlashTimes

BOARD = load_pedal_board("terrarium")
BLOCK = 48
IMAGE, OTHER = 0x1234, 0x4321
STAY_MS = 8
SLOW = pytest.mark.slow
SLOTS = SECTOR // SLOT
_FOLDER = tempfile.TemporaryDirectory(prefix="namgen-")


@cache
def image(boot: str = "flash") -> Image:
    return build_panel(
        Path(_FOLDER.name) / boot,
        BOARD,
        boot=boot,
        toolchain=emulator_images.cross(),
        options={
            "PEDAL_KEEPS_CAPTURE": f"{IMAGE}u",
            "PEDAL_SETTINGS_STAY_MS": f"{STAY_MS}u",
        },
    )


def powered(kept: Kept | None = None, boot: str = "flash") -> Pedal:
    return Pedal(image(boot).elf, panel=BOARD, kept=kept)


def on(kept: Kept | None = None, boot: str = "flash") -> Pedal:
    pedal = powered(kept, boot)
    pedal.boot()
    return pedal


def blocks(pedal: Pedal, count: int) -> None:
    pedal.play(np.zeros(count * BLOCK, np.int32))


def capture(pedal: Pedal) -> int:
    return pedal.core.memory.read_word(pedal.core.image.address("capture_chosen"))


def next_capture(pedal: Pedal) -> int:
    """Press the footswitch for it, as a foot does."""
    pedal.press("right")
    blocks(pedal, 12)
    pedal.release("right")
    blocks(pedal, 6)
    return capture(pedal)


def settled(pedal: Pedal) -> Pedal:
    blocks(pedal, STAY_MS + 5)
    return pedal


def record(chosen: int, sequence: int = 1, image_: int = IMAGE) -> bytes:
    return flash_records.record(chosen, sequence, image_)


def chip_with(*records: bytes, fill: int = 0xFF) -> Kept:
    return Kept(flash_records.content(*records, fill=fill), None)


@pytest.mark.parametrize("boot", ["flash", "sram"])
def test_the_capture_outlives_the_power(boot: str) -> None:
    pedal = on(boot=boot)
    assert capture(pedal) == 0
    chosen = next_capture(pedal)
    assert chosen != 0
    kept = settled(pedal).cut_power()
    assert pedal.flash.ignored == []
    assert pedal.clock_gate_violations == []
    again = on(kept, boot)
    assert capture(again) == chosen
    assert again.flash.programs == []
    other = next_capture(again)
    assert other not in (0, chosen)
    assert capture(on(settled(again).cut_power(), boot)) == other


def test_an_image_that_runs_from_the_flash_keeps_it_through_a_reset_alone() -> None:
    pedal = on(boot="qspi")
    chosen = next_capture(pedal)
    settled(pedal)
    assert pedal.flash.programs == pedal.flash.erases == []
    assert capture(on(pedal.reset(), "qspi")) == chosen
    assert capture(on(pedal.cut_power(), "qspi")) == 0


def test_a_reset_before_it_is_written_loses_nothing_and_writes_it_later() -> None:
    pedal = on()
    pedal.press("right")
    chosen = 0
    while chosen == 0:
        blocks(pedal, 1)
        chosen = capture(pedal)
    blocks(pedal, 2)
    assert pedal.flash.programs == []
    again = on(pedal.reset())
    assert capture(again) == chosen
    assert capture(on(settled(again).cut_power())) == chosen


def test_whoever_steps_through_the_captures_writes_once() -> None:
    pedal = on()
    for _ in range(3):
        pedal.press("right", bounce_s=0.002)
        blocks(pedal, 12)
        pedal.release("right")
        blocks(pedal, 6)
    settled(pedal)
    blocks(pedal, 10)
    assert len(pedal.flash.programs) <= 1
    assert pedal.flash.erases == []


@pytest.mark.parametrize("after", [1, 10, *(pytest.param(n, marks=SLOW) for n in (0, 3, 14))])
def test_power_that_goes_while_it_is_written_leaves_the_old_or_the_new(after: int) -> None:
    """By frames: programming takes ten of them, and the look at whether it is done comes later."""
    pedal = on(chip_with(record(1)))
    assert capture(pedal) == 1
    pedal.press("right")
    _until(pedal, pedal.flash.programs)
    pedal.play(np.zeros(after, np.int32))
    kept = pedal.cut_power()
    assert capture(on(kept)) == (2 if after >= 10 else 1)
    assert (kept.flash[JOURNAL + SLOT : JOURNAL + SLOT + 20] == record(2, 2)) == (after >= 10)


@pytest.mark.parametrize("after_ms", [5, 60, *(pytest.param(n, marks=SLOW) for n in (0, 35, 75))])
def test_power_that_goes_while_a_sector_is_erased_leaves_the_old_or_the_new(after_ms: int) -> None:
    full = chip_with(*(record(1, number + 1) for number in range(SLOTS)))
    pedal = on(full)
    pedal.press("right")
    _until(pedal, pedal.flash.erases)
    blocks(pedal, after_ms)
    assert capture(on(pedal.cut_power())) == (2 if after_ms == 75 else 1)
    assert pedal.flash.erases == [JOURNAL + SECTOR]


def _until(pedal: Pedal, events: list[int]) -> None:
    """Play a few frames at a time until the first has happened."""
    for _ in range(20 * (STAY_MS + 20)):
        if events:
            return
        pedal.play(np.zeros(3, np.int32))
    raise AssertionError("the firmware writes nothing")


NOISE = Kept(np.random.default_rng(2).integers(0, 256, 8 << 20, np.uint8).tobytes(), b"\x5a" * 4096)
SPOILT = record(2)[:-1] + bytes([record(2)[-1] ^ 1])


@pytest.mark.parametrize(
    "kept",
    [
        chip_with(),
        chip_with(fill=0x00),
        chip_with(fill=0xA5),
        chip_with(SPOILT),
        chip_with(record(2, image_=OTHER)),
        chip_with(record(200)),
        NOISE,
    ],
    ids=["erased", "zeros", "pattern", "bad CRC", "another image", "no such capture", "noise"],
)
def test_what_is_no_record_is_the_first_capture_and_sound_in_100_ms(kept: Kept) -> None:
    pedal = on(kept)
    assert capture(pedal) == 0
    assert pedal.seconds < 0.1
    pedal.flash.times = FlashTimes(erase_s=5e-3)
    new = next_capture(pedal)
    assert capture(on(settled(pedal).cut_power())) == new


def test_the_newest_of_many_counts_and_a_bad_one_after_it_does_not() -> None:
    pedal = on(chip_with(record(1, 5), record(2, 6), record(1, 4), SPOILT))
    assert capture(pedal) == 2
    next_capture(pedal)
    settled(pedal)
    assert pedal.flash.programs == [JOURNAL + 4 * SLOT]


def test_a_chip_that_never_answers_is_done_without() -> None:
    pedal = powered()
    pedal.flash.answers = False
    pedal.boot()
    assert pedal.seconds < 0.1
    chosen = next_capture(settled(pedal))
    settled(pedal)
    assert capture(on(pedal.reset())) == chosen


def test_a_chip_that_is_still_erasing_is_told_to_stop() -> None:
    """The processor was reset, the chip was not."""
    pedal = powered(chip_with(record(2)))
    pedal.flash.busy_for(5.0)
    pedal.boot()
    assert capture(pedal) == 2
    assert pedal.seconds < 0.1


def test_reading_delays_the_sound_by_two_milliseconds() -> None:
    plain = build_panel(Path(_FOLDER.name) / "plain", BOARD, toolchain=emulator_images.cross())
    without = Pedal(plain.elf, panel=BOARD)
    without.boot()
    full = chip_with(*(record(1, number + 1) for number in range(2 * SLOTS)))
    assert on(full).seconds - without.seconds < 0.003


def test_writing_and_erasing_disturb_no_block_of_audio() -> None:
    full = chip_with(*(record(1, number + 1) for number in range(SLOTS)))
    pedal = Pedal(image().elf, panel=BOARD, kept=full, real_time=RealTime(pace=steady(5.0)))
    pedal.flash.times = FlashTimes(erase_s=0.02)
    pedal.boot()
    pedal.press("right")
    blocks(pedal, STAY_MS + 45)
    assert len(pedal.flash.erases) == len(pedal.flash.programs) == 1
    report = pedal.audio_report
    assert (report.torn_blocks, report.missed_blocks, report.lost_input_frames) == (0, 0, 0)
    assert report.whole_blocks > STAY_MS + 40
