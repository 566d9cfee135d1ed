"""No knob, however fast it is turned, and no footswitch makes a step that can be heard."""

from __future__ import annotations

import math

import numpy as np
import pytest
from chain_setups import RATE_HZ, fresh, host, plan_of, sine

from host_sim.chain_engines import HostChain
from namgen.arithmetic import F32

FRAMES = 14_400
TURNED_AT = 4_800
MOST_OF_PEAK = 0.01
"""Of the loudest the sound gets: what a knob adds to the way from one frame to the next."""

KNOBS = ("input", "bass", "middle", "treble", "level")
PITCHES_HZ = (0, 82, 440, 1000)


def unasked(samples: F32, frequency_hz: float) -> float:
    """The largest departure from a sine of this pitch, by its peak; 0 for any steady sine.

    A steady sine is known from two frames: y[n] = 2 cos(w) y[n - 1] - y[n - 2].
    """
    y = samples.astype(np.float64)
    turn = 2 * math.cos(2 * math.pi * frequency_hz / RATE_HZ)
    return float(np.abs(y[2:] - turn * y[1:-1] + y[:-2]).max() / np.abs(y).max())


def behind_the_model(chain: HostChain, samples: F32, turns: dict[int, tuple[str, float]]) -> F32:
    """Play with knobs turned at some frames; the model changes nothing, the high-pass is out."""
    played = []
    for start in range(0, len(samples), 48):
        if start in turns:
            chain.turn(*turns[start])
        block = samples[start : start + 48]
        for function in ("input_trim_process", "equaliser_process", "level_process"):
            block = chain.block(function, block)
        played.append(block)
    return np.concatenate(played)


@pytest.mark.parametrize("frequency_hz", PITCHES_HZ)
@pytest.mark.parametrize("way", [(0.0, 1.0), (1.0, 0.0), (0.5, 1.0), (0.5, 0.0)])
@pytest.mark.parametrize("knob", KNOBS)
def test_a_knob_turned_at_once(knob: str, way: tuple[float, float], frequency_hz: int) -> None:
    chain = host(plan_of())
    fresh(chain)
    chain.turn(knob, way[0])
    chain.reset()
    samples = sine(frequency_hz, FRAMES)
    played = behind_the_model(chain, samples, {TURNED_AT: (knob, way[1])})
    settled = played[TURNED_AT - 480 :]
    assert unasked(settled, frequency_hz) < MOST_OF_PEAK


@pytest.mark.parametrize("blocks", [1, 3, 20])
def test_knobs_that_jitter(blocks: int) -> None:
    """All of them to random places, again and again, before they have arrived."""
    chain, rng = host(plan_of()), np.random.default_rng(blocks)
    fresh(chain)
    turns = {
        start: (KNOBS[rng.integers(len(KNOBS))], float(rng.random()))
        for start in range(TURNED_AT, FRAMES, 48 * blocks)
    }
    played = behind_the_model(chain, sine(220, FRAMES), turns)
    assert unasked(played[TURNED_AT - 480 :], 220) < MOST_OF_PEAK


def test_a_knob_arrives_within_its_time() -> None:
    chain = host(plan_of())
    fresh(chain)
    for knob in ("bass", "level"):
        played = behind_the_model(chain, sine(0, FRAMES), {TURNED_AT: (knob, 1.0)})
        assert np.ptp(played[TURNED_AT + RATE_HZ // 10 + 480 :][-480:]) <= 1e-4 * played[-1]
        fresh(chain)


@pytest.mark.parametrize("bypassed", [1, 0])
def test_bypass_fades(bypassed: int) -> None:
    """Between two sounds as far apart as they can be, full scale and its negative."""
    chain = host(plan_of())
    fresh(chain)
    chain.call("bypass_set", 1 - bypassed)
    chain.reset()
    guitar, sound = np.ones(48, np.float32), -np.ones(48, np.float32)
    played = []
    for block in range(60):
        if block == 20:
            chain.call("bypass_set", bypassed)
        chain.block("bypass_listen", guitar)
        played.append(chain.block("bypass_process", sound))
    steps = np.diff(np.concatenate(played).astype(np.float64))
    assert np.abs(steps).max() <= 2 / (128 * 8)
    assert played[-1].tolist() == (guitar if bypassed else sound).tolist()


def test_a_switch_pressed_while_it_fades_turns_round() -> None:
    chain = host(plan_of())
    fresh(chain)
    guitar, sound = np.ones(48, np.float32), -np.ones(48, np.float32)
    played = []
    for block in range(50):
        chain.call("bypass_set", int(block < 7 or block > 20))
        chain.block("bypass_listen", guitar)
        played.append(chain.block("bypass_process", sound))
    steps = np.diff(np.concatenate(played).astype(np.float64))
    assert np.abs(steps).max() <= 2 / (128 * 8)


def test_what_a_bypassed_chain_plays_is_the_guitar_to_the_bit() -> None:
    chain = host(plan_of())
    fresh(chain)
    chain.call("bypass_set", 1)
    chain.reset()
    samples = sine(330, 960, level=0.5)
    assert chain.play(samples, np.negative).tolist() == samples.tolist()
