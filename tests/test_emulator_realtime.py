"""In real time what the interrupt has not written when the DMA reads it is not heard."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from pedal_images import expected, noise, stand_in_image

from host_sim.pedal import Pedal
from host_sim.stm32h750.audio_clock import Pace, RealTime, alternating, steady

BLOCKS = 40


@cache
def pace_of(block_frames: int, load: float) -> float:
    """Cycles per instruction with which the stand-in's interrupt takes a part of a block."""
    pedal = Pedal(stand_in_image(block_frames=block_frames, skips=False).elf, real_time=RealTime())
    pedal.boot()
    pedal.play(np.zeros(8 * block_frames, np.int32))
    return load / float(np.median(pedal.block_loads))


def played(block_frames: int, pace: Pace, *, lookahead_frames: int = 2) -> tuple[Pedal, np.ndarray]:
    """A pedal after some blocks of noise, and which of them sound as they should."""
    real_time = RealTime(lookahead_frames=lookahead_frames, pace=pace)
    pedal = Pedal(stand_in_image(block_frames=block_frames, skips=False).elf, real_time=real_time)
    pedal.boot()
    left = noise(BLOCKS * block_frames)
    found = pedal.play(left)[0, pedal.latency_frames :]
    right = found == expected(left)[: -pedal.latency_frames]
    return pedal, right


@pytest.mark.parametrize(("block_frames", "load"), [(4, 0.4), (8, 0.7), (16, 0.85), (48, 0.95)])
def test_what_is_in_time_is_played_to_the_bit(block_frames: int, load: float) -> None:
    pedal, right = played(block_frames, steady(pace_of(block_frames, load)))
    assert np.median(pedal.block_loads) == pytest.approx(load, rel=0.02)
    assert right.all()
    report = pedal.audio_report
    assert report.whole_blocks >= BLOCKS - 3
    assert report.torn_blocks == report.missed_blocks == report.lost_input_frames == 0


@pytest.mark.parametrize(
    ("block_frames", "load"), [(1, 0.01), (4, 0.9), (8, 1.05), (16, 1.05), (16, 2.3)]
)
def test_what_is_late_is_heard_and_counted(block_frames: int, load: float) -> None:
    pedal, right = played(block_frames, steady(pace_of(block_frames, load)))
    report = pedal.audio_report
    assert not right.all()
    assert report.torn_blocks + report.missed_blocks > BLOCKS // 2


def test_one_long_block_in_ten_tears_itself_and_the_next() -> None:
    short, long = (pace_of(16, load) for load in (0.5, 1.9))
    pedal, _ = played(16, alternating([short] * 9 + [long]))
    report = pedal.audio_report
    late = report.torn_blocks + report.missed_blocks
    assert abs(late - 2 * BLOCKS // 10) <= 2
    assert report.whole_blocks == pytest.approx(BLOCKS * 0.8, abs=4)


@pytest.mark.parametrize(("lookahead_frames", "are_whole"), [(0, True), (2, False), (3, False)])
def test_the_transmitters_look_ahead_is_time_the_interrupt_does_not_have(
    lookahead_frames: int, *, are_whole: bool
) -> None:
    pace = steady(pace_of(4, 0.97))
    pedal, right = played(4, pace, lookahead_frames=lookahead_frames)
    assert right.all() == are_whole
    assert (pedal.audio_report.torn_blocks == 0) == are_whole


def test_the_report_counts_the_blocks_that_sound_wrong() -> None:
    """At 0.9 no input is lost, so that each wrong block is wrong by itself."""
    pedal, right = played(4, steady(pace_of(4, 0.9)))
    wrong = int((~right.reshape(-1, 4)).any(axis=1).sum())
    report = pedal.audio_report
    assert wrong > BLOCKS // 2
    assert abs(report.torn_blocks + report.missed_blocks - wrong) <= 2
    assert report.lost_input_frames == 0


def test_a_frame_that_nobody_reads_before_the_next_one_is_lost() -> None:
    pedal, _ = played(16, steady(pace_of(16, 2.3)))
    assert pedal.audio_report.lost_input_frames > 2 * 16


def test_a_clock_that_waits_makes_no_block_late() -> None:
    pedal = Pedal(stand_in_image(block_frames=4).elf)
    pedal.boot()
    left = noise(200)
    found = pedal.play(left)[0, pedal.latency_frames :]
    assert np.array_equal(found, expected(left)[: -pedal.latency_frames])
    assert pedal.audio_report.torn_blocks == pedal.audio_report.missed_blocks == 0


def test_real_time_is_the_same_every_time() -> None:
    pace = steady(pace_of(16, 1.05))
    (first, _), (second, _) = played(16, pace), played(16, pace)
    assert first.audio_report == second.audio_report
    assert first.block_loads == second.block_loads
