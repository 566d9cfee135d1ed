"""The gate follows the NAM plug-in's: threshold, curve, how fast it opens, holds and closes."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from chain_setups import RATE_HZ, fresh, host, plan_of, sine

from namgen.arithmetic import F32
from namgen.chain import gate
from namgen.chain.twin.gate import exp2_of_minus, log2_of

F64 = npt.NDArray[np.float64]

STEP = 8


def position_of(threshold_db: float) -> float:
    return (threshold_db - gate.LOWEST_DB) / (gate.HIGHEST_DB - gate.LOWEST_DB)


def gains(samples: F32, threshold_db: float) -> F64:
    """What the C multiplies every frame with."""
    chain = host(plan_of())
    fresh(chain)
    chain.turn("gate", position_of(threshold_db))
    chain.reset()
    found = []
    for block in np.split(samples, len(samples) // 48):
        chain.block("gate_listen", block)
        found.append(chain.block("gate_process", np.ones(48, np.float32)))
    return np.concatenate(found).astype(np.float64)


def plug_in(samples: F32, threshold_db: float) -> F64:
    """The plug-in's gate, frame by frame, in float64."""
    keep = 0.5 ** (1 / (0.01 * RATE_HZ))
    lowest = reduction(-120.0, threshold_db)
    opening, closing = -lowest / 0.005 / RATE_HZ, lowest / 0.05 / RATE_HZ
    power, holds, held, last = 1e-12, False, 0.0, lowest
    out = []
    for x in samples.astype(np.float64):
        power = min(max(keep * power + (1 - keep) * x * x, 1e-12), 1000.0)
        level_db = 10 * math.log10(power)
        if holds:
            held = held + 1 / RATE_HZ if level_db < threshold_db else 0.0
            holds, last = held < 0.01, 0.0
        else:
            way = 0.5 * (reduction(level_db, threshold_db) - last)
            last = max(last + min(max(way, closing), opening), lowest)
            if last > -0.001 and level_db >= threshold_db:
                last, holds, held = 0.0, True, 0.0
        out.append(last)
    return np.asarray(10 ** (np.array(out) / 20), np.float64)


def reduction(level_db: float, threshold_db: float) -> float:
    return -0.1 * min(level_db - threshold_db, 0.0) ** 2


def plucks(frames: int) -> F32:
    """Three notes that die away into hiss at -80 dB."""
    time = np.arange(frames) / RATE_HZ
    envelope = sum(np.where(time >= on, np.exp(-18 * (time - on)), 0.0) for on in (0.05, 0.25, 0.4))
    hiss = 1e-4 * np.random.default_rng(3).standard_normal(frames)
    return (0.3 * envelope * np.sin(2 * np.pi * 110 * time) + hiss).astype(np.float32)


@pytest.mark.parametrize("threshold_db", [-80, -65, -50])
def test_it_plays_as_the_plug_in(threshold_db: int) -> None:
    """Deciding every eight frames moves a gain by at most so many frames."""
    samples = plucks(28_800)
    found, expected = gains(samples, threshold_db), plug_in(samples, threshold_db)
    error = (found - expected) * samples
    heard = expected * samples
    assert 10 * math.log10(float((error**2).sum() / (heard**2).sum())) < -45
    assert np.mean(np.abs(found - expected) > 0.05) < 0.01


@pytest.mark.parametrize("below_db", [3, 6, 10, 15])
def test_below_the_threshold_it_reduces_with_the_square(below_db: int) -> None:
    threshold_db = -50.0
    level = math.sqrt(2) * 10 ** ((threshold_db - below_db) / 20)
    settled = gains(sine(2000, 24_000, level=level), threshold_db)[-480:]
    assert abs(20 * math.log10(float(settled.mean())) + 0.1 * below_db**2) < 0.15


def test_it_opens_within_5_ms_holds_10_and_closes_within_50() -> None:
    silence, sound = np.zeros(4800, np.float32), sine(1000, 4800, level=0.5)
    found = gains(np.concatenate([silence, sound, *5 * [silence]]), -60)
    opened = int(np.argmax(found[4800:] > 0.999))
    assert opened <= 0.005 * RATE_HZ + 3 * STEP
    shut = found[9600:]
    leaves = int(np.argmax(shut < 1))
    falls_db = 60 + 20 * math.log10(0.5) - 10 * math.log10(2)  # from the sine's power
    fallen = 0.01 * RATE_HZ * falls_db / (10 * math.log10(2))
    assert abs(leaves - fallen - 0.01 * RATE_HZ) <= 3 * STEP
    assert shut[-1] < 1e-6
    steps_db = 20 * np.log10(np.maximum(shut[STEP - 1 :: STEP], 1e-30))
    fastest_db = reduction(-120, -60) / (0.05 * RATE_HZ) * STEP  # all of it within 50 ms
    assert np.diff(steps_db).min() >= fastest_db - 1e-3


@pytest.mark.parametrize("threshold_db", [-80, -60, -40, -20, 0])
def test_however_high_the_threshold_it_closes_without_a_click(threshold_db: int) -> None:
    """And it is as silent as the plug-in's soon after that."""
    level = 10 ** ((threshold_db + 10) / 20)
    sound, silence = sine(1000, 4800, level=level), np.zeros(4800, np.float32)
    samples = np.concatenate([sound, *5 * [silence]])
    shut = gains(samples, threshold_db)[4800:]
    assert shut[0] == 1
    assert np.diff(shut).min() >= -gate.MOST_FALL / STEP - 1e-6
    silent = [
        int(np.argmax(found < 1e-3)) for found in (shut, plug_in(samples, threshold_db)[4800:])
    ]
    assert -STEP <= silent[0] - silent[1] < 0.012 * RATE_HZ


def test_silence_stays_silent_and_the_gate_never_amplifies() -> None:
    found = gains(plucks(9600), -65)
    assert found.min() >= 0
    assert found.max() <= 1


def test_its_logarithm_and_power_are_finer_than_it_needs() -> None:
    powers = np.geomspace(1e-12, 1000, 3001).astype(np.float32)
    errors = [abs(log2_of(float(p)) - math.log2(float(p))) for p in powers]
    assert 10 * math.log10(2) * max(errors) < 1e-3
    octaves = np.linspace(0, 126, 3001).astype(np.float32)
    ratios = [exp2_of_minus(float(x)) * 2 ** float(x) for x in octaves]
    assert max(abs(20 * math.log10(r)) for r in ratios) < 1e-3
