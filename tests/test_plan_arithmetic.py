"""A plan is made in the arithmetic it is told: every number in it, and every size of an array."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_networks import EVERY_NETWORK

from namgen.activation_kernels import TANH_TABLE
from namgen.analysis.float64 import Float64
from namgen.arithmetic import FLOAT32, Arithmetic
from namgen.emit import emit
from namgen.ir import Model
from namgen.plan import Plan, plan
from namgen.reference import settled
from namgen.reference.float32 import IN_FLOAT32
from namgen.reference.operations import Operations
from namgen.selection.plans import self_test
from namgen.targets import load_target

every_network = pytest.mark.parametrize("network", EVERY_NETWORK)
every_layout = pytest.mark.parametrize("target", ["cortex-m7", "x86-64"])


def planned(network: str, target: str, arithmetic: Arithmetic, do: Operations) -> Plan:
    net = EVERY_NETWORK[network]()
    model = Model(network, f"{network}.nam", "0" * 64, 48_000, net)
    test = self_test(net, settled(net))
    start = settled(net, do)
    return plan(model, start, test, target=load_target(target), arithmetic=arithmetic)


def array_bytes(made: Plan) -> dict[str, int]:
    """The size of every array of elements; the table of tanh is float32's own."""
    return {b.symbol: b.size_bytes for b in made.buffers if b.symbol != TANH_TABLE}


@every_layout
@every_network
def test_every_number_and_every_array_is_of_the_elements_of_the_arithmetic(
    network: str, target: str
) -> None:
    single = planned(network, target, FLOAT32, IN_FLOAT32)
    double = planned(network, target, Float64.arithmetic, Float64())
    assert {values.dtype for _, values in single.constants()} == {np.dtype(np.float32)}
    assert {values.dtype for _, values in double.constants()} == {np.dtype(np.float64)}
    assert array_bytes(double) == {s: 2 * size for s, size in array_bytes(single).items()}


def test_numbers_keep_what_the_arithmetic_can_tell_apart() -> None:
    double = planned("lstm", "cortex-m7", Float64.arithmetic, Float64())
    states = [state.start for state in double.parts.states]
    assert any((state != state.astype(np.float32)).any() for state in states)


def test_an_arithmetic_of_other_elements_moves_no_sum() -> None:
    single = planned("everything", "cortex-m7", FLOAT32, IN_FLOAT32)
    wide = replace(FLOAT32, dtype=np.dtype(np.float64))
    assert planned("everything", "cortex-m7", wide, IN_FLOAT32).schedule == single.schedule


@every_layout
def test_no_c_is_spelled_in_an_arithmetic_that_no_kernel_computes_in(target: str) -> None:
    double = planned("everything", target, Float64.arithmetic, Float64())
    with pytest.raises(ValueError, match="a plan in float64: the kernels of the C are float32's"):
        emit(double)
