"""In WebAssembly integers, four rows of a vector at a time, have the bits of the reference."""

from __future__ import annotations

from functools import cache

import pytest

pytest.importorskip("unicorn")

from test_fixed_kernels import CALLS, NETWORKS, SIGNALS, bits, network_of
from wasm_programs import need_node

from host_sim.compare import play
from host_sim.engines import Code, Engine, HostEngine
from host_sim.wasm.engine import wasm_engine
from namgen.emit import emit
from namgen.fixed.reference import FixedReference
from namgen.plan.fixed import FixedPlan, plan_fixed
from namgen.targets import load_target
from tests.fixed_networks import model_of, noise, self_test_of


@cache
def planned(name: str) -> FixedPlan:
    network, target = network_of(name), load_target("wasm32")
    return plan_fixed(model_of(), network, self_test_of(network), target=target)


@cache
def engine(name: str, where: str) -> Engine:
    """In node's vectors, or in the plain C that stands for them elsewhere."""
    if where == "node":
        need_node()
        return wasm_engine(planned(name))
    return HostEngine(Code.of_plan(planned(name)))


@pytest.mark.parametrize("where", ["node", "here"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_bit_is_the_reference_s(name: str, where: str) -> None:
    runs, reference = engine(name, where), FixedReference(network_of(name), check=True)
    for what, signal in SIGNALS.items():
        runs.reset()
        reference.reset()
        expected = reference.process(signal[None])
        assert bits(runs.process(signal[:, None])) == bits(expected), what


@pytest.mark.parametrize("name", ["a2", "fed back", "tanh"])
def test_calls_of_any_length_give_the_same_sound(name: str) -> None:
    runs, reference = engine(name, "node"), FixedReference(network_of(name), check=True)
    runs.reset()
    sound = noise(4 * sum(CALLS.sizes), seed=11)
    expected = reference.process(sound[None])
    assert bits(play(runs, sound[:, None], CALLS)) == bits(expected)


def test_rows_are_side_by_side_where_a_processor_has_vectors_for_them() -> None:
    network = network_of("a2")
    without = plan_fixed(model_of(), network, self_test_of(network), target=load_target("generic"))
    assert "nam_rows_dual(" in emit(planned("a2"))["nam_chance.c"]
    assert "nam_rows" not in "".join(emit(without).values())
