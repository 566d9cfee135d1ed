"""Layers wider than one kernel takes: proven, exact on every machine, for any input; or refused."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import islice

import numpy as np
import pytest

pytest.importorskip("unicorn")

from fixed_networks import chance_network, model_of, noise, self_test_of
from small_networks import LEAKY, TANH, Weights

from benchmarks.targets import BLOCK, build
from host_sim.engines import Code, EmulatorEngine, HostEngine
from namgen import ir
from namgen.errors import UnsupportedError
from namgen.fixed.adversary import adversarial_inputs
from namgen.fixed.bounds import wrapping
from namgen.fixed.ir import MOST_CHANNELS
from namgen.fixed.model import in_fixed_point
from namgen.fixed.precision import FIXED_PRECISIONS, FixedPrecision
from namgen.fixed.quantise import Quantised, quantise
from namgen.fixed.reference import FixedReference
from namgen.order import make_order
from namgen.plan.fixed import FixedPlan, plan_fixed
from namgen.plan.fixed.head import head_width
from namgen.plan.fixed.parts import PART_ROWS, WHOLE_CHANNELS
from namgen.selection.plans import planned as planned_for
from namgen.targets import load_target
from namgen.toolchain import find_cross

SOUND = np.concatenate((noise(250), np.float32(1.9) * np.sign(noise(150, seed=5))))
PLAYED = np.concatenate((noise(3000, seed=8), np.float32(0.05) * noise(3000, seed=9)))


def slopes(width: int, kernels: tuple[int, ...] = (3, 6, 3)) -> ir.WaveNet:
    """The kind of an A2: LeakyReLU, a head of many taps."""
    w = Weights(31)
    layers = tuple(
        replace(w.layer(width, kernel=kernel, dilation=2 * i + 1), activation=LEAKY)
        for i, kernel in enumerate(kernels)
    )
    array = ir.LayerArray(w.conv(1, width, bias=False), layers, w.conv(width, 1, kernel=5))
    return ir.WaveNet(1, (array,), 0.02)


def tanh(width: int) -> ir.WaveNet:
    """The kind of an A1: two arrays, the second half as wide."""
    w, arrays = Weights(32), []
    for inputs, channels, out in ((1, width, width // 2), (width, width // 2, 1)):
        layers = [w.layer(channels, kernel=3, dilation=2**i) for i in range(2)]
        layers = [replace(layer, activation=TANH) for layer in layers]
        head = w.conv(channels, out, bias=out == 1)
        arrays.append(ir.LayerArray(w.conv(inputs, channels, bias=False), tuple(layers), head))
    return ir.WaveNet(1, tuple(arrays), 0.02)


KINDS = {"slopes": slopes, "tanh": tanh}
SLOW = [pytest.param(width, marks=pytest.mark.slow) for width in (24, 32, 33, 48, 64)]
WIDTHS = [17, *SLOW]


@cache
def made(kind: str, width: int, precision: FixedPrecision) -> Quantised:
    return quantise(KINDS[kind](width), precision, calibration=PLAYED)


def planned(quantised: Quantised) -> FixedPlan:
    return plan_fixed(model_of(), quantised.network, self_test_of(quantised.network))


@pytest.mark.parametrize("precision", FIXED_PRECISIONS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_wide_network_is_exact_on_host_and_emulator(
    width: int, kind: str, precision: FixedPrecision
) -> None:
    quantised = made(kind, width, precision)
    expected = FixedReference(quantised.network, check=True).process(SOUND[None])[0]
    assert np.ptp(expected) > 0
    code = Code.of_plan(planned(quantised))
    for engine in (HostEngine(code), EmulatorEngine(code)):
        found = engine.process(SOUND[:, None])[:, 0]
        assert np.array_equal(found.view(np.uint32), expected.view(np.uint32))


@pytest.mark.parametrize("precision", FIXED_PRECISIONS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_sum_of_a_wide_network_wraps_for_any_input(
    width: int, kind: str, precision: FixedPrecision
) -> None:
    quantised = made(kind, width, precision)
    assert wrapping(quantised.network) == ()
    for _, x in islice(adversarial_inputs(quantised.real, every=5), 40):
        FixedReference(quantised.network, check=True).process(x[None, :])


def test_what_one_kernel_takes_has_one() -> None:
    kernels = {
        channels: [
            stage.kernel
            for stage in plan_fixed(model_of(), network, self_test_of(network)).stages
            if "_sums" in stage.kernel
        ]
        for channels in (WHOLE_CHANNELS, WHOLE_CHANNELS + 1)
        for network in [chance_network((2, 2, 2), (1, 2, 3), channels=channels)]
    }
    assert kernels[WHOLE_CHANNELS] == []
    assert len(kernels[WHOLE_CHANNELS + 1]) == 3


def test_a_kernel_of_parts_is_called_for_all_rows() -> None:
    found = planned(made("slopes", 17, "fixed16"))
    assert {stage.parts for stage in found.calls[:-1]} == {18 // PART_ROWS}
    assert found.calls[-1].parts * head_width(18) == 18


@pytest.mark.slow
def test_a_wide_network_is_profiled_and_near_its_estimate() -> None:
    model = in_fixed_point(replace(model_of("wide"), network=slopes(20, (3, 3))), "fixed16")
    target = load_target("daisy")
    estimated = planned_for(model, make_order(target, clock=None, block_frames=None)).prediction
    built = build(model, target, find_cross(), BLOCK, blocks=3)
    assert len(built.profile.layers) == len(built.planned.stages)
    assert estimated is not None
    assert built.per_sample == pytest.approx(estimated.cycles_per_block / BLOCK, rel=0.04)


def test_calls_of_any_length_give_the_same_sound() -> None:
    quantised = made("slopes", 17, "fixed16")
    runs = EmulatorEngine(Code.of_plan(planned(quantised)))
    expected = FixedReference(quantised.network, check=True).process(SOUND[None])[0]
    cuts = np.cumsum([1, 48, 3, 2, 47, 96, 5])
    parts = [runs.process(part) for part in np.split(SOUND[:, None], cuts)]
    assert np.array_equal(np.concatenate(parts)[:, 0].view(np.uint32), expected.view(np.uint32))


def test_the_head_is_cut_into_parts_of_one_width() -> None:
    assert [head_width(width) for width in (2, 16, 18, 24, 34, 48, 64)] == [2, 16, 6, 12, 2, 16, 16]


def test_records_that_instructions_do_not_reach_are_refused() -> None:
    network = chance_network((1, 1), (1, 1), channels=MOST_CHANNELS + 1)
    told = "layer 0: fixed point: expected at most 126 channels, found 127"
    with pytest.raises(UnsupportedError, match=told):
        plan_fixed(model_of(), network, self_test_of(network))
    with pytest.raises(UnsupportedError, match=told):
        quantise(slopes(MOST_CHANNELS + 1, kernels=(1,)), "fixed16")
