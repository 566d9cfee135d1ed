"""The signal chain's C equals its NumPy twin in every bit, on this machine and on a Cortex-M7."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from chain_setups import (
    CABINETS,
    cabinet_plan,
    different,
    emulated,
    fresh,
    host,
    plan_of,
    sounds,
)
from generated_c import StrictCross, strict
from numerics_c import host_compiler

from host_sim.chain_engines import ChainEngine, EmulatedChain, HostChain
from namgen.arithmetic import F32
from namgen.chain.twin import ChainTwin
from namgen.toolchain import find_cross

FRAMES = 960
SOUNDS = tuple(sounds(FRAMES))
IN_PLACE = ("input_trim_process", "guard_model", "equaliser_process", "high_pass_process")
IN_PLACE += ("level_process", "guard_output")


def distorted(samples: F32) -> F32:
    """Stands for a model; now and then it answers with what is no number."""
    held = np.clip(samples, -9, 9)
    out = (3 * held / (1 + 9 * np.abs(held))).astype(np.float32)
    out[np.abs(samples) > 0.75] = np.nan
    return out


def turn_at_random(engines: tuple[ChainEngine | ChainTwin, ...], rng: np.random.Generator) -> None:
    """Turn some knobs of all alike; tell blocks something else now and then."""
    plan = engines[0].plan
    for parameter in plan.parameters:
        if rng.random() < 0.3:
            position = float(np.float32(rng.uniform(-0.2, 1.2)))
            for engine in engines:
                engine.turn(parameter.name, position)
    for name, function in plan.functions.items():
        if rng.random() < 0.15:
            told = float(np.float32(rng.uniform(0.3, 3)))
            for engine in engines:
                engine.call(name, told if function.argument == "float" else int(told) % 2)


@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.parametrize("function", IN_PLACE)
def test_a_block_by_itself(function: str, sound: str) -> None:
    chain, samples = host(plan_of()), sounds(FRAMES)[sound]
    twin = fresh(chain)
    for engine in (chain, twin):
        for parameter in chain.plan.parameters:
            engine.turn(parameter.name, 0.9)
    assert different(twin.run(function, samples), chain.run(function, samples)) == ""


@pytest.mark.parametrize("sound", SOUNDS)
def test_the_whole_chain(sound: str) -> None:
    chain, samples = host(plan_of()), sounds(FRAMES)[sound]
    twin = fresh(chain)
    played = chain.play(samples, distorted)
    assert different(twin.play(samples, distorted), played) == ""
    assert np.abs(played).max() <= 1.0


@pytest.mark.parametrize("method", CABINETS)
def test_knobs_that_move_all_the_time(method: str) -> None:
    """Every block takes part, the cabinet in each of its ways."""
    chain = host(cabinet_plan(method))
    twin, rng, size = fresh(chain), np.random.default_rng(11), chain.plan.block_frames
    for samples in np.split(sounds(24 * size)["noise"], 24):
        turn_at_random((chain, twin), rng)
        assert different(twin.play(samples, distorted), chain.play(samples, distorted)) == ""


def test_every_position_of_every_knob() -> None:
    chain = host(plan_of(8))
    twin, samples = fresh(chain), sounds(8)["noise"]
    for position in np.linspace(0, 1, 203):
        for engine in (chain, twin):
            for parameter in chain.plan.parameters:
                engine.turn(parameter.name, float(np.float32(position)))
            engine.reset()
        assert different(twin.play(samples, np.copy), chain.play(samples, np.copy)) == "", position


@pytest.mark.parametrize("method", CABINETS)
def test_the_machine_code_of_a_cortex_m7(method: str) -> None:
    pytest.importorskip("unicorn")
    chain = emulated(cabinet_plan(method))
    twin, rng, size = fresh(chain), np.random.default_rng(5), chain.plan.block_frames
    for samples in np.split(sounds(9 * size)["noise"], 9):
        turn_at_random((chain, twin), rng)
        assert different(twin.play(samples, distorted), chain.play(samples, distorted)) == ""


@pytest.mark.parametrize(("compiler", "fused"), [("clang", "fma"), ("gcc", "software")])
def test_other_compilers_and_processors_without_fma(compiler: str, fused: str) -> None:
    chain = HostChain(cabinet_plan("two_levels"), compiler=strict(host_compiler(compiler, fused)))
    twin, rng, size = fresh(chain), np.random.default_rng(7), chain.plan.block_frames
    for samples in np.split(sounds(12 * size)["noise"], 12):
        turn_at_random((chain, twin), rng)
        assert different(twin.play(samples, distorted), chain.play(samples, distorted)) == ""


def test_the_machine_code_of_the_other_cross_compiler() -> None:
    pytest.importorskip("unicorn")
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    toolchain = StrictCross(find_cross("gcc"))
    chain = EmulatedChain(cabinet_plan("parts"), toolchain=toolchain)  # type: ignore[arg-type]
    twin, samples = fresh(chain), sounds(480)["noise"]
    assert different(twin.play(samples, distorted), chain.play(samples, distorted)) == ""


@pytest.mark.parametrize("method", CABINETS)
def test_after_a_reset_everything_is_as_at_the_start(method: str) -> None:
    chain = host(cabinet_plan(method))
    fresh(chain)
    samples = sounds(10 * chain.plan.block_frames)["guitar"]
    first = chain.play(samples, distorted)
    chain.play(sounds(len(samples))["no numbers"], distorted)
    chain.reset()
    assert different(chain.play(samples, distorted), first) == ""


def test_a_block_may_be_shorter_than_planned() -> None:
    """Steps are eight frames whatever the block is: without a cabinet the bits are the same."""
    samples = sounds(480)["guitar"]
    fresh(host(plan_of(8)))
    fresh(host(plan_of()))
    pieces = host(plan_of(8)).play(samples, distorted)
    assert different(pieces, host(plan_of()).play(samples, distorted)) == ""
