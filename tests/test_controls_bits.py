"""The controls' C does what its twin in Python does, tick by tick, on every board."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from controls_setups import BOARDS, Hands, emulated, host, plan_of_board
from generated_c import StrictCross, strict
from numerics_c import host_compiler

from host_sim.control_engines import ControlsEngine, EmulatedControls, HostControls
from namgen.toolchain import find_cross

TICKS = 1500


def play_at_random(engine: ControlsEngine, seed: int, ticks: int = TICKS) -> Hands:
    """Turn and press everything, with noise and bounces, from a start that is random, too."""
    rng, plan = np.random.default_rng(seed), engine.plan
    switches = (1 << len(plan.switches.pins)) - 1
    hands = Hands(
        engine, capture=int(rng.integers(7)), closed=int(rng.integers(1 << 32)) & switches
    )
    aims = [32_768.0] * len(plan.knobs)
    for _ in range(ticks):
        if rng.random() < 0.05:
            hands.closed ^= 1 << int(rng.integers(max(len(plan.switches.pins), 1))) & switches
        for number in range(len(aims)):
            if rng.random() < 0.02:
                aims[number] = float(rng.choice([0, 65_535, rng.uniform(0, 65_535)]))
            noisy = aims[number] + rng.normal(0, 60)
            hands.codes[number] = int(np.clip(noisy, 0, 65_535))
        bounce = int(rng.integers(1 << 32)) & switches if rng.random() < 0.02 else 0
        hands.tick(late=bool(rng.random() < 0.002), bounce=bounce)
    return hands


@pytest.mark.parametrize("board", BOARDS)
def test_every_board(board: str) -> None:
    play_at_random(host(plan_of_board(board)), seed=len(board))


@pytest.mark.parametrize("captures", [1, 2, 9])
def test_any_number_of_captures(captures: int) -> None:
    play_at_random(host(plan_of_board("hothouse", captures)), seed=captures)


@pytest.mark.parametrize("block_frames", [8, 40, 64, 256])
def test_ticks_of_other_lengths(block_frames: int) -> None:
    play_at_random(host(plan_of_board("125b", 3, block_frames)), seed=block_frames)


@pytest.mark.parametrize("board", ["125b", "versio"])
def test_the_machine_code_of_a_cortex_m7(board: str) -> None:
    pytest.importorskip("unicorn")
    play_at_random(emulated(plan_of_board(board)), seed=3, ticks=300)


def test_the_machine_code_of_the_other_cross_compiler() -> None:
    pytest.importorskip("unicorn")
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    toolchain = StrictCross(find_cross("gcc"))
    engine = EmulatedControls(plan_of_board("125b"), toolchain=toolchain)  # type: ignore[arg-type]
    play_at_random(engine, seed=4, ticks=300)


@pytest.mark.parametrize(("compiler", "fused"), [("clang", "fma"), ("gcc", "software")])
def test_other_compilers_and_processors_without_fma(compiler: str, fused: str) -> None:
    chosen = strict(host_compiler(compiler, fused))
    play_at_random(HostControls(plan_of_board("funbox"), compiler=chosen), seed=5)
