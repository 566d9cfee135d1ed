"""The committed example models: their shape, their weights in order, and how close they sound."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

F64: TypeAlias = npt.NDArray[np.float64]

EXAMPLES = Path(__file__).parent.parent / "examples"
ESR_LIMIT = 0.05
UNHEARD_SEED = 4242  # neither trained on nor validated on by examples/train.py
MODELS = ("lite", "full", "nano")
COUNTS = {"lite": 1871, "full": 12146, "nano": 842}
A2_KERNELS = [6] * 14 + [15] * 2 + [6] * 7
A2_DILATIONS = [1, 3, 7, 17, 41, 101, 239] * 2 + [1, 13] + [1, 3, 7, 17, 41, 101, 239]
NANO_DILATIONS = [
    [1, 2, 4, 8, 16, 32, 64],
    [128, 256, 512, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
]
FILMS = {
    f"{place}_film"
    for place in (
        "conv_pre",
        "conv_post",
        "input_mixin_pre",
        "input_mixin_post",
        "activation_pre",
        "activation_post",
        "layer1x1_post",
        "head1x1_post",
    )
}


def load(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    return parsed


def model(kind: str) -> dict[str, Any]:
    """The WaveNet object of one trained network, taken out of its container where it has one."""
    if kind == "nano":
        return load("tweed-nano.nam")
    submodels = load("tweed-a2.nam")["config"]["submodels"]
    inner: dict[str, Any] = submodels[MODELS.index(kind)]["model"]
    return inner


def script(name: str) -> ModuleType:
    """A module of `examples/`, which is a folder of scripts and not a package."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Evaluator:
    """A WaveNet `.nam` object in float64, whole signals at a time, from endless silence.

    Shares nothing with the generator or with the training script: it walks the weight list itself.
    """

    def __init__(self, nam: dict[str, Any]) -> None:
        self.layers = nam["config"]["layers"]
        self.stream: Iterator[float] = iter(nam["weights"])

    def take(self, *shape: int) -> F64:
        count = int(np.prod(shape))
        return np.array([next(self.stream) for _ in range(count)]).reshape(shape)

    def weight(self, outputs: int, inputs: int, kernel: int) -> F64:
        """One convolution's weights; the file stores tap after tap, oldest first."""
        return self.take(outputs, inputs, kernel)

    def conv(self, x: F64, outputs: int, kernel: int, dilation: int, *, bias: bool) -> F64:
        """Causal convolution of x (channels, frames), tap 0 oldest."""
        weight = self.weight(outputs, x.shape[0], kernel)
        frames = x.shape[1] - (kernel - 1) * dilation
        taps = (weight[:, :, k] @ x[:, k * dilation : k * dilation + frames] for k in range(kernel))
        total: F64 = sum(taps, np.zeros((outputs, frames)))
        return total + self.take(outputs, 1) if bias else total

    def layer(self, x: F64, audio: F64, array: dict[str, Any], index: int) -> tuple[F64, F64]:
        """(residual, contribution to the head), each (channels, fewer frames)."""
        kernel = array["kernel_sizes"][index] if "kernel_sizes" in array else array["kernel_size"]
        channels = array["channels"]
        z = self.conv(x, channels, kernel, array["dilations"][index], bias=True)
        z += self.take(channels, 1) * audio[:, -z.shape[1] :]
        v = np.tanh(z) if array["activation"] == "Tanh" else np.where(z > 0, z, 0.01 * z)
        return x[:, -v.shape[1] :] + self.conv(v, channels, 1, 1, bias=True), v

    def array(self, x: F64, audio: F64, skip: F64, array: dict[str, Any]) -> tuple[F64, F64]:
        """(residual, head output) of one layer array."""
        y = self.conv(x, array["channels"], 1, 1, bias=False)
        for index in range(len(array["dilations"])):
            y, v = self.layer(y, audio, array, index)
            skip = skip[:, -v.shape[1] :] + v
        head = array.get("head") or {
            "out_channels": array["head_size"],
            "kernel_size": 1,
            "bias": array["head_bias"],
        }
        return y, self.conv(skip, head["out_channels"], head["kernel_size"], 1, bias=head["bias"])

    def run(self, audio: F64) -> F64:
        """(frames,) in and out; every weight must be used exactly once."""
        padding = receptive_field(self.layers) - 1
        x = source = np.pad(audio, (padding, 0))[None]
        skip = np.zeros((1, x.shape[1]))
        for array in self.layers:
            x, skip = self.array(x, source, skip, array)
        (scale,) = self.stream
        out: F64 = scale * skip[0]
        return out


class NewestTapFirst(Evaluator):
    """The same network with its taps read from the wrong end."""

    def weight(self, outputs: int, inputs: int, kernel: int) -> F64:
        return super().weight(outputs, inputs, kernel)[:, :, ::-1]


def receptive_field(layers: list[dict[str, Any]]) -> int:
    total = 1
    for array in layers:
        dilations = array["dilations"]
        kernels = array.get("kernel_sizes") or [array["kernel_size"]] * len(dilations)
        total += sum((k - 1) * d for k, d in zip(kernels, dilations, strict=True))
        total += (array.get("head") or {"kernel_size": 1})["kernel_size"] - 1
    return total


def esr(output: F64, target: F64) -> float:
    return float(np.sum((output - target) ** 2) / np.sum(target**2))


@pytest.fixture(scope="module")
def unheard() -> tuple[F64, F64]:
    """(dry, wet): two seconds of playing from a seed of its own, and the circuit's answer."""
    dry = script("guitar").improvise(2.0, UNHEARD_SEED)
    return dry, script("circuit").simulate(dry)


@pytest.mark.parametrize("kind", MODELS)
def test_each_model_sounds_like_the_circuit(kind: str, unheard: tuple[F64, F64]) -> None:
    dry, wet = unheard
    assert esr(Evaluator(model(kind)).run(dry), wet) < ESR_LIMIT


@pytest.mark.parametrize("kind", MODELS)
def test_taps_in_reverse_order_would_not_sound_like_the_circuit(
    kind: str, unheard: tuple[F64, F64]
) -> None:
    dry, wet = unheard
    assert esr(NewestTapFirst(model(kind)).run(dry), wet) > 2 * ESR_LIMIT


@pytest.mark.parametrize("kind", MODELS)
def test_each_model_has_the_weights_its_preset_implies(kind: str) -> None:
    assert len(model(kind)["weights"]) == COUNTS[kind]


@pytest.mark.parametrize("kind", MODELS)
def test_every_weight_is_a_float32_in_its_shortest_spelling(kind: str) -> None:
    for value in model(kind)["weights"]:
        assert np.format_float_scientific(np.float32(value)) == np.format_float_scientific(value)


@pytest.mark.parametrize("kind", MODELS)
def test_the_head_scale_is_the_last_weight(kind: str) -> None:
    nam = model(kind)
    assert nam["config"]["head_scale"] == nam["weights"][-1]


@pytest.mark.parametrize("kind", MODELS)
def test_each_model_states_its_rate_and_a_held_out_error_below_the_limit(kind: str) -> None:
    nam = model(kind)
    assert nam["sample_rate"] == 48000
    assert 0 < nam["metadata"]["training"]["validation_esr"] < ESR_LIMIT
    assert -40 < nam["metadata"]["loudness"] < 0


@pytest.mark.parametrize("kind", MODELS)
def test_the_readme_states_the_error_each_file_carries(kind: str) -> None:
    score = model(kind)["metadata"]["training"]["validation_esr"]
    rows = (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    (row,) = [row for row in rows if f"| {COUNTS[kind]} |" in row]
    assert f"| {score:.4f} |" in row


def test_the_container_is_an_a2_file_with_lite_first() -> None:
    nam = load("tweed-a2.nam")
    assert (nam["version"], nam["architecture"]) == ("0.7.0", "SlimmableContainer")
    assert nam["weights"] == []
    assert nam["sample_rate"] == 48000
    assert [entry["max_value"] for entry in nam["config"]["submodels"]] == [0.5, 1.0]
    assert nam["metadata"]["loudness"] == model("full")["metadata"]["loudness"]


@pytest.mark.parametrize(("kind", "channels"), [("lite", 3), ("full", 8)])
def test_the_submodels_have_exactly_the_a2_shape(kind: str, channels: int) -> None:
    nam = model(kind)
    (array,) = nam["config"]["layers"]
    assert (nam["version"], nam["architecture"]) == ("0.7.0", "WaveNet")
    assert array["channels"] == array["bottleneck"] == channels
    assert (array["kernel_sizes"], array["dilations"]) == (A2_KERNELS, A2_DILATIONS)
    assert array["activation"] == [{"type": "LeakyReLU", "negative_slope": 0.01}] * 23
    assert array["head"] == {"out_channels": 1, "kernel_size": 16, "bias": True}
    assert array["layer1x1"] == {"active": True, "groups": 1}
    assert {key for key in array if key.endswith("_film")} == FILMS
    assert not any(array[film]["active"] for film in FILMS)
    assert receptive_field(nam["config"]["layers"]) == 6347


def test_the_nano_has_the_a1_shape_in_the_old_spelling() -> None:
    nam = model("nano")
    arrays = nam["config"]["layers"]
    assert (nam["version"], nam["architecture"]) == ("0.5.4", "WaveNet")
    assert [a["dilations"] for a in arrays] == NANO_DILATIONS
    assert [(a["input_size"], a["channels"], a["head_size"]) for a in arrays] == [
        (1, 4, 2),
        (4, 2, 1),
    ]
    assert [a["head_bias"] for a in arrays] == [False, True]
    assert all(a["kernel_size"] == 3 and a["activation"] == "Tanh" for a in arrays)
    assert all(a["gated"] is False and "head" not in a for a in arrays)
    assert receptive_field(arrays) == 4093


def test_the_guitar_file_is_what_the_script_plays() -> None:
    guitar = script("guitar")
    stored, rate = soundfile.read(EXAMPLES / "guitar.wav")
    played = guitar.play(guitar.RIFF, np.random.default_rng(guitar.RIFF_SEED))
    assert rate == 48000
    assert 4 * rate <= stored.size <= 6 * rate
    assert stored.ndim == 1
    np.testing.assert_allclose(stored, played, rtol=0, atol=2e-6)


def test_the_circuit_distorts_loud_playing_and_passes_soft_playing() -> None:
    circuit = script("circuit")
    sine = np.sin(2 * np.pi * 220 * np.arange(24000) / 48000)
    gain = {level: circuit.simulate(level * sine).std() / level for level in (0.001, 0.01, 0.9)}
    assert gain[0.01] == pytest.approx(gain[0.001], rel=0.01)
    assert gain[0.9] < 0.5 * gain[0.01]


def test_silence_into_the_circuit_is_silence_out() -> None:
    circuit = script("circuit")
    assert np.abs(circuit.simulate(np.zeros(4800))).max() < 1e-6
