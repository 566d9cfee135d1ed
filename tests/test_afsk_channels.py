"""Recordings through bad channels: read whole, or not at all, and never wrong.

1,000 of 1,000 with 600 bytes in one pass (`-m slow`), where nothing is cut off on hum alone.
"""

from __future__ import annotations

import numpy as np
import pytest
from afsk_channel import FULL_SCALE, Recorded, played, recorded

from namgen.afsk.decoder import Reception, decode
from namgen.afsk.framing import (
    FIRST_PREAMBLE_BITS,
    MOST_BYTES,
    SYNC_BITS,
    block_bits,
    pass_bits,
)
from namgen.afsk.tones import SAMPLES_PER_BIT, codes_of

QUICK = range(60)
ALL = range(1000)
QUICK_BYTES = 100
BYTES = 600
LOST_OF_ALL = 4
"""Of 1,000, at most; measured: see docs/selftest.md."""


def case(seed: int, size: int, *, passes: int = 1, late: bool = False) -> tuple[bytes, Recorded]:
    rng = np.random.default_rng(seed)
    message = rng.bytes(size)
    return message, recorded(played(message, passes), rng, late=late)


def heard(found: Recorded) -> Reception:
    return decode(found.samples, found.rate_hz)


@pytest.mark.parametrize("seed", QUICK)
def test_a_bad_recording_is_read(seed: int) -> None:
    message, channel = case(seed, QUICK_BYTES)
    found = heard(channel)
    assert found.message in (message, None), "wrong data"
    assert found.message == message or channel.is_hopeless, (found.quality, channel)


@pytest.mark.parametrize("seed", range(20))
def test_two_passes_make_up_for_a_late_start(seed: int) -> None:
    message, channel = case(seed, QUICK_BYTES, passes=2, late=True)
    assert heard(channel).message == message


@pytest.mark.slow
def test_of_a_thousand_bad_recordings_nearly_all_are_read_and_none_wrong() -> None:
    lost = []
    for seed in ALL:
        message, channel = case(seed, BYTES)
        found = heard(channel)
        assert found.message in (message, None), f"wrong data: {seed}"
        lost += [] if found.message == message else [(seed, channel.gain_db, channel.hum_db)]
    assert len(lost) <= LOST_OF_ALL, lost


def test_a_late_start_with_one_pass_says_which_blocks_are_missing() -> None:
    message = np.random.default_rng(5).bytes(300)
    sound = played(message)
    found = decode(sound[len(sound) // 2 :, np.newaxis], 48_000)
    assert (found.message, found.count, found.missing) == (None, 5, (0, 1, 2))


@pytest.mark.parametrize(("first", "second"), [((1,), (3,)), ((0, 4), (2,)), ((2, 3), (0, 1))])
def test_two_passes_with_different_blocks_lost_make_a_whole(
    first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    message = np.random.default_rng(6).bytes(300)
    sound, one_pass = played(message, 2), len(played(message))
    for passed, lost in enumerate((first, second)):
        for block in lost:
            body = FIRST_PREAMBLE_BITS + SYNC_BITS + block * block_bits(MOST_BYTES)
            at = passed * one_pass + body * SAMPLES_PER_BIT
            sound[at : at + 100 * SAMPLES_PER_BIT] = 0
    assert decode(sound[:one_pass, np.newaxis], 48_000).missing == first
    assert decode(sound[:, np.newaxis], 48_000).message == message


@pytest.mark.parametrize("ppm", [-300, -40, 0, 120, 300])
def test_the_clocks_of_pedal_and_interface_are_compared(ppm: int) -> None:
    import soxr

    sound = soxr.resample(played(bytes(900)), 48_000 * (1 + ppm * 1e-6), 48_000)
    found = decode(sound[:, np.newaxis], 48_000)
    assert found.quality.ppm == pytest.approx(ppm, abs=8)


def test_level_clipping_and_snr_are_told() -> None:
    sound = played(bytes(100))
    quiet = decode(0.1 * sound[:, np.newaxis], 48_000).quality
    assert quiet.level_db == pytest.approx(-26.0, abs=0.1)
    assert not quiet.is_overloaded
    hot = decode(np.clip(8 * sound, -1, 1)[:, np.newaxis], 48_000)
    assert (hot.message, hot.quality.is_overloaded) == (bytes(100), True)
    assert "overloaded" in str(hot.quality)
    noise = np.random.default_rng(3).standard_normal(len(sound))
    snrs = [
        decode((sound + part * noise)[:, np.newaxis], 48_000).quality.snr_db for part in (0.03, 0.3)
    ]
    assert snrs[0] is not None
    assert snrs[1] is not None
    assert 15 < snrs[0] - snrs[1] < 25


def test_the_channel_that_has_it_is_found() -> None:
    sound = played(b"left or right")
    noise = 0.2 * np.random.default_rng(4).standard_normal(len(sound))
    for channels in ((sound, noise), (noise, sound), (np.zeros_like(sound), sound)):
        assert decode(np.stack(channels, axis=1), 48_000).message == b"left or right"


def test_a_message_after_another_is_read_by_itself() -> None:
    first, second = (bytes([n]) * 150 for n in (1, 2))
    cut = codes_of(pass_bits(first))[: -48_000 // 2] / FULL_SCALE
    found = decode(np.concatenate([cut, played(second)])[:, np.newaxis], 48_000)
    assert found.message == second


@pytest.mark.parametrize("frames", [0, 1, 2, 100, 5000])
def test_silence_and_noise_hold_nothing(frames: int) -> None:
    noise = np.random.default_rng(frames).standard_normal((frames, 1))
    for samples in (np.zeros((frames, 1)), noise):
        found = decode(samples, 44_100)
        assert (found.message, found.count) == (None, None)
