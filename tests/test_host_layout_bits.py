"""The host's layout gives the bits of the reference, for every vector unit and any calls."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from conftest import FixtureCase, all_cases, sample_cases
from generated_c import (
    assert_same_bits,
    need,
    networks_and_units,
    reference_output,
    signal_of,
    small_model,
    strict,
)
from small_networks import READERS_OF_THE_INPUT, signal

from benchmarks.models import lstm
from host_sim.compare import play
from host_sim.engines import HostEngine
from host_sim.host_model import HostModel
from host_sim.host_plan import compiler_of_unit
from host_sim.signals import Partition
from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.plan import Plan
from namgen.processors import processor_with, vector_processors
from namgen.selection.plans import Start, plan_model
from namgen.targets import load_target
from namgen.toolchain import find_host, processor_here

UNITS = tuple(processor.vector_unit for processor in vector_processors())
CALLS = Partition("calls", (1, 7, 48, 16, 130, 3, 64, 200))
"""Frames of successive calls: within a vector, across blocks, and past a rewind."""
FIXTURE_FRAMES = 800


def host_plan(model: Model, unit: str, *, block_frames: int = 64, start: Start = "settled") -> Plan:
    target = load_target(processor_with(unit).name)
    return plan_model(model, target=target, block_frames=block_frames, start=start)


def check(model: Model, unit: str, samples: F32) -> None:
    expected = reference_output(model, samples)
    engine = HostEngine(host_plan(model, unit), compiler=strict(compiler_of_unit(unit)))
    assert_same_bits(play(engine, samples, CALLS), expected)


@pytest.mark.parametrize("readers", READERS_OF_THE_INPUT)
def test_whoever_else_reads_the_input_each_reader_finds_its_past(readers: str) -> None:
    model = Model("m", "m.nam", "0" * 64, 48000, READERS_OF_THE_INPUT[readers]())
    check(model, processor_here().vector_unit, signal(700).T)


@pytest.mark.parametrize(("network", "unit"), networks_and_units())
def test_every_architecture_has_the_bits_of_the_reference(network: str, unit: str) -> None:
    model = small_model(network)
    check(model, unit, signal_of(model))


@pytest.mark.parametrize("layers", [2, 3, 4])
def test_layers_that_are_frames_apart_have_the_bits_of_the_reference(layers: int) -> None:
    """In calls shorter than the LSTM is deep, too: then no step has a frame for every layer."""
    model = Model("m", "m.nam", "0" * 64, 48000, lstm(5, layers))
    samples = signal(60).T
    engine = HostEngine(host_plan(model, processor_here().vector_unit))
    calls = np.split(samples, np.cumsum([1, 2, 1, 3, 4, 5, 1, 1, 20]))
    found = np.concatenate([engine.process(call) for call in calls])
    assert_same_bits(found, reference_output(model, samples))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("units", [8, 11, 16])
def test_units_in_whole_vectors_and_the_rest_have_the_bits_of_the_reference(
    units: int, unit: str
) -> None:
    """Whole vectors of them are turned into rows as squares."""
    model = Model("m", "m.nam", "0" * 64, 48000, lstm(units, 1))
    check(model, unit, signal(150).T)


@pytest.mark.parametrize("case", sample_cases())
def test_a_fixture_has_the_bits_of_the_reference(case: FixtureCase) -> None:
    model = lower(read(case.model), slim=case.slim)
    check(
        model, processor_here().vector_unit, np.ascontiguousarray(case.signal().T[:FIXTURE_FRAMES])
    )


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("case", all_cases())
def test_every_fixture_has_the_bits_of_the_reference(case: FixtureCase, unit: str) -> None:
    model = lower(read(case.model), slim=case.slim)
    check(model, unit, np.ascontiguousarray(case.signal().T[:FIXTURE_FRAMES]))


@pytest.mark.parametrize("block_frames", [1, 5, 48, 256])
@pytest.mark.parametrize("network", ["conv_head", "everything", "lstm"])
def test_the_block_size_changes_no_bit(network: str, block_frames: int) -> None:
    model = small_model(network)
    samples = signal_of(model)
    engine = HostEngine(host_plan(model, processor_here().vector_unit, block_frames=block_frames))
    assert_same_bits(play(engine, samples, CALLS), reference_output(model, samples))


SAMPLE = {*product(("avx2",), ("gcc", "clang", "zig")), ("neon", "clang"), ("avx512", "zig")}
"""Every unit and every compiler; the other pairs, a minute of compiling, with `-m slow`."""


@pytest.mark.parametrize(
    ("unit", "compiler"),
    [
        pytest.param(*pair, marks=() if pair in SAMPLE else pytest.mark.slow)
        for pair in product(UNITS, ("gcc", "clang", "zig"))
    ],
)
def test_no_compiler_changes_a_bit(unit: str, compiler: str) -> None:
    need(compiler)
    model = small_model("everything")
    samples = signal_of(model)
    for chosen, opt in (
        (find_host(compiler).for_processor(processor_with(unit)), "-O3"),
        (find_host(compiler, fma=False), "-O0"),
    ):
        engine = HostEngine(host_plan(model, unit), compiler=chosen, opt=opt)
        assert_same_bits(play(engine, samples, CALLS), reference_output(model, samples))


@pytest.mark.parametrize("network", ["two_arrays", "lstm"])
def test_the_cold_start_is_the_references(network: str) -> None:
    model = small_model(network)
    samples = signal_of(model)
    pedal = HostEngine(plan_model(model, start="cold"))
    host = HostEngine(host_plan(model, processor_here().vector_unit, start="cold"))
    assert_same_bits(host.process(samples), pedal.process(samples))


@pytest.mark.parametrize("network", ["everything", "lstm"])
def test_reset_brings_the_start_back(network: str) -> None:
    model = small_model(network)
    engine = HostEngine(host_plan(model, processor_here().vector_unit))
    samples = signal_of(model)
    first = play(engine, samples, CALLS)
    engine.reset()
    assert_same_bits(play(engine, samples, CALLS), first)


def test_the_output_may_be_the_input() -> None:
    model = HostModel(small_model("two_arrays"), layout="host")
    samples = signal(700)[0]
    expected = model.process(samples)
    model.reset()
    shared = samples.copy()
    model._code.process(shared, shared, len(shared))
    assert_same_bits(shared, expected)


def test_both_layouts_of_a_host_model_play_the_same(tmp_path: Path) -> None:
    model = small_model("conv_head")
    samples = signal(500)[0]
    pedal, host = HostModel(model), HostModel(model, layout="host")
    assert_same_bits(host.process(samples), pedal.process(samples))


def test_a_vector_unit_nobody_knows_is_refused() -> None:
    with pytest.raises(
        UnsupportedError, match="vector unit: expected one of neon, simd128, avx2, avx512"
    ):
        host_plan(small_model("linear"), "mmx")
