"""What an AudioWorklet plays in a browser has the bits of the reference; what stops it is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import make_nam
import numpy as np
import pytest
from browser import Browser, browser
from test_wasm_bits import assert_same_bits, example
from test_wasm_pedal import A2, NANO, planned
from twin_hands import heard as twin_heard
from worklet_modules import trapping
from worklet_page import play, write_page

from host_sim.engines import ReferenceEngine
from host_sim.wasm.engine import module_of
from namgen.arithmetic import F32
from namgen.controls import ControlsPlan
from namgen.controls.twin import PanelInputs
from namgen.fixed.model import in_fixed_point
from namgen.fixed.precision import FixedPrecision
from namgen.ir import Model
from namgen.pedal.sound import SoundPlan
from namgen.pedal.web_module import pedal_module
from namgen.selection.plans import plan_model
from namgen.targets import load_target


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


def music(frames: int) -> F32:
    random = np.random.default_rng(7)
    fading = np.exp(-np.arange(frames) / (frames / 3))
    return (random.standard_normal(frames) * 0.3 * fading).astype(np.float32)


def module(model: Model, **defines: str) -> bytes:
    planned = plan_model(model, target=load_target("wasm32"), block_frames=128)
    return module_of(planned, defines=defines)


def of_two_lengths(**quanta: int) -> list[Any]:
    """Names, each with some frames, and with three seconds of them where time is no matter."""
    many = pytest.mark.slow
    return [
        *(pytest.param(name, 128 * count, id=name) for name, count in quanta.items()),
        *(pytest.param(name, 128 * 1125, marks=many, id=f"{name}, long") for name in quanta),
    ]


def assert_plays(chromium: Browser, place: Path, wasm: bytes, model: Model, frames: int) -> None:
    page = chromium.open(write_page(place, wasm))
    samples = music(frames)
    heard = play(page, samples)
    assert heard.ready["latencyFrames"] == 0
    assert_same_bits(heard.samples, ReferenceEngine(model).process(samples[:, None]))
    assert chromium.said == []


MODELS = {"nano": 60, "A2-Lite": 60, "A2-Full": 24, "A1 standard": 12, "LSTM 1x16": 24}


@pytest.mark.parametrize(("name", "frames"), of_two_lengths(**MODELS))
def test_a_model_has_the_bits_of_the_reference(
    chromium: Browser, tmp_path: Path, name: str, frames: int
) -> None:
    model = example(name)
    assert_plays(chromium, tmp_path / "page.html", module(model), model, frames)


@pytest.mark.parametrize(("name", "frames"), of_two_lengths(fixed16=24, fixed32=12))
def test_integers_have_the_bits_of_the_reference(
    chromium: Browser, tmp_path: Path, name: FixedPrecision, frames: int
) -> None:
    model = in_fixed_point(example("A2-Full"), name)
    assert_plays(chromium, tmp_path / "page.html", module(model), model, frames)


@pytest.mark.parametrize(("name", "frames"), of_two_lengths(**MODELS))
def test_a_build_that_doubts_every_sum_has_the_same_bits(
    chromium: Browser, tmp_path: Path, name: str, frames: int
) -> None:
    model = example(name)
    wasm = module(model, NAM_ALWAYS_DOUBT="1")
    assert wasm != module(model)
    assert_plays(chromium, tmp_path / "page.html", wasm, model, frames)


class Hands:
    """A pedal whose knobs are turned and whose switch is pressed, at frames of the worklet's."""

    ASKED: ClassVar[dict[int, dict[str, Any]]] = {
        128 * 20: {"knob": 0, "code": 9000},
        128 * 45: {"knob": 2, "code": 51000},
        128 * 70: {"bit": 0, "closed": True},
        128 * 130: {"bit": 0, "closed": False},
    }

    def __init__(self, sound: SoundPlan, controls: ControlsPlan, capture: int = 0) -> None:
        self.sound, self.controls, self.capture = sound, controls, capture
        self.codes = [30000] * len(controls.knobs)

    def options(self) -> dict[str, object]:
        powered_on = {"knobs": list(self.codes), "closed": 0, "capture": self.capture}
        return {**powered_on, "hasRelay": self.has_relay}

    @property
    def has_relay(self) -> bool:
        return self.controls.relay is not None

    def heard(self, samples: F32) -> F32:
        """What a guitarist hears."""
        hands, codes, closed = {0: PanelInputs(0, tuple(self.codes))}, list(self.codes), 0
        for frame, asked in self.ASKED.items():
            if "knob" in asked:
                codes[asked["knob"]] = asked["code"]
            else:
                closed = int(asked["closed"]) << asked["bit"]
            hands[frame] = PanelInputs(closed, tuple(codes))
        return twin_heard(self.sound, self.controls, samples, hands, capture=self.capture)


@pytest.mark.parametrize(("board", "has_relay"), [("terrarium", False), ("125b", True)])
def test_a_pedal_whose_knobs_are_turned_has_the_bits_of_its_twin(
    chromium: Browser, tmp_path: Path, board: str, has_relay: bool
) -> None:
    sound, controls = planned((NANO,), board)
    hands = Hands(sound, controls)
    assert hands.has_relay == has_relay
    page = chromium.open(write_page(tmp_path / "page.html", pedal_module(sound, controls)))
    samples = music(128 * 200)
    asked = {frame: [one] for frame, one in Hands.ASKED.items()}
    heard = play(page, samples, options=hands.options(), asked=asked)
    assert heard.ready["latencyFrames"] == sound.chain.block_frames - 1
    assert_same_bits(heard.samples, hands.heard(samples))
    shown = [one["shown"] for one in heard.messages if "shown" in one]
    assert len({one["lit"] for one in shown}) > 1, "the lamp has not changed"
    assert chromium.said == []


class Feet(Hands):
    """A pedal of several captures whose second footswitch is pressed again and again."""

    ASKED: ClassVar[dict[int, dict[str, Any]]] = {
        128 * (20 + 40 * n): {"bit": 1, "closed": n % 2 == 0} for n in range(4)
    }


def test_a_pedal_that_goes_from_capture_to_capture_has_the_bits_of_its_twin(
    chromium: Browser, tmp_path: Path
) -> None:
    lstm = make_nam.write(tmp_path, make_nam.lstm(16, 1, metadata={"loudness": -18.0}), "lstm.nam")
    sound, controls = planned((NANO, lstm, A2), submodel="largest-that-fits")
    feet = Feet(sound, controls, capture=1)
    page = chromium.open(write_page(tmp_path / "page.html", pedal_module(sound, controls)))
    samples = np.tile(music(128 * 100), 2)
    asked = {frame: [one] for frame, one in Feet.ASKED.items()}
    heard = play(page, samples, options=feet.options(), asked=asked)
    assert_same_bits(heard.samples, feet.heard(samples))
    shown = [one["shown"]["capture"] for one in heard.messages if "shown" in one]
    assert list(dict.fromkeys(shown)) == [1, 2, 0]


def test_bypass_is_the_input_as_late_as_the_effect(chromium: Browser, tmp_path: Path) -> None:
    sound, controls = planned((NANO,))
    page = chromium.open(write_page(tmp_path / "page.html", pedal_module(sound, controls)))
    samples = music(128 * 10)
    heard = play(page, samples, asked={0: [{"bypass": True}]})
    late = heard.ready["latencyFrames"]
    assert_same_bits(heard.samples, np.concatenate([np.zeros(late, np.float32), samples[:-late]]))


def test_bypass_lets_nothing_through_that_is_no_number(chromium: Browser, tmp_path: Path) -> None:
    page = chromium.open(write_page(tmp_path / "page.html", module(example("nano"))))
    samples = music(128 * 10)
    samples[[300, 301, 302]] = np.nan, np.inf, -np.inf
    heard = play(page, samples, asked={0: [{"bypass": True}]})
    late = heard.ready["latencyFrames"]
    assert np.isfinite(samples).sum() == len(samples) - 3
    samples[[300, 301, 302]] = 0
    assert_same_bits(heard.samples[late:], samples[: len(samples) - late])


BROKEN = {
    "no module": (b"no module", "", "CompileError: "),
    "half a module": (None, "wasm: wasm.slice(0, wasm.length >> 1)", "CompileError: "),
    "another module": (b"\0asm\1\0\0\0", "", "is not a function"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_module_is_said(chromium: Browser, tmp_path: Path, name: str) -> None:
    data, options, text = BROKEN[name]
    page = chromium.open(write_page(tmp_path / "page.html", data or module(example("nano"))))
    told = page.value(
        f"open({{{options}}}, new Float32Array(256), 48000).then(() => 'it plays', String)"
    )
    assert text in told
    assert text in page.value("heard[0].error")


def test_another_sample_rate_is_said(chromium: Browser, tmp_path: Path) -> None:
    page = chromium.open(write_page(tmp_path / "page.html", module(example("nano"))))
    told = page.value("open({}, new Float32Array(256), 44100).then(() => 'it plays', String)")
    assert "expected a context of 48000 Hz, which the model is for, found 44100 Hz" in told


def test_a_trap_while_it_plays_is_said_and_silent(chromium: Browser, tmp_path: Path) -> None:
    page = chromium.open(write_page(tmp_path / "page.html", trapping()))
    heard = play(page, np.ones(128 * 8, np.float32))
    assert heard.messages[-1] == {"error": "RuntimeError: unreachable"}
    assert not heard.samples[128 * 4 :].any()
    assert heard.samples[:128].any()


def test_what_a_module_has_not_is_refused(chromium: Browser, tmp_path: Path) -> None:
    page = chromium.open(write_page(tmp_path / "page.html", module(example("nano"))))
    page.value("open({}, new Float32Array(256), 48000)")
    for message, text in {
        "{knob: 0, code: 5}": "this module has no panel",
        "{sound: 'bypass'}": "expected one of no sound_..., found sound_bypass",
        "{louder: 1}": "expected knob, bit, reset, bypass, sound or resumed, found louder",
    }.items():
        told = page.value(f"player.ask({message}).then(() => 'done', String)")
        assert text in told
    assert page.value("player.ask({reset: 0}).then(() => 'done', String)") == "done"
