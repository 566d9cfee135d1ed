"""In WebAssembly every network gives the bits of the reference, whatever is played."""

from __future__ import annotations

import numpy as np
import pytest
import small_networks
from conftest import FixtureCase, all_cases, sample_cases
from generated_c import assert_same_bits, reference_output, small_model
from small_networks import signal
from wasm_programs import need_node

from benchmarks.models import candidates
from host_sim.compare import play
from host_sim.engines import ReferenceEngine
from host_sim.signals import Partition
from host_sim.wasm.engine import WasmEngine, module_of, wasm_engine
from namgen.arithmetic import F32
from namgen.fixed.model import in_fixed_point
from namgen.fixed.precision import FixedPrecision
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection.plans import plan_model
from namgen.targets import load_target

EXAMPLES = {
    "nano": ("examples/tweed-nano.nam", None),
    "A2-Lite": ("examples/tweed-a2.nam", "lite"),
    "A2-Full": ("examples/tweed-a2.nam", "full"),
}
TIMED = ("A1 standard", "LSTM 1x16")
"""Of the benchmarks, with random weights."""
CALLS = Partition("calls", (1, 7, 48, 16, 130, 3, 64, 200))


def example(name: str) -> Model:
    if name in TIMED:
        return next(one.load() for one in candidates() if one.name == name)
    path, submodel = EXAMPLES[name]
    return lower(read(path), submodel=submodel) if submodel else lower(read(path))


def engine_of(model: Model, **defines: str) -> WasmEngine:
    need_node()
    planned = plan_model(model, target=load_target("wasm32"), block_frames=128)
    return wasm_engine(planned, defines=defines)


def everything(frames: int) -> F32:
    """Music, noise, a decay into subnormals, what is no number, silence."""
    random = np.random.default_rng(5)
    noise = (random.standard_normal(frames) * 0.3).astype(np.float32)
    decay = noise * np.exp(-np.arange(frames) / (frames / 200)).astype(np.float32)
    odd = np.float32([0, -0.0, 1e-38, -1e-40, 1e-45, 3e38, -3e38, np.nan, np.inf, 1, -1] * 4)
    return np.concatenate([noise, decay, odd, np.zeros(frames, np.float32), noise[:100]])[:, None]


@pytest.mark.parametrize("name", [*EXAMPLES, *TIMED])
def test_an_example_has_the_bits_of_the_reference(name: str) -> None:
    model = example(name)
    samples = everything(1000)
    expected = ReferenceEngine(model).process(samples)
    assert_same_bits(play(engine_of(model), samples, CALLS), expected)


@pytest.mark.parametrize(
    "network",
    [
        pytest.param(
            name, marks=() if name in ("everything", "lstm", "linear") else pytest.mark.slow
        )
        for name in small_networks.EVERY_NETWORK
    ],
)
def test_a_small_network_has_the_bits_of_the_reference(network: str) -> None:
    model = small_model(network)
    samples = np.ascontiguousarray(signal(700, channels=model.network.in_channels).T)
    assert_same_bits(play(engine_of(model), samples, CALLS), reference_output(model, samples))


@pytest.mark.parametrize("case", sample_cases())
def test_a_fixture_has_the_bits_of_the_reference(case: FixtureCase) -> None:
    model = lower(read(case.model), slim=case.slim)
    samples = np.ascontiguousarray(case.signal().T[:600])
    assert_same_bits(play(engine_of(model), samples, CALLS), reference_output(model, samples))


@pytest.mark.slow
@pytest.mark.parametrize("case", all_cases())
def test_every_fixture_has_the_bits_of_the_reference(case: FixtureCase) -> None:
    test_a_fixture_has_the_bits_of_the_reference(case)


@pytest.mark.parametrize("name", ["nano", "A2-Lite"])
def test_a_build_that_doubts_every_sum_has_the_same_bits(name: str) -> None:
    model = example(name)
    samples = everything(200)
    slow = engine_of(model, NAM_ALWAYS_DOUBT="1")
    assert_same_bits(play(slow, samples, CALLS), ReferenceEngine(model).process(samples))


@pytest.mark.parametrize("precision", ["fixed16", "fixed32"])
def test_integers_have_the_bits_of_the_reference(precision: FixedPrecision) -> None:
    model = in_fixed_point(example("A2-Full"), precision)
    samples = everything(400)
    expected = ReferenceEngine(model).process(samples)
    assert_same_bits(play(engine_of(model), samples, CALLS), expected)


def test_the_same_input_gives_the_same_bytes() -> None:
    planned = plan_model(small_model("everything"), target=load_target("wasm32"))
    assert module_of(planned) == module_of(planned)


def test_a_module_imports_nothing() -> None:
    data = module_of(plan_model(small_model("everything"), target=load_target("wasm32")))
    types_and_functions = section_numbers(data)
    assert 2 not in types_and_functions, "there is an import section"


def section_numbers(data: bytes) -> list[int]:
    """The numbers of a module's sections; 2 is that of imports."""
    found, at = [], 8
    while at < len(data):
        found.append(data[at])
        size = shift = 0
        at += 1
        while True:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        at += size
    return found
