"""Every WaveNet fixture in fixed point: exact on every machine, and nothing wraps; or a refusal.

The default run has a few of every kind; `-m slow` has them all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("unicorn")

from conftest import FixtureCase, all_cases
from fixed_networks import model_of, noise, self_test_of

from host_sim.engines import Code, EmulatorEngine, HostEngine
from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.fixed.adversary import adversarial_inputs
from namgen.fixed.bounds import wrapping
from namgen.fixed.precision import FIXED_PRECISIONS, FixedPrecision
from namgen.fixed.quantise import quantise
from namgen.fixed.real import real
from namgen.fixed.reference import FixedReference
from namgen.ir import WaveNet
from namgen.lower import lower
from namgen.nam_file import read
from namgen.plan.fixed import plan_fixed

ACCEPTED = (
    "OpenSauce__conv_head",
    "OpenSauce__a2_grouped",
    "act_Tanh",
    "arr2_conv_heads",
    "conv_ch1_k3",
    "conv_layer1x1_off",
    "none",
)
REFUSED = (
    "OpenSauce__a2_film",
    "arr2_gated_blended",
    "act_list_mixed",
    "head_head1x1",
    "post_head_3_1_5",
    "cond_lstm",
    "head_multi_out",
)
FEATURES = (
    "gating",
    "FiLM",
    "head1x1",
    "condition network",
    "post-stack head",
    "one output channel",
    "one input channel",
    "a head that looks back",
    "activation",
)
"""What a line of a refusal names, behind the layer where it is one's."""

MOST_FRAMES = 20_000
MOST_INPUTS = 24  # from all layers
SOUND: F32 = np.concatenate((noise(300), np.float32(1.9) * np.sign(noise(150, seed=5))))


def wavenets() -> list[Any]:
    """The cases that are WaveNets by themselves; all but a few of them slow."""
    few = (*ACCEPTED, *REFUSED)
    marks = {True: (), False: (pytest.mark.slow,)}
    return [
        pytest.param(*case.values, id=str(case.id), marks=(*case.marks, *marks[case.id in few]))
        for case in all_cases()
    ]


def network_of(case: FixtureCase) -> WaveNet:
    network = lower(read(case.model), slim=case.slim).network
    if not isinstance(network, WaveNet):
        pytest.skip(f"{type(network).__name__}: only a WaveNet has a fixed point")
    return network


def refusal_of(network: WaveNet) -> tuple[str, ...]:
    try:
        real(network)
    except UnsupportedError as error:
        return error.lines
    return ()


@pytest.mark.parametrize("precision", FIXED_PRECISIONS)
@pytest.mark.parametrize("case", wavenets())
def test_it_is_exact_and_wraps_nothing_or_is_refused_by_name(
    case: FixtureCase, precision: FixedPrecision
) -> None:
    network = network_of(case)
    refusal = refusal_of(network)
    if refusal:
        assert all(any(name in line for name in FEATURES) for line in refusal), refusal
        assert case.name not in ACCEPTED
        return
    assert case.name not in REFUSED
    made = quantise(network, precision)
    assert wrapping(made.network) == ()
    expected = FixedReference(made.network, check=True).process(SOUND[None])[0]
    code = Code.of_plan(plan_fixed(model_of(), made.network, self_test_of(made.network)))
    for engine in (HostEngine(code), EmulatorEngine(code)):
        found = engine.process(SOUND[:, None])[:, 0]
        assert np.array_equal(found.view(np.uint32), expected.view(np.uint32))
    inputs = list(adversarial_inputs(made.real, every=2))
    for _, x in inputs[:: -(-len(inputs) // MOST_INPUTS)]:
        FixedReference(made.network, check=True).process(x[None, -MOST_FRAMES:])
