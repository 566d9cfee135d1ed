"""Blocks that are late are seen, counted and shown, and audio that stumbles goes on."""

from __future__ import annotations

import firmware_stand_in as stand_in
import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from pedal_images import expected, noise, stand_in_image, usual_load

from host_sim.codec import codes_of_samples, samples_of_codes
from host_sim.emulator.errors import EmulationError
from host_sim.pedal import Pedal
from host_sim.stm32h750 import machine
from host_sim.stm32h750.audio import Injection
from host_sim.stm32h750.audio_clock import Pace, RealTime, alternating, steady

FRAMES = 16
WATCHDOG_KEY = 0x58004800


def pace_of(load: float) -> float:
    """Cycles per instruction with which an interrupt takes a part of a block."""
    return load / usual_load(FRAMES, skips=True)


def after(blocks: int, pace: Pace, *, skips: bool = True, lookahead_frames: int = 2) -> Pedal:
    image = stand_in_image(block_frames=FRAMES, skips=skips)
    real_time = RealTime(lookahead_frames=lookahead_frames, pace=pace)
    pedal = Pedal(image.elf, real_time=real_time)
    pedal.boot()
    pedal.play(noise(blocks * FRAMES))
    return pedal


def counter(pedal: Pedal, name: str) -> int:
    return pedal.core.memory.read_word(pedal.core.image.address(name))


def feeds_of(pedal: Pedal) -> int:
    return sum(w.address == WATCHDOG_KEY and w.value == 0xAAAA for w in pedal.register_writes)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_a_chain_in_time_is_never_called_late(load: float) -> None:
    pedal = after(60, steady(pace_of(load)))
    assert counter(pedal, "late_blocks") == 0
    assert pedal.led_on


@pytest.mark.parametrize(("load", "lookahead_frames"), [(0.97, 2), (0.93, 3), (1.05, 0), (1.9, 0)])
def test_every_late_block_is_counted(load: float, lookahead_frames: int) -> None:
    pace = steady(pace_of(load))
    pedal = after(40, pace, skips=False, lookahead_frames=lookahead_frames)
    assert counter(pedal, "late_blocks") >= counter(pedal, "blocks") - 1 > 15
    assert not pedal.led_on


def test_one_long_block_in_ten_is_late_each_time() -> None:
    pedal = after(65, alternating([pace_of(0.5)] * 9 + [pace_of(1.9)]))
    assert counter(pedal, "late_blocks") == 6


def test_no_torn_block_goes_unreported() -> None:
    for load in (0.85, 0.9, 1.0, 1.1, 1.5, 1.9, 2.5):
        pedal = after(40, steady(pace_of(load)), skips=False)
        report = pedal.audio_report
        assert counter(pedal, "late_blocks") >= report.torn_blocks + report.missed_blocks - 2, load


def test_after_a_late_block_two_are_silent_and_the_chain_goes_on() -> None:
    pedal = Pedal(
        stand_in_image(block_frames=FRAMES).elf,
        real_time=RealTime(pace=lambda n: pace_of(1.5 if n == 8 else 0.5)),
    )
    pedal.boot()
    played = pedal.play(noise(20 * FRAMES))[0, pedal.latency_frames :].reshape(-1, FRAMES)
    silent = [n for n, block in enumerate(played) if n > 0 and not block.any()]
    assert silent == [9, 10]
    np.testing.assert_array_equal(
        played[:8].reshape(-1), expected(noise(20 * FRAMES))[: 8 * FRAMES]
    )


@pytest.mark.parametrize("load", [1.2, 1.995, 2.98])
def test_the_main_loop_lives_under_any_overload(load: float) -> None:
    """Every round of a late block and its rest leaves the loop a block's time."""
    pedal = after(60, steady(pace_of(load)))
    rounds = 60 / (np.ceil(load) + 2)
    assert feeds_of(pedal) >= rounds - 2
    starved = after(60, steady(pace_of(load)), skips=False)
    assert feeds_of(starved) < 5


def test_a_late_block_darkens_the_led_for_a_quarter_of_a_second() -> None:
    pedal = Pedal(
        stand_in_image(block_frames=256).elf,
        real_time=RealTime(pace=lambda n: 2000.0 if n == 3 else 1.0),
    )
    pedal.boot()
    pedal.play(np.zeros(256 * 70, np.int32))
    edges = [edge for edge in pedal.gpio_edges if (edge.port, edge.pin) == ("C", 7)]
    lit, dark, lit_again = edges[-3:]
    assert (lit.is_high, dark.is_high, lit_again.is_high) == (True, False, True)
    assert 0.25 <= lit_again.seconds - dark.seconds < 0.29


def answers(codes: np.ndarray) -> list[np.ndarray]:
    """What the stand-in, whose weights take turns, can make of codes after a long silence."""
    samples = samples_of_codes(codes)
    padded = [np.r_[np.zeros(turn, np.float32), samples] for turn in range(4)]
    return [codes_of_samples(stand_in.reference(x))[turn:] for turn, x in enumerate(padded)]


@pytest.mark.parametrize("receiving", [True, False])
@pytest.mark.parametrize("what", ["transfer error", "direct mode error"])
@pytest.mark.parametrize("board", ["seed_rev4", "seed_1_1"])
def test_a_dma_error_restarts_both_directions_in_step(
    board: str, what: Injection, *, receiving: bool
) -> None:
    pedal = Pedal(stand_in_image(block_frames=FRAMES).elf, board=board)  # type: ignore[arg-type]
    pedal.boot()
    pedal.play(noise(20 * FRAMES))
    pedal.inject(what, receiving=receiving)
    pedal.play(np.zeros(2100, np.int32))
    assert counter(pedal, "restarts") == 1
    codes = noise(40 * FRAMES, seed=3)
    played = pedal.play(np.r_[codes, np.zeros(pedal.latency_frames, np.int32)])
    found = played[0, pedal.latency_frames :]
    assert any(np.array_equal(found, answer) for answer in answers(codes))
    np.testing.assert_array_equal(played[0], played[1])
    assert counter(pedal, "slips") == 0


def test_a_restart_fades_in_and_shows_trouble() -> None:
    pedal = Pedal(stand_in_image(block_frames=FRAMES).elf)
    pedal.boot()
    pedal.play(np.full(4096, 1 << 22, np.int32))
    before = int(np.abs(pedal.play(np.full(64, 1 << 22, np.int32))).max())
    pedal.inject("transfer error", receiving=True)
    played = np.abs(pedal.play(np.full(2500, 1 << 22, np.int32))[0])
    assert played[:FRAMES].max() <= before
    assert played[48:300].max() < before / 4
    assert played[-100:].max() == before
    assert not pedal.led_on


def test_errors_all_the_time_stop_the_pedal(monkeypatch: pytest.MonkeyPatch) -> None:
    pedal = Pedal(stand_in_image(block_frames=FRAMES).elf)
    pedal.boot()
    monkeypatch.setattr(machine, "BLOCK_LIMIT_INSTRUCTIONS", 2_000_000)
    for _ in range(8):
        pedal.inject("transfer error", receiving=False)
        pedal.play(np.zeros(4 * FRAMES, np.int32))
    assert counter(pedal, "restarts") == 8
    pedal.inject("transfer error", receiving=False)
    with pytest.raises(EmulationError, match="still busy"):
        pedal.play(np.zeros(4 * FRAMES, np.int32))
    record_kind = pedal.core.memory.read_word(0x38800F08)
    assert record_kind == 4


@pytest.mark.parametrize("receiving", [True, False])
def test_an_overrun_or_underrun_is_counted_once_and_the_audio_goes_on(*, receiving: bool) -> None:
    pedal = Pedal(stand_in_image(block_frames=FRAMES).elf)
    pedal.boot()
    pedal.play(noise(10 * FRAMES))
    pedal.inject("FIFO error of the SAI", receiving=receiving)
    pedal.play(noise(10 * FRAMES))
    assert counter(pedal, "slips") == 1
    assert counter(pedal, "restarts") == 0
    assert not pedal.led_on
