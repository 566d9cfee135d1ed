"""What holds for every network of the reference: partition, reset, causality, settled start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_networks import (
    EVERY_NETWORK,
    F32,
    FEED_FORWARD,
    convnet,
    linear,
    oscillating_lstm,
    signal,
    two_arrays,
)

from namgen import ir
from namgen.measures import receptive_field
from namgen.reference import Reference, settled
from namgen.reference.lstm import LstmRunner
from namgen.start_state import LinearStart, WaveNetStart

Make = Callable[[], ir.Network]
every_network = pytest.mark.parametrize("make", EVERY_NETWORK.values(), ids=EVERY_NETWORK)
feed_forward = pytest.mark.parametrize("make", FEED_FORWARD.values(), ids=FEED_FORWARD)


def in_blocks(reference: Reference, x: F32, sizes: list[int]) -> F32:
    edges = np.cumsum([0, *sizes])
    parts = [reference.process(x[:, a:b]) for a, b in pairwise(edges)]
    return np.concatenate([*parts, reference.process(x[:, edges[-1] :])], axis=1)


def first_difference(a: F32, b: F32) -> int | None:
    """The first frame in which two signals of one shape differ in a bit."""
    frames = np.flatnonzero((a.view(np.uint32) != b.view(np.uint32)).any(axis=0))
    return int(frames[0]) if frames.size else None


def depth(make: Make) -> int:
    frames = receptive_field(make())
    assert frames is not None
    return frames


@every_network
@settings(max_examples=8, deadline=None)
@given(sizes=st.lists(st.integers(0, 40), max_size=6))
def test_the_partition_into_calls_does_not_change_a_bit(make: Make, sizes: list[int]) -> None:
    reference, x = Reference(make()), signal(150)
    whole = reference.process(x)
    reference.reset()
    assert first_difference(whole, in_blocks(reference, x, sizes)) is None


def test_a_call_longer_than_a_chunk_equals_two_calls() -> None:
    reference, x = Reference(two_arrays()), signal(9000)
    whole = reference.process(x)
    reference.reset()
    assert first_difference(whole, in_blocks(reference, x, [4500])) is None


@every_network
@pytest.mark.parametrize("start", ["settled", "cold"])
def test_reset_goes_back_to_the_start(make: Make, start: str) -> None:
    reference, x = Reference(make(), start=start), signal(80)  # type: ignore[arg-type]
    first = reference.process(x)
    reference.process(signal(100, seed=2) * 10)
    reference.reset()
    assert first_difference(first, reference.process(x)) is None


@every_network
def test_the_future_does_not_change_the_past(make: Make) -> None:
    x = signal(120)
    changed = x.copy()
    changed[:, 70:] = -1
    before, after = (Reference(make()).process(s) for s in (x, changed))
    assert first_difference(before, after) == 70


@feed_forward
def test_a_sample_is_forgotten_after_the_receptive_field_and_not_before(make: Make) -> None:
    frames = depth(make)
    x = signal(frames + 20)
    changed = x.copy()
    changed[:, 0] += 10
    before, after = (Reference(make()).process(s) for s in (x, changed))
    assert first_difference(before[:, frames:], after[:, frames:]) is None
    assert first_difference(before[:, frames - 1 :], after[:, frames - 1 :]) == 0


@feed_forward
def test_the_settled_start_is_what_endless_silence_leads_to(make: Make) -> None:
    x = signal(200)
    prewarmed = Reference(make(), start="cold")
    prewarmed.process(np.zeros((1, depth(make)), np.float32))
    assert first_difference(Reference(make()).process(x), prewarmed.process(x)) is None


def test_the_settled_start_differs_from_the_cold_one() -> None:
    warm, cold = (Reference(two_arrays(), start=s).process(signal(50)) for s in ("settled", "cold"))
    assert first_difference(warm, cold) is not None


def test_an_lstm_settles_for_exactly_its_prewarm_frames() -> None:
    network = EVERY_NETWORK["lstm"]()
    assert isinstance(network, ir.Lstm)
    for frames in (1, 63, 64, 65, 640):
        prewarmed = Reference(network, start="cold")
        prewarmed.process(np.zeros((1, frames), np.float32))
        warm = Reference(replace(network, prewarm_frames=frames))
        assert first_difference(warm.process(signal(30)), prewarmed.process(signal(30))) is None


def test_an_lstm_whose_state_cycles_settles_without_every_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, frames = oscillating_lstm(), list[int]()
    prewarmed = Reference(network, start="cold")
    prewarmed.process(np.zeros((1, 1501), np.float32))
    run = LstmRunner.run

    def counted(self: LstmRunner, x: F32) -> F32:
        frames.append(x.size)
        return run(self, x)

    monkeypatch.setattr(LstmRunner, "run", counted)
    warm = Reference(replace(network, prewarm_frames=1501 + 100 * 192))
    assert 0 < sum(frames) < 1501
    monkeypatch.undo()
    assert first_difference(warm.process(signal(30)), prewarmed.process(signal(30))) is None


@every_network
def test_silence_from_the_settled_start_is_constant(make: Make) -> None:
    network = make()
    if isinstance(network, ir.Lstm):
        network = replace(network, prewarm_frames=24000)
    out = Reference(network).process(np.zeros((1, 100), np.float32))
    assert first_difference(out, np.repeat(out[:, :1], 100, axis=1)) is None


def test_settled_mirrors_the_network() -> None:
    network = EVERY_NETWORK["everything"]()
    start = settled(network)
    assert isinstance(network, ir.WaveNet)
    assert isinstance(start, WaveNetStart)
    assert isinstance(start.condition, WaveNetStart)
    assert [v.shape for v in start.arrays[0].layers] == [(2,), (2,), (2,)]
    assert start.arrays[0].head.shape == (3,)
    assert [v.shape for v in start.condition.post_head] == [(2,)]


def test_silence_fills_a_linear_history_with_zeros() -> None:
    start = settled(linear())
    assert isinstance(start, LinearStart)
    np.testing.assert_array_equal(start.conv, [0])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_bad_input_sample_counts_as_zero(bad: float) -> None:
    x = signal(60)
    x[0, 20] = bad
    zero = x.copy()
    zero[0, 20] = 0
    outputs = [Reference(convnet()).process(s) for s in (x, zero)]
    assert first_difference(*outputs) is None


def test_a_signal_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected shape \(1, frames\), found \(2, 5\)"):
        Reference(convnet()).process(signal(5, channels=2))


def test_input_arrays_are_not_modified() -> None:
    x = signal(40)
    copy = x.copy()
    Reference(EVERY_NETWORK["everything"]()).process(x)
    np.testing.assert_array_equal(x, copy)
