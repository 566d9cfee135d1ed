"""The firmware notices what is late, all of it and nothing else, and is right again at once."""

from __future__ import annotations

import pytest

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from pedal_images import expected, noise, stand_in_image, usual_load

from host_sim.pedal import Pedal
from host_sim.stm32h750.audio_clock import Pace, RealTime, alternating, steady

BLOCK_FRAMES = 16
BLOCKS = 60


def pace_of(load: float, block_frames: int = BLOCK_FRAMES) -> float:
    """Cycles per instruction with which an interrupt takes a part of a block."""
    return load / usual_load(block_frames, skips=False)


def played(pace: Pace, *, block_frames: int = BLOCK_FRAMES, skips: bool = False) -> Pedal:
    image = stand_in_image(block_frames=block_frames, skips=skips)
    pedal = Pedal(image.elf, real_time=RealTime(pace=pace))
    pedal.boot()
    pedal.play(noise(BLOCKS * block_frames))
    return pedal


def late_blocks(pedal: Pedal) -> int:
    """What the firmware has counted."""
    return pedal.core.memory.read_word(pedal.core.image.address("late_blocks"))


def disturbed(pedal: Pedal) -> int:
    """What the emulator knows."""
    return pedal.audio_report.torn_blocks + pedal.audio_report.missed_blocks


def one_long(load: float, at: int, otherwise: float = 0.3) -> Pace:
    long, short = pace_of(load), pace_of(otherwise)
    return lambda number: long if number == at else short


@pytest.mark.parametrize(("block_frames", "load"), [(4, 0.4), (8, 0.7), (16, 0.85), (48, 0.95)])
def test_nothing_is_late_that_is_in_time(block_frames: int, load: float) -> None:
    pedal = played(steady(pace_of(load, block_frames)), block_frames=block_frames)
    assert (late_blocks(pedal), disturbed(pedal)) == (0, 0)
    assert pedal.led_on


@pytest.mark.parametrize(
    "loads",
    [[0.5] * 9 + [1.9], [0.8, 0.8, 0.8, 0.8, 1.6], [1.05], [1.3], [0.5] * 9 + [1.3]],
    ids=["1.9 in ten", "1.6 in five", "1.05", "1.3", "1.3 in ten"],
)
def test_every_block_that_is_heard_wrong_is_counted(loads: list[float]) -> None:
    pedal = played(alternating([pace_of(load) for load in loads]))
    assert disturbed(pedal) > 3
    assert late_blocks(pedal) >= disturbed(pedal) - 2  # the last ones are still to be sent
    assert not pedal.led_on


def test_the_transmitters_look_ahead_counts_as_late() -> None:
    pedal = played(steady(pace_of(0.95, 4)), block_frames=4)
    assert disturbed(pedal) > BLOCKS // 2
    assert late_blocks(pedal) >= disturbed(pedal) - 2


@pytest.mark.parametrize("at", [20, 21])
def test_a_block_a_little_too_long_costs_no_other(at: int) -> None:
    """The next one's flag rises while this one is still being computed."""
    pedal = played(one_long(1.05, at))
    assert late_blocks(pedal) == 1
    assert disturbed(pedal) <= 1
    assert pedal.audio_report.lost_input_frames == 0


@pytest.mark.parametrize("at", [20, 21])
@pytest.mark.parametrize(("load", "lost_blocks"), [(1.9, 0), (2.4, 1), (3.4, 2)])
def test_after_a_very_long_block_the_right_half_is_taken_up(
    at: int, load: float, lost_blocks: int
) -> None:
    """The long block and the next are late, and no other, in whichever half it began."""
    pedal = played(one_long(load, at))
    assert (disturbed(pedal), late_blocks(pedal)) == (2, 2)
    assert pedal.audio_report.lost_input_frames == lost_blocks * BLOCK_FRAMES
    left = noise(24 * BLOCK_FRAMES, seed=9)
    before = pedal.audio_report
    pedal.play(left)
    after = pedal.audio_report
    assert after.whole_blocks - before.whole_blocks == 24
    assert after.lost_input_frames == before.lost_input_frames


def test_a_pedal_that_is_too_slow_for_good_leaves_time_for_the_main_loop() -> None:
    """After a late block the next are silent, and the loop goes round meanwhile."""
    pedal = played(steady(pace_of(1.5)), skips=True)
    assert late_blocks(pedal) > 5
    loads = pedal.block_loads[8:]
    assert min(loads) < 0.5
    assert max(loads) > 1
    with pedal.core.tracing() as trace:
        pedal.play(noise(8 * BLOCK_FRAMES))
    main = pedal.core.image.symbol("main")
    executed = trace().instructions
    in_main = (executed >= main.address) & (executed < main.address + main.size_bytes)
    assert in_main.sum() > 1000


def test_what_was_in_time_before_and_after_is_played_to_the_bit() -> None:
    """One block is torn; its input is not lost, so all others are right."""
    pedal = Pedal(
        stand_in_image(block_frames=BLOCK_FRAMES, skips=False).elf,
        real_time=RealTime(pace=one_long(1.3, 20)),
    )
    pedal.boot()
    left = noise(BLOCKS * BLOCK_FRAMES)
    late = pedal.latency_frames
    right = pedal.play(left)[0, late:] == expected(left)[:-late]
    wrong_blocks = (~right).reshape(-1, BLOCK_FRAMES).any(axis=1)
    assert wrong_blocks.sum() == 1


def test_what_there_is_no_time_for_is_the_guitar_as_it_came() -> None:
    at = 160  # the start has faded in
    image = stand_in_image(block_frames=BLOCK_FRAMES)
    pedal = Pedal(image.elf, real_time=RealTime(pace=one_long(1.05, at)))
    pedal.boot()
    codes = noise((at + 20) * BLOCK_FRAMES)
    found = pedal.play(codes)[:, pedal.latency_frames :]
    same = found == codes[: found.shape[1]]
    blocks = same.reshape(2, -1, BLOCK_FRAMES).all(axis=(0, 2))
    dry = [number for number, is_dry in enumerate(blocks) if is_dry]
    assert (late_blocks(pedal), len(dry), dry[1] - dry[0]) == (1, 2, 1)
    assert at - 3 < dry[0] <= at + 3
