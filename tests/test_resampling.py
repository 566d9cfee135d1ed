"""Impulse responses are made for the pedal's rate as NAM Core does it; nothing else is."""

from __future__ import annotations

from pathlib import Path

import make_nam
import numpy as np
import pytest

from namgen.build import build
from namgen.errors import UnsupportedError
from namgen.inspection import default_order, inspect
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.packages import package_of
from namgen.passes.resample import resample_taps
from namgen.reference import Reference
from namgen.selection.choosing import choose, select
from namgen.targets import load_target

Json = make_nam.Json
RESPONSE = np.float32([0.5, -0.25, 0.75, 0.125, -0.5, 0.0625, 0.3])


def chosen(folder: Path, document: Json | bytes, target: str = "daisy") -> Model:
    path = folder / "cab.nam"
    if isinstance(document, bytes):
        path.write_bytes(document)
    else:
        make_nam.write(folder, document, "cab.nam")
    return choose(read(path), default_order(target)).model


def by_hand(taps: np.ndarray, from_hz: int, to_hz: int) -> list[float]:
    """Catmull-Rom by its basis, one tap at a time."""
    basis = np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2
    found, k = [], 0
    while k * from_hz < len(taps) * to_hz:
        at, rest = divmod(k * from_hz, to_hz)
        near = [taps[i] if 0 <= i < len(taps) else 0.0 for i in range(at - 1, at + 3)]
        powers = (rest / to_hz) ** np.arange(4)
        found.append(float(powers @ basis @ near) * from_hz / to_hz)
        k += 1
    return found


@pytest.mark.parametrize(
    ("from_hz", "to_hz"), [(44100, 48000), (96000, 48000), (48000, 44100), (1, 3), (7, 2)]
)
def test_resampling_follows_the_cubic_through_four_points(from_hz: int, to_hz: int) -> None:
    found = resample_taps(RESPONSE, from_hz=from_hz, to_hz=to_hz)
    np.testing.assert_allclose(found, by_hand(RESPONSE, from_hz, to_hz), rtol=2e-7, atol=1e-9)


def test_resampling_to_the_same_rate_changes_nothing() -> None:
    np.testing.assert_array_equal(resample_taps(RESPONSE, from_hz=48000, to_hz=48000), RESPONSE)


def test_a_resampled_response_sounds_like_the_one_in_the_file() -> None:
    time = np.arange(441) / 44100
    taps = (np.exp(-300 * time) * np.sin(2000 * time) / 50).astype(np.float32)
    found = resample_taps(taps, from_hz=44100, to_hz=48000)
    for hz in (200, 1000, 3000):
        before = abs(taps @ np.exp(-2j * np.pi * hz * np.arange(taps.size) / 44100))
        after = abs(found @ np.exp(-2j * np.pi * hz * np.arange(found.size) / 48000))
        assert 0.98 < after / before < 1.02, hz


@pytest.mark.parametrize("as_wav", [True, False])
def test_taps_are_resampled_for_a_pedal_of_another_rate(tmp_path: Path, as_wav: bool) -> None:
    document: Json | bytes = make_nam.linear(7, bias=False, sample_rate=44100)
    if as_wav:
        document = make_nam.wav(RESPONSE, rate_hz=44100)
    else:
        document["weights"] = RESPONSE.tolist()
    model = chosen(tmp_path, document)
    impulse = np.eye(1, 8, dtype=np.float32)
    expected = resample_taps(RESPONSE, from_hz=44100, to_hz=48000)
    np.testing.assert_array_equal(Reference(model).process(impulse)[0], expected)
    assert (model.sample_rate_hz, model.resampled_from_hz) == (48000, 44100)
    assert model.options == ("taps resampled from 44100 to 48000 Hz",)


def test_the_bias_and_every_path_of_a_resampled_linear_stay(tmp_path: Path) -> None:
    model = chosen(tmp_path, make_nam.linear(4, inputs=2, outputs=1, sample_rate=96000))
    values = np.float32(make_nam.weights(9))
    paths = resample_taps(values[:8].reshape(2, 4), from_hz=96000, to_hz=48000)
    np.testing.assert_array_equal(model.network.conv.weight, paths[None, :, ::-1])
    np.testing.assert_array_equal(model.network.conv.bias, values[8:])


def test_a_chain_of_responses_is_resampled_whole(tmp_path: Path) -> None:
    inner = make_nam.sequential(make_nam.linear(5, sample_rate=None), sample_rate=None)
    document = make_nam.sequential(make_nam.linear(9), inner, sample_rate=96000)
    document["config"]["models"][0]["sample_rate"] = 96000
    first, second = chosen(tmp_path, document).network.networks
    assert (first.conv.kernel_size, second.networks[0].conv.kernel_size) == (5, 3)


@pytest.mark.parametrize("kind", ["a1", "lstm", "convnet", "chain", "passing"])
def test_what_is_no_impulse_response_keeps_its_rate(tmp_path: Path, kind: str) -> None:
    rate = {"sample_rate": 44100}
    passing = make_nam.lstm(3, 1, **rate)
    passing["config"]["num_layers"] = 0
    passing["weights"] = make_nam.weights(4)
    document = {
        "a1": make_nam.a1(**rate),
        "lstm": make_nam.lstm(**rate),
        "convnet": make_nam.convnet(**rate),
        "chain": make_nam.sequential(make_nam.linear(**rate), make_nam.a1(**rate), **rate),
        "passing": passing,
    }[kind]
    model = chosen(tmp_path, document)
    assert (model.sample_rate_hz, model.resampled_from_hz, model.options) == (44100, None, ())
    order = default_order("daisy")
    found = select(read(tmp_path / "cab.nam"), order)
    with pytest.raises(UnsupportedError, match="runs at 48000 Hz, the model at 44100 Hz"):
        package_of(order.target).check(found.model, found.plan)


def test_taps_of_an_unknown_rate_are_left_alone(tmp_path: Path) -> None:
    model = chosen(tmp_path, make_nam.linear(5, sample_rate=None))
    assert model.network.conv.kernel_size == 5
    assert (model.sample_rate_hz, model.rate_is_assumed) == (48000, True)


def test_a_host_takes_the_taps_as_they_are(tmp_path: Path) -> None:
    model = chosen(tmp_path, make_nam.wav(RESPONSE, rate_hz=44100), "host")
    assert (model.sample_rate_hz, model.options) == (44100, ())


def test_a_response_that_would_have_millions_of_taps_is_refused(tmp_path: Path) -> None:
    file = make_nam.write(tmp_path, make_nam.linear(100, sample_rate=1))
    with pytest.raises(UnsupportedError, match="100 taps at 1 Hz would be 4800000 at 48000"):
        lower(read(file), rate_hz=48000)


def test_inspect_and_build_say_that_taps_were_resampled(tmp_path: Path) -> None:
    path = tmp_path / "cab.wav"
    path.write_bytes(make_nam.wav(RESPONSE, rate_hz=44100))
    fits = {fit.target: fit for fit in inspect(path).networks[0].fits}
    assert fits["daisy"].fits
    assert fits["daisy"].reason.endswith("taps resampled to 48000 Hz")
    assert "resampled" not in fits[load_target("host").name].reason
    made = build(path, target="daisy", out_dir=tmp_path / "out")
    assert made.contents["model"]["resampled_from_hz"] == 44100
    assert "taps resampled from 44100 to 48000 Hz" in made.contents["model"]["options"]
    texts = "".join(p.read_text("utf-8") for p in (tmp_path / "out").glob("*.[ch]"))
    assert "taps resampled from 44100 to 48000 Hz" in texts
