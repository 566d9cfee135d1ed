"""The reference computes by the operations it is given, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from second_arithmetic import Counting, Sealed, SealedFloat32, sealed
from small_networks import EVERY_NETWORK, linear, lstm, signal
from test_folding import layers, plain_run

from namgen import ir, measures
from namgen.analysis.float64 import Float64
from namgen.passes.fold import fold
from namgen.reference import Reference, respond, settled

Make = Callable[[], ir.Network]
every_network = pytest.mark.parametrize("make", EVERY_NETWORK.values(), ids=EVERY_NETWORK)


def test_another_arithmetic_gives_its_own_bits() -> None:
    network, x = fold(layers(3)), signal(200)
    assert isinstance(network, ir.WaveNet)
    found = Reference(network, start="cold", operations=Float64()).process(x)
    assert (found == plain_run(network, x, rest=True).astype(np.float32)).mean() > 0.99
    assert (found != Reference(network, start="cold").process(x)).mean() > 0.1


@every_network
def test_another_arithmetic_runs_every_network_from_its_own_start(make: Make) -> None:
    x = signal(60)
    found = Reference(make(), operations=Float64()).process(x)
    np.testing.assert_allclose(found, Reference(make()).process(x), rtol=1e-3, atol=1e-5)


def test_a_start_state_is_made_of_elements_of_its_arithmetic() -> None:
    state = settled(lstm(), Float64())
    assert {vector.dtype for cell in state.cells for vector in cell} == {np.dtype(np.float64)}


@every_network
def test_every_product_and_every_activation_is_an_operation(make: Make) -> None:
    network, counting = fold(make()), Counting()
    Reference(network, start="cold", operations=counting).process(signal(20))
    assert counting.products == 20 * measures.macs(network)
    assert counting.values == 20 * measures.activations_per_frame(network)


@every_network
def test_nothing_is_computed_past_the_operations(make: Make) -> None:
    x = signal(30)
    found = Reference(make(), operations=SealedFloat32()).process(x)
    np.testing.assert_array_equal(found.view(np.uint32), Reference(make()).process(x).view("u4"))


def test_a_response_to_a_start_stays_in_its_arithmetic() -> None:
    network, x = linear(), signal(9)
    do = SealedFloat32()
    found = respond(network, settled(network, do), x, do)
    np.testing.assert_array_equal(found, Reference(network).process(x))


def test_a_seal_does_not_let_a_sum_pass() -> None:
    values = sealed([1.0, 2.0])
    assert isinstance(values[:1], Sealed)
    with pytest.raises(AssertionError, match="add on elements"):
        values + values
