"""A WAV of any rate, length and channels becomes a response that is short, level and true."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from make_nam import wav

from namgen.chain.impulse import Impulse, Recording, prepare, read_impulse
from namgen.chain.minimum_phase import minimum_phase
from namgen.chain.turns import Complex, exponential, inverse, logarithm, roots, transform
from namgen.errors import FileError

F64 = npt.NDArray[np.float64]

RATE_HZ = 48_000
LEVEL = 10 ** (-18 / 20)


def cabinet(frames: int = 8000, *, silence: int = 60, rate_hz: int = RATE_HZ) -> F64:
    """A resonance at 110 Hz, one at 2.5 kHz, a little of everything above, after some silence."""
    time = np.arange(frames) / rate_hz
    low = np.exp(-time * 180) * np.sin(2 * np.pi * 110 * time) * 0.3
    high = np.exp(-time * 2500) * np.sin(2 * np.pi * 2500 * time)
    click = np.exp(-time * 20_000)
    return np.concatenate([np.zeros(silence), (low + high + 0.3 * click) / 1.3])[:frames]


def recording(samples: npt.ArrayLike, rate_hz: int = RATE_HZ) -> Recording:
    return Recording("cab.wav", np.atleast_2d(np.asarray(samples, np.float32)), rate_hz)


def told(impulse: Impulse) -> dict[str, str]:
    return {done.what: done.text for done in impulse.steps}


def smoothed_db(taps: F64, rate_hz: int = RATE_HZ) -> tuple[F64, F64]:
    """Power in twelfths of an octave by NumPy's own transform, and the frequencies."""
    count = 1 << 15
    power = np.abs(np.fft.rfft(taps, count)) ** 2
    frequencies = np.fft.rfftfreq(count, 1 / rate_hz)
    until = np.concatenate([[0], np.cumsum(power)])
    first = np.floor(np.arange(len(power)) * 2 ** (-1 / 24)).astype(int)
    end = np.minimum(np.ceil(np.arange(len(power)) * 2 ** (1 / 24)).astype(int) + 1, len(power))
    return 10 * np.log10((until[end] - until[first]) / (end - first)), frequencies


def departure_db(taps: F64, whole: F64) -> float:
    """The largest difference between 80 Hz and 16 kHz, where the response is not 45 dB down."""
    (found, frequencies), (expected, _) = smoothed_db(taps), smoothed_db(whole)
    heard = (frequencies >= 80) & (frequencies <= 16_000) & (expected > expected.max() - 45)
    return float(np.abs(found - expected)[heard].max())


@pytest.mark.parametrize("with_minimum_phase", [False, True])
def test_the_length_chosen_keeps_the_response_within_half_a_decibel(
    with_minimum_phase: bool,
) -> None:
    whole = cabinet()
    made = prepare(recording(whole), rate_hz=RATE_HZ, with_minimum_phase=with_minimum_phase)
    taps = made.response.taps / LEVEL
    assert len(taps) < 3000
    assert departure_db(taps, whole) <= 0.52
    assert abs(made.deviation_db - departure_db(taps, whole)) < 0.03
    shorter = prepare(recording(whole), rate_hz=RATE_HZ, length=len(taps) // 2)
    assert shorter.deviation_db > 0.5
    assert "more than 0.5 dB" in told(shorter)["length"]


def test_every_step_is_told() -> None:
    stereo = np.stack([cabinet(rate_hz=44_100), np.zeros(8000)])
    made = prepare(recording(stereo, 44_100), rate_hz=RATE_HZ, with_minimum_phase=True)
    steps = told(made)
    assert list(steps) == ["channels", "rate", "silence", "phase", "length", "level"]
    assert steps["channels"] == "the first of 2 channels is used"
    assert steps["rate"] == "resampled from 44100 to 48000 Hz: 8000 samples became 8708"
    assert steps["silence"].endswith("of silence before it were cut")
    assert steps["length"].startswith(f"{len(made.response.taps)} of ")
    assert steps["level"] == "-18 dB at 48000 Hz, as the NAM plug-in has it"
    bare = prepare(recording([1.0, 0.5, 0.25]), rate_hz=RATE_HZ)
    assert told(bare) == {"length": "all 3 taps", "level": steps["level"]}


def test_the_level_is_the_plug_ins() -> None:
    """-18 dB times 48 000 / rate; resampling leaves the values as they are."""
    made = prepare(recording([1.0, 0.5]), rate_hz=RATE_HZ)
    np.testing.assert_allclose(made.response.taps, [LEVEL, LEVEL / 2], rtol=1e-12)
    slow = prepare(recording([1.0, 0.5], 96_000), rate_hz=96_000)
    np.testing.assert_allclose(slow.response.taps, [LEVEL / 2, LEVEL / 4], rtol=1e-12)
    hill = np.hanning(400).astype(np.float32)
    made = prepare(recording(hill, 44_100), rate_hz=RATE_HZ)
    assert abs(made.response.taps.max() / LEVEL - 1) < 1e-3


def test_silence_before_it_is_cut_and_the_end_fades() -> None:
    whole = cabinet(silence=480)
    made = prepare(recording(whole), rate_hz=RATE_HZ, length=512)
    taps = made.response.taps / LEVEL
    start = 480 - 4 + int(np.argmax(np.abs(whole[480:]) > 0.01 * np.abs(whole).max()))
    np.testing.assert_allclose(taps[:384], whole[start : start + 384], atol=1e-7)
    assert len(taps) == 512
    fade = 0.5 + 0.5 * np.cos(np.pi * (np.arange(128) + 0.5) / 128)
    np.testing.assert_allclose(taps[384:], whole[start + 384 : start + 512] * fade, atol=1e-7)


def test_minimum_phase_keeps_the_magnitude_and_brings_energy_forward() -> None:
    taps = np.concatenate([np.zeros(40), cabinet(2000, silence=0)])
    early = minimum_phase(taps)
    assert departure_db(early, taps) < 0.01
    assert (early[:40] ** 2).sum() > 0.1 * (early**2).sum()
    running = np.cumsum(early**2) - np.cumsum(taps**2)
    assert running.min() > -1e-6 * (taps**2).sum()


def test_silence_stays_silence() -> None:
    made = prepare(recording(np.zeros(100)), rate_hz=RATE_HZ, with_minimum_phase=True)
    assert not made.response.taps.any()


@pytest.mark.parametrize("sample", ["u1", "i2", "i3", "i4", "f4", "f8"])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_any_wav_is_read(tmp_path: Path, sample: str, channels: int) -> None:
    path = tmp_path / "cab.wav"
    samples = np.random.default_rng(1).uniform(-0.9, 0.9, (30, channels))
    path.write_bytes(wav(samples, sample=sample, rate_hz=96_000))
    found = read_impulse(path)
    assert (found.name, found.rate_hz, found.samples.shape) == ("cab.wav", 96_000, (channels, 30))
    np.testing.assert_allclose(found.samples.T, samples, atol=1 / 64)


def test_what_is_no_response_is_refused_by_name(tmp_path: Path) -> None:
    for data, words in (
        (b"{}", "expected an impulse response \\(WAV\\), found a file of another kind"),
        (wav(np.zeros((0, 2))), "found a WAV file without samples"),
        (wav(np.zeros((1 << 18) + 1)), "a recording of 262145"),
        (wav(np.zeros(30)), "found silence"),
        (wav(np.array([[0.0, 0.5]])), "found silence in the first channel"),
        (b"", "expected an impulse response \\(WAV\\), found an empty file"),
    ):
        path = tmp_path / "cab.wav"
        path.write_bytes(data)
        with pytest.raises(FileError, match=words):
            read_impulse(path)
    with pytest.raises(FileError, match=r"expected an impulse response .*, found a directory"):
        read_impulse(tmp_path)


def test_the_transforms_are_those_of_numpy_to_a_few_last_places() -> None:
    rng = np.random.default_rng(2)
    x = Complex(rng.standard_normal(1024), rng.standard_normal(1024))
    found, expected = transform(x), np.fft.fft(x.re + 1j * x.im)
    assert np.abs(found.re + 1j * found.im - expected).max() < 1e-12
    back = inverse(found)
    assert np.abs(back.re - x.re).max() < 1e-14
    root = roots(1000)
    turns = np.exp(-2j * np.pi * np.arange(1000) / 1000)
    assert np.abs(root.re + 1j * root.im - turns).max() < 2e-15


def test_logarithm_and_exponential_are_those_of_numpy() -> None:
    x = np.geomspace(1e-30, 1e30, 3000)
    np.testing.assert_allclose(logarithm(x), np.log(x), rtol=1e-15, atol=4e-16)
    re, im = np.linspace(-60, 60, 3000), np.linspace(-300, 300, 3000)
    found, expected = exponential(Complex(re, im)), np.exp(re + 1j * im)
    assert (np.abs(found.re + 1j * found.im - expected) / np.abs(expected)).max() < 1e-13
    assert math.isclose(float(exponential(Complex(np.zeros(1), np.zeros(1))).re[0]), 1.0)
