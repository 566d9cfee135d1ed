"""The chain as data: its order, what is built in, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from chain_setups import cabinet_plan, changed_over, fresh, host, plan_of, response, sine

from namgen.chain.blocks import BLOCKS
from namgen.chain.emit import emit_chain
from namgen.chain.plan import WITHOUT_CABINET, plan_chain
from namgen.errors import UnsupportedError
from namgen.resources import firmware_dir, firmware_sources

ORDER = [
    *("bypass_listen", "input_trim_process", "gate_listen", "the model"),
    *("guard_model", "gate_process", "equaliser_process", "cabinet_parts_process"),
    *("high_pass_process", "level_process", "bypass_process", "guard_output"),
]
"""Of the NAM plug-in: the gate listens before the model, and acts behind it."""


def calls(text: str, function: str) -> list[str]:
    """The functions that one of the generated C calls, in their order."""
    body = text.partition(f"\nvoid {function}(")[2].partition("\n}\n")[0]
    return re.findall(r"(\w+)\(samples, frames\);", body)


def test_the_order_of_the_c_is_the_plug_ins() -> None:
    text = emit_chain(cabinet_plan("parts"))["chain.c"]
    before, after = calls(text, "chain_before_model"), calls(text, "chain_after_model")
    assert [*before, "the model", *after] == ORDER


def test_the_order_can_be_heard() -> None:
    """Full gain in front of the model distorts, behind it it does not; the level comes last."""
    chain = host(plan_of())
    fresh(chain)
    for knob in ("input", "gate"):
        chain.turn(knob, 1.0 if knob == "input" else 0.0)
    chain.turn("level", 0.25)  # -20 dB
    chain.reset()
    heard: list[float] = []

    def model(samples: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        heard.append(float(np.abs(samples).max()))
        return np.clip(samples, -0.5, 0.5)

    played = chain.play(sine(440, 4800, level=0.1), model)
    assert max(heard) == pytest.approx(1.0, abs=0.01)  # +20 dB, before it
    assert np.abs(played[2400:]).max() == pytest.approx(0.05, rel=0.02)


def test_a_model_out_of_its_senses_does_no_lasting_harm() -> None:
    """NaN and huge numbers become silence and full scale, and the filters are well afterwards."""
    chain = host(cabinet_plan("parts"))
    fresh(chain)
    samples = sine(220, 4800)
    healthy = chain.play(samples, np.copy)
    fresh(chain)
    bad = np.resize(np.array([np.nan, np.inf, -np.inf, 3e38, -1e30], np.float32), 48)
    for _ in range(10):
        assert np.isfinite(chain.play(samples[:48], lambda _: bad)).all()
    chain.play(np.zeros(48_000, np.float32), np.copy)  # the high-pass forgets
    chain.call("bypass_set", 0)
    recovered = chain.play(samples, np.copy)
    assert np.isfinite(recovered).all()
    assert np.abs(recovered - healthy)[2400:].max() < 1e-3


@pytest.mark.parametrize("missing", sorted(WITHOUT_CABINET))
def test_a_block_that_is_not_built_in_leaves_nothing(missing: str) -> None:
    names = WITHOUT_CABINET - {missing}
    plan = plan_chain(names=names)
    assert f"chain/{missing}.c" not in plan.sources
    text = "".join(emit_chain(plan).values())
    assert f"{missing}_" not in text
    assert f"{missing.upper()}_" not in text


def test_a_chain_of_few_blocks_plays() -> None:
    plan = plan_chain(names=("gate", "level"))
    fresh(host(plan))
    assert np.isfinite(host(plan).play(sine(100, 96), np.copy)).all()


def test_no_block_at_all_is_a_chain_too() -> None:
    plan = plan_chain(names=())
    samples = sine(100, 96)
    assert plan.sources == ()
    assert host(plan).play(samples, np.copy).tolist() == samples.tolist()


def test_every_block_is_a_file_with_its_header() -> None:
    methods = [changed_over(method) for method in ("direct", "parts", "two_levels")]
    used = {path for plan in methods for path in firmware_sources(plan.sources)}
    assert used == set((firmware_dir() / "chain").glob("*.c"))
    headers = {path.stem for path in (firmware_dir() / "chain").glob("*.h")}
    assert {block.name for block in BLOCKS} <= headers


@pytest.mark.parametrize("block_frames", [1, 4, 12, 50, 255])
def test_a_block_that_is_not_whole_steps_is_refused_by_name(block_frames: int) -> None:
    expected = f"block: expected a multiple of 8 frames, .*found {block_frames}"
    with pytest.raises(UnsupportedError, match=expected):
        plan_chain(block_frames=block_frames)


def test_a_block_longer_than_the_firmwares_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="expected 1 to 256 frames, found 264"):
        plan_chain(block_frames=264)


def test_the_text_is_the_same_every_time() -> None:
    first = emit_chain(plan_chain(responses=[response(300)]))
    assert emit_chain(plan_chain(responses=[response(300)])) == first


def test_parameters_have_one_name_each() -> None:
    names = [parameter.name for parameter in plan_chain().parameters]
    assert names == ["input", "gate", "bass", "middle", "treble", "level"]
