"""To silence and back without a click, and a cabinet that is left out meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
from chain_setups import (
    CABINETS,
    RATE_HZ,
    cabinet_plan,
    changed_over,
    different,
    emulated,
    fresh,
    host,
    sine,
    sounds,
)
from test_chain_bits import distorted, turn_at_random
from test_chain_ramps import MOST_OF_PEAK, unasked

from host_sim.chain_engines import ChainEngine
from namgen.arithmetic import F32
from namgen.chain.emit import emit_chain
from namgen.chain.step import CHANGEOVER_STEPS, STEP_FRAMES
from namgen.chain.twin import ChainTwin

FADE_FRAMES = CHANGEOVER_STEPS * STEP_FRAMES


def faded(chain: ChainEngine, samples: F32, turns: dict[int, int]) -> F32:
    """Play through the changeover alone; `turns` say at which frames silence is wanted or not."""
    played = []
    for start in range(0, len(samples), 8):
        if start in turns:
            chain.call("changeover_silence", turns[start])
        played.append(chain.block("changeover_process", samples[start : start + 8]))
    return np.concatenate(played)


def test_a_whole_fade_takes_its_time_and_changes_no_bit_before_and_after() -> None:
    chain, samples = host(changed_over("direct")), sine(0, 4800, level=1.0)
    fresh(chain)
    played = faded(chain, samples, {800: 1, 2400: 0})
    out, back = played[800 : 800 + FADE_FRAMES], played[2400 : 2400 + FADE_FRAMES]
    assert (played[:800] == samples[:800]).all()
    assert np.array_equal(out[7::8], 1 - np.arange(1, 65, dtype=np.float32) / 64)
    assert not played[800 + FADE_FRAMES : 2400].any()
    assert np.array_equal(back[7::8], np.arange(1, 65, dtype=np.float32) / 64)
    assert (played[2400 + FADE_FRAMES :] == samples[2400 + FADE_FRAMES :]).all()


@pytest.mark.parametrize("frequency_hz", [0, 82, 440, 1000])
def test_no_changeover_makes_a_step(frequency_hz: int) -> None:
    """Also one that is taken back before it has arrived, again and again."""
    chain, rng = host(changed_over("direct")), np.random.default_rng(4)
    fresh(chain)
    places = np.cumsum(8 * rng.integers(1, 90, size=40))
    turns = {int(place): number % 2 for number, place in enumerate(places)}
    played = faded(chain, sine(frequency_hz, RATE_HZ // 2), turns)
    assert unasked(played, frequency_hz) < MOST_OF_PEAK


def test_silence_is_silence_whatever_comes() -> None:
    chain = host(changed_over("direct"))
    fresh(chain)
    samples = sounds(960)["no numbers"]
    faded(chain, np.zeros(960, np.float32), {0: 1})
    assert not faded(chain, samples, {}).any()


@pytest.mark.parametrize("made", [host, emulated])
@pytest.mark.parametrize("method", CABINETS)
def test_c_and_twin_have_the_same_bits(made, method: str) -> None:  # type: ignore[no-untyped-def]
    plan = changed_over(method)
    chain, rng = made(plan), np.random.default_rng(6)
    twin = fresh(chain)
    samples = sounds(plan.block_frames * 120)["noise"]
    for start in range(0, len(samples), plan.block_frames * 6):
        turn_at_random((chain, twin), rng)
        used = bool(rng.integers(2))
        chain.use_cabinet(used)
        twin.use_cabinet(used)
        part = samples[start : start + plan.block_frames * 6]
        assert different(twin.play(part, distorted), chain.play(part, distorted)) == ""


@pytest.mark.parametrize("method", CABINETS)
def test_a_cabinet_that_comes_back_has_heard_everything(method: str) -> None:
    plan = changed_over(method)
    always, again = ChainTwin(plan), ChainTwin(plan)
    samples = sounds(plan.block_frames * 40)["guitar"]
    half = plan.block_frames * 20
    again.use_cabinet(False)
    for twin in (always, again):
        twin.run(f"cabinet_{method}_process", samples[:half])
    again.use_cabinet(True)
    function = f"cabinet_{method}_process"
    assert (
        different(always.run(function, samples[half:]), again.run(function, samples[half:])) == ""
    )


def test_chains_without_changeovers_do_not_know_of_them() -> None:
    text = "".join(emit_chain(cabinet_plan("parts")).values())
    assert "changeover" not in text.lower()
    assert "use_cabinet" not in text
