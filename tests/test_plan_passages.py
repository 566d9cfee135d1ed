"""Calls are grouped into functions with names of their own; comments say whom a kernel serves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from small_networks import Weights

from namgen import ir
from namgen.ir import Model, Network
from namgen.plan import Plan
from namgen.plan.passages import CALLS_AT_ONCE, course, served
from namgen.plan.stages import LstmStage, Name, PublishStage
from namgen.selection.plans import plan_model


def deep_lstm() -> Network:
    w, zeros = Weights(1), np.zeros(1, np.float32)
    cells = tuple(ir.LstmCell(w.array(4, 2), w.array(4), zeros, zeros) for _ in range(60))
    return ir.Lstm(1, cells, w.conv(1, 1), prewarm_frames=0)


def deep_wavenet() -> Network:
    w = Weights(2)
    layers = tuple(w.layer(2, kernel=3, dilation=d) for d in (1, 200) * 15)
    first = ir.LayerArray(w.conv(1, 2, bias=False), layers, w.conv(2, 2))
    second = ir.LayerArray(w.conv(2, 2, bias=False), layers, w.conv(2, 1))
    return ir.WaveNet(1, (first, second), 0.5)


def planned(network: Network) -> Plan:
    model = Model("deep", "deep.nam", "0" * 64, 48_000, network)
    return plan_model(model, block_frames=16, start="cold")


@pytest.mark.parametrize("network", [deep_lstm, deep_wavenet])
def test_every_function_has_a_name_of_its_own_and_few_calls(network: Callable[[], Network]) -> None:
    stages = planned(network()).stages
    found = course(stages).passages
    assert len(found) > 2
    assert len({passage.name for passage in found}) == len(found)
    assert [stage for passage in found for stage in passage.stages] == list(stages)
    assert course(stages).calls == found
    for passage in found:
        calls = [stage for stage in passage.stages if not isinstance(stage, PublishStage)]
        assert 0 < len(calls) <= CALLS_AT_ONCE
        assert passage.stages[0] is calls[0]


def test_few_calls_are_in_one_function() -> None:
    stages = planned(deep_wavenet()).stages[:CALLS_AT_ONCE]
    found = course(stages)
    assert found.passages == ()
    assert found.calls == found.whole.stages == stages


def test_a_function_takes_what_its_calls_need() -> None:
    lstm, wavenet = (course(planned(network()).stages) for network in (deep_lstm, deep_wavenet))
    assert (lstm.whole.counts_frames, lstm.whole.points_at_taps) == (True, False)
    assert (wavenet.whole.counts_frames, wavenet.whole.points_at_taps) == (False, True)
    first, *_, last = lstm.passages
    assert (first.fills_tiles, last.fills_tiles) == (False, True)


def test_an_lstm_is_a_part_like_any_other() -> None:
    stages = planned(deep_lstm()).stages
    parts = [stage.part for stage in stages if isinstance(stage, LstmStage)]
    assert [part.symbol for part in parts] == [f"cell{n}" for n in range(60)]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([3], "layer 3 of array0"),
        ([1, 2, 3], "layers 1 to 3 of array0"),
        ([14, 15], "layers 14 and 15 of array0"),
        ([1, 3, 4, 9], "layers 1, 3, 4 and 9 of array0"),
        ([1, 2, 3, 5, 6], "layers 1 to 3, 5 and 6 of array0"),
    ],
)
def test_neighbours_are_named_together(numbers: list[int], words: str) -> None:
    assert served(Name("array0", "layer", number) for number in numbers) == words


def test_what_has_no_number_goes_by_its_symbol() -> None:
    parts = [Name("", "block", 0), Name("array1", "head"), Name("", "layer", 2, "conv_pre_film")]
    assert served(parts) == "block 0, array1_head, conv_pre_film of layer 2"
