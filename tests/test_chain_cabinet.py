"""The cabinet convolves: as float64 does, without latency, with the same work in every block."""

from __future__ import annotations

import math

import numpy as np
import pytest
from chain_setups import CABINETS, cabinet_plan, emulated, fresh, host, plan_of, sounds

from namgen.chain.cabinet import METHODS, plan_cabinet
from namgen.chain.skew import STAGES, bin_order, spectra, twiddles
from namgen.chain.twin import ChainTwin
from namgen.errors import UnsupportedError


@pytest.mark.parametrize("method", CABINETS)
def test_it_convolves_to_the_last_bits_of_float32(method: str) -> None:
    chain = host(cabinet_plan(method))
    fresh(chain)
    samples = sounds(3600 // chain.plan.block_frames * chain.plan.block_frames)["noise"]
    found = chain.run(f"cabinet_{method}_process", samples).astype(np.float64)
    exact = np.convolve(samples.astype(np.float64), chain.plan.responses[0].taps)[: len(samples)]
    error = float(((found - exact) ** 2).sum() / (exact**2).sum())
    assert 10 * math.log10(error) < -120


@pytest.mark.parametrize("method", CABINETS)
def test_an_impulse_comes_out_as_the_response_at_once(method: str) -> None:
    """Every place of a block, and of a part of the tail, begins with the first tap."""
    chain = host(cabinet_plan(method))
    size, taps = chain.plan.block_frames, chain.plan.responses[0].taps
    for place in (0, 1, size - 1, 3 * size + 5):
        fresh(chain)
        impulse = np.zeros(1200 // size * size, np.float32)
        impulse[place] = 1
        found = chain.run(f"cabinet_{method}_process", impulse)[place:]
        expected = np.zeros(len(found))
        expected[: len(taps)] = taps[: len(found)]
        assert np.abs(found - expected).max() < 1e-7


@pytest.mark.parametrize("frames", STAGES)
def test_every_length_of_part(frames: int) -> None:
    """By the twin, which test_chain_bits.py holds against the C."""
    plan = plan_of(frames, 150, "parts")
    samples = sounds(frames * 8)["noise"]
    found = ChainTwin(plan).run("cabinet_parts_process", samples).astype(np.float64)
    exact = np.convolve(samples.astype(np.float64), plan.responses[0].taps)[: len(samples)]
    assert 10 * math.log10(((found - exact) ** 2).sum() / (exact**2).sum()) < -120


@pytest.mark.parametrize("frames", STAGES)
def test_the_tables_are_the_nearest_float32(frames: int) -> None:
    words = twiddles(frames).first.astype(np.float64)
    j, q = np.meshgrid(np.arange(frames // 4), np.arange(4), indexing="ij")
    expected = np.exp(-2j * np.pi * j * (1 + 4 * q) / (4 * frames))
    pairs = np.stack([expected.real, expected.imag], axis=-1)
    assert np.abs(words - pairs).max() < 2**-25 + 1e-12
    taps = np.random.default_rng(1).standard_normal(frames)
    skewed = taps * np.exp(-0.5j * np.pi * np.arange(frames) / frames)
    bins = np.fft.fft(skewed)[bin_order(frames)] / frames
    found = spectra(taps, frames)[:, 0].astype(np.float64)
    assert np.abs(found[:, :4] + 1j * found[:, 4:] - bins.reshape(-1, 4)).max() < 1e-6


@pytest.mark.parametrize("method", ["parts", "direct"])
def test_every_block_is_the_same_work(method: str) -> None:
    pytest.importorskip("unicorn")
    chain = emulated(cabinet_plan(method))
    silence = np.zeros(chain.plan.block_frames, np.float32)
    counts = set()
    for _ in range(30):
        chain.block(f"cabinet_{method}_process", silence)
        counts.add(chain.core.last_call_instructions)
    assert max(counts) - min(counts) <= 0.02 * max(counts)


@pytest.mark.parametrize("method", CABINETS)
def test_another_response(method: str) -> None:
    """From the next block on, in two levels from the tail's next part; the past goes through it."""
    chain = host(cabinet_plan(method))
    fresh(chain)
    size = chain.plan.block_frames
    samples = sounds(2400 // size * size)["noise"]
    chain.call(f"cabinet_{method}_use", 1)
    chain.reset()
    found = chain.run(f"cabinet_{method}_process", samples).astype(np.float64)
    exact = np.convolve(samples.astype(np.float64), chain.plan.responses[1].taps)[: len(samples)]
    settled = slice(200, None)
    error = ((found - exact)[settled] ** 2).sum() / (exact[settled] ** 2).sum()
    assert 10 * math.log10(error) < -120
    fresh(chain)


def test_the_plan_takes_the_method_of_the_fewest_cycles() -> None:
    chosen = {
        (block, taps): plan_cabinet(taps, block_frames=block).method
        for block in (48, 16, 8)
        for taps in (64, 256, 1024)
    }
    assert {chosen[block, 64] for block in (48, 16, 8)} == {"direct"}
    assert {chosen[block, 256] for block in (48, 16, 8)} == {"parts"}
    assert [chosen[block, 1024] for block in (48, 16, 8)] == ["parts", "two_levels", "two_levels"]


@pytest.mark.parametrize("block_frames", [8, 16, 24, 32, 40, 48, 64, 96, 128, 256])
@pytest.mark.parametrize("taps", [1, 65, 1000, 8192])
def test_every_block_that_is_whole_steps_has_a_cabinet(block_frames: int, taps: int) -> None:
    plan = plan_cabinet(taps, block_frames=block_frames)
    assert block_frames % plan.unit_frames == 0
    assert plan.taps >= taps
    if plan.tail is not None:
        assert plan.tail_groups[0] == 0
        assert plan.tail_groups[-1] == plan.tail.groups
        assert list(plan.tail_groups) == sorted(plan.tail_groups)
        assert len(plan.tail_groups) == plan.turns + 1


def test_what_does_not_fit_lies_in_axi_sram() -> None:
    def places(taps: int) -> dict[str, str]:
        plan = plan_cabinet(taps, block_frames=48, fast_bytes=48 << 10)
        return {array.name: array.place for array in plan.arrays}

    assert set(places(2048).values()) == {"dtcm"}
    assert places(4096) == {"head_response": "axi_sram", "head_heard": "dtcm"}
    assert set(places(8192).values()) == {"axi_sram"}


def test_what_no_cabinet_can_be_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="expected 1 to 8192 taps, found 8193"):
        plan_cabinet(8193, block_frames=48)
    with pytest.raises(UnsupportedError, match=r"blocks of 48 frames .* two_levels"):
        plan_cabinet(1024, block_frames=48, method="two_levels")
    assert {plan_cabinet(1024, block_frames=16, method=m).method for m in METHODS} == set(METHODS)
