"""The comparison finds every kind of difference, and its signals are what they are called."""

from __future__ import annotations

import numpy as np
import pytest

from host_sim.compare import Tally, compare, compare_engine, play
from host_sim.signals import PARTITIONS, Partition, Signal, long_noise, standard_signals
from namgen.arithmetic import F32


class Echo:
    """An engine that repeats its input one frame late."""

    def __init__(self, *, forgets: bool = False) -> None:
        self._forgets = forgets
        self.reset()

    def reset(self) -> None:
        self._last = np.zeros((1, 1), np.float32)

    def process(self, samples: F32) -> F32:
        together = np.concatenate([self._last, samples])
        if len(samples) and not self._forgets:
            self._last = samples[-1:]
        return together[:-1]


def column(*values: float) -> F32:
    return np.array(values, np.float32)[:, None]


def tally(expected: F32, found: F32) -> Tally:
    return compare(expected, found, signal="s", blocks="48")


def test_one_bit_is_a_difference_and_is_shown_in_hex() -> None:
    found = tally(column(0.0, 1.0), column(0.0, np.nextafter(np.float32(1), np.float32(2))))
    assert (found.samples, found.equal) == (2, 1)
    assert found.first is not None
    assert found.first.frame == 1
    assert found.first.expected.startswith("0x3F800000")
    assert found.first.found.startswith("0x3F800001")
    assert "frame 1" in str(found.first)


def test_zeros_of_other_sign_differ() -> None:
    assert not tally(column(0.0), column(-0.0)).is_exact


def test_nan_equals_nan_of_any_payload_and_nothing_else() -> None:
    nans = np.array([[0x7FC00000], [0xFFC00001]], np.uint32).view(np.float32)
    assert tally(nans, nans[::-1].copy()).is_exact
    assert not tally(nans, column(0.0, 0.0)).is_exact


def test_comparing_nothing_is_not_exact() -> None:
    assert not Tally().is_exact


def test_missing_frames_are_not_forgiven() -> None:
    with pytest.raises(ValueError, match="shape"):
        tally(column(1.0, 2.0), column(1.0))


def test_an_engine_that_forgets_between_calls_is_caught() -> None:
    noise = long_noise(frames=100, channels=1)
    expected = play(Echo(), noise.samples, Partition("100", (100,)))
    assert compare_engine(Echo(), noise, expected, PARTITIONS).is_exact
    assert not compare_engine(Echo(forgets=True), noise, expected, PARTITIONS).is_exact


def test_every_run_starts_from_reset() -> None:
    noise = long_noise(frames=50, channels=1)
    engine = Echo()
    engine.process(noise.samples)
    expected = play(Echo(), noise.samples, PARTITIONS[0])
    assert compare_engine(engine, noise, expected, PARTITIONS[:2]).is_exact


@pytest.mark.parametrize("partition", PARTITIONS, ids=lambda p: p.name)
@pytest.mark.parametrize("frames", [1, 47, 384, 1000])
def test_a_partition_covers_every_frame_once(partition: Partition, frames: int) -> None:
    covered = [i for block in partition.blocks(frames) for i in range(frames)[block]]
    assert covered == list(range(frames))


def signals() -> dict[str, Signal]:
    made = standard_signals(frames=384, channels=2, sample_rate_hz=48000)
    return {signal.name: signal for signal in made}


def test_signals_are_what_they_are_called() -> None:
    made = signals()
    tiny = np.abs(made["denormals"].samples)
    assert ((tiny > 0) & (tiny < np.finfo(np.float32).tiny)).mean() > 0.8
    assert not made["silence"].samples.any()
    assert np.signbit(made["silence"].samples).any()
    assert np.isnan(made["NaN and Inf"].samples).any()
    assert np.isposinf(made["NaN and Inf"].samples).any()
    assert np.isneginf(made["NaN and Inf"].samples).any()
    assert made["full-scale steps"].samples.max() >= 1.0
    assert np.count_nonzero(made["impulses"].samples) < 20


def test_signals_are_the_same_every_time() -> None:
    again = signals()
    for name, signal in signals().items():
        np.testing.assert_array_equal(signal.samples, again[name].samples)


def test_channels_differ() -> None:
    for name, signal in signals().items():
        left, right = signal.samples.T
        assert name == "silence" or not np.array_equal(left, right, equal_nan=True)
