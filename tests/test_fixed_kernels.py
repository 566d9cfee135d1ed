"""The C of integer networks computes the bits of the reference: host, machine code, any calls."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

pytest.importorskip("unicorn")

from host_sim.compare import play
from host_sim.engines import Code, EmulatorEngine, HostEngine
from host_sim.signals import Partition
from namgen.arithmetic import F32
from namgen.errors import BudgetError, UnsupportedError
from namgen.fixed.ir import IntegerNetwork, Word
from namgen.fixed.reference import FixedReference
from namgen.plan.fixed import FixedPlan, plan_fixed
from namgen.plan.fixed.shapes import LayerShape, WordShape
from namgen.plan.fixed.sharing import FAST_ROWS, SMALL_ROWS, share
from namgen.targets import Target, load_target
from tests.fixed_networks import chance_network, model_of, noise, self_test_of, tanh_network
from tests.integer_networks import FORMS, TAPS, WIDE_TANH, random_network

NETWORKS = {
    "a2": lambda: chance_network((6, 6, 6, 15, 6), (1, 3, 7, 13, 30), fed_back=(2,)),
    "fed back": lambda: chance_network((2, 2, 1, 3), (1, 5, 1, 2), fed_back=(1, 2, 3), seed=2),
    "long words": lambda: chance_network((3, 3, 3), (1, 2, 60), long_reads=(1,), seed=3),
    "long words, moved": lambda: chance_network(
        (3, 3, 3), (1, 2, 60), long_reads=(1, 2), long_word=Word(28, left=4), seed=3
    ),
    "odd": lambda: chance_network(
        (2, 3, 2), (1, 4, 2), channels=3, long_dense=(), fed_back=(1,), seed=5
    ),
    "six": lambda: chance_network((2, 3, 2), (1, 4, 2), channels=6, fed_back=(1, 2), seed=6),
    "one": lambda: chance_network((3, 2), (2, 1), channels=1, head_kernel=1, seed=7),
    "tanh": tanh_network,
    "short tanh": lambda: random_network(FORMS["short tanh"]),
    "heads of taps": lambda: random_network(TAPS),
    "wide": lambda: chance_network(
        (2, 6, 3), (1, 4, 2), channels=18, long_dense=(), fed_back=(1, 2), seed=8
    ),
    "wide, long words": lambda: chance_network(
        (3, 3, 2), (1, 2, 9), channels=19, long_reads=(1,), long_word=Word(28, left=4), seed=9
    ),
    "wide, tanh": lambda: random_network(WIDE_TANH),
    "no carry": lambda: chance_network((2, 2, 2), (1, 2, 3), carries=False, long_dense=(), seed=4),
}
SIGNALS: dict[str, F32] = {
    "noise": noise(400),
    "square": np.where(np.arange(300) // 7 % 2, np.float32(1.9), np.float32(-1.9)),
    "constant": np.full(300, -1.999, np.float32),
    "silence": np.zeros(200, np.float32),
    "beyond": np.array([2.0, 3.0e38, -2.5, np.nan, np.inf, -np.inf, 1e-40, -0.0] * 8, np.float32),
}
CALLS = Partition("calls", (1, 48, 3, 4, 47, 5, 96, 2, 48, 49))


@cache
def network_of(name: str) -> IntegerNetwork:
    return NETWORKS[name]()


@cache
def planned(name: str) -> FixedPlan:
    network = network_of(name)
    return plan_fixed(model_of(), network, self_test_of(network))


@cache
def engine(name: str, kind: str) -> HostEngine | EmulatorEngine:
    code = Code.of_plan(planned(name))
    return HostEngine(code) if kind == "host" else EmulatorEngine(code)


def bits(samples: F32) -> list[int]:
    found: list[int] = samples.reshape(-1).view(np.uint32).tolist()
    return found


@pytest.mark.parametrize("kind", ["host", "emulator"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_bit_is_the_reference_s(name: str, kind: str) -> None:
    runs = engine(name, kind)
    reference = FixedReference(network_of(name), check=True)
    for what, signal in SIGNALS.items():
        runs.reset()
        reference.reset()
        expected = reference.process(signal[None])
        assert bits(runs.process(signal[:, None])) == bits(expected), what


@pytest.mark.parametrize("kind", ["host", "emulator"])
@pytest.mark.parametrize("name", ["a2", "fed back", "tanh"])
def test_calls_of_any_length_give_the_same_sound(name: str, kind: str) -> None:
    """Left-over frames, turns of the machine code, and rings that wrap at any place."""
    runs, reference = engine(name, kind), FixedReference(network_of(name), check=True)
    runs.reset()
    sound = noise(4 * sum(CALLS.sizes), seed=11)
    expected = reference.process(sound[None])
    assert bits(play(runs, sound[:, None], CALLS)) == bits(expected)


def test_reset_brings_the_settled_state_back() -> None:
    runs = engine("fed back", "emulator")
    runs.reset()
    first = runs.process(noise(100)[:, None])
    runs.reset()
    assert bits(runs.process(noise(100)[:, None])) == bits(first)


def test_silence_after_a_reset_is_constant_without_feedback() -> None:
    runs = engine("no carry", "host")
    runs.reset()
    assert len(set(bits(runs.process(np.zeros((300, 1), np.float32))))) == 1


def test_layers_of_one_shape_share_a_kernel() -> None:
    network = chance_network((6,) * 5, (1, 3, 7, 17, 41), long_dense=())
    shapes = [
        stage.kernel for stage in plan_fixed(model_of(), network, self_test_of(network)).stages
    ]
    assert shapes == ["layer_k6_first", *["layer_k6"] * 3, "layer_k6_last", "head_sum"]


FED = WordShape("short", 16, 6, feedback=True)
PLAIN = replace(FED, feedback=False)
LAYER = LayerShape(8, 8, 6, WordShape("short"), True, False, True, PLAIN, PLAIN, 0)


def size(shape: LayerShape, rows: int) -> int:
    return (4000 if rows == SMALL_ROWS else 8000) + shape.kernel_size


def test_kernels_with_feedback_serve_layers_without_it_where_room_is_scarce() -> None:
    fed = replace(LAYER, dense=FED)
    uses = {LAYER: 2, fed: 1, replace(LAYER, dense=WordShape("long")): 1}
    roomy, tight = share(uses, 20_000, size), share(uses, 10_000, size)
    assert set(roomy.rows) == set(uses), "each has its own"
    assert (tight.kernels[LAYER], tight.kernels[fed]) == (fed, fed)
    assert tight.code_bytes <= 10_000


def test_kernels_of_many_layers_are_fast_where_there_is_room() -> None:
    rare = replace(LAYER, kernel_size=15)
    uses = {LAYER: 9, rare: 1}
    assert share(uses, None, size).rows == {LAYER: FAST_ROWS, rare: SMALL_ROWS}
    assert share(uses, 10_000, size).rows == {LAYER: SMALL_ROWS, rare: SMALL_ROWS}


def with_code_bytes(target: Target, room: int) -> Target:
    """Return a target whose code region has so much room."""
    regions = (
        replace(region, reserved_bytes=region.size_bytes - room) if region.code_section else region
        for region in target.pedal.regions
    )
    return replace(target, board=replace(target.pedal, regions=tuple(regions)))


def test_a_layer_without_feedback_has_the_same_bits_in_a_kernel_with_it() -> None:
    network = chance_network((2,) * 5, (1, 2, 3, 4, 5), long_dense=(), fed_back=(2,))
    target, test = load_target("daisy"), self_test_of(network)
    roomy = plan_fixed(model_of(), network, test, target=target)
    needed = sum(buffer.size_bytes for buffer in roomy.code)
    scarce = with_code_bytes(target, needed - 1)
    tight = plan_fixed(model_of(), network, test, target=scarce)
    assert len(tight.kernels) < len(roomy.kernels)
    sound, runs = noise(200), EmulatorEngine(Code.of_plan(tight))
    expected = FixedReference(network, check=True).process(sound[None])
    assert bits(runs.process(sound[:, None])) == bits(expected)


def test_code_that_does_not_fit_is_refused_with_numbers() -> None:
    network = network_of("a2")
    target = with_code_bytes(load_target("daisy"), 8192)
    with pytest.raises(BudgetError, match=r"kernels need \d+ bytes where they run, 8192 are"):
        plan_fixed(model_of(), network, self_test_of(network), target=target)


def test_what_fits_the_fastest_memory_lies_there() -> None:
    network = chance_network((6,) * 12, (239,) * 12, long_dense=())
    target = load_target("daisy")
    found = plan_fixed(model_of(), network, self_test_of(network), target=target)
    regions = {ring.region: len(ring.windows) for ring in found.rings}
    board = target.pedal
    used = sum(b.size_bytes for b in found.buffers if b.region == "dtcm")
    assert used <= board.region("dtcm").free_bytes
    assert regions["dtcm"] >= 4
    assert regions["axi_sram"] + regions["dtcm"] == 11


def test_feedback_between_arrays_is_refused() -> None:
    network = network_of("fed back")
    again = replace(network.arrays[0], layers=network.arrays[0].layers[1:])
    double = IntegerNetwork((*network.arrays, again), network.gain)
    with pytest.raises(UnsupportedError, match="expected no feedback between arrays"):
        plan_fixed(model_of(), double, self_test_of(network))
