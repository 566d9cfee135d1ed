"""A recording of a guitar is read from any WAV that holds one; everything else is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import make_nam
import numpy as np
import pytest

from namgen.errors import FileError
from namgen.fixed import signals
from namgen.fixed.model import in_fixed_point
from namgen.lower import lower
from namgen.nam_file import read
from namgen.nam_file.limits import MAX_RECORDING_BYTES
from namgen.selection.recording import Recording, read_recording

RATE_HZ = 48000
GUITAR = signals.guitar(5, RATE_HZ)


def recorded(folder: Path, data: bytes) -> Recording:
    path = folder / "my.wav"
    path.write_bytes(data)
    return read_recording(path)


@pytest.mark.parametrize(
    ("sample", "exact"),
    [("u1", 1 / 128), ("i2", 2**-15), ("i3", 2**-23), ("i4", 2**-31), ("f4", 0), ("f8", 0)],
)
def test_every_sample_format_gives_the_same_playing(
    tmp_path: Path, sample: str, exact: float
) -> None:
    found = recorded(tmp_path, make_nam.wav(GUITAR, sample=sample)).at(RATE_HZ)
    np.testing.assert_allclose(found, GUITAR, rtol=0, atol=exact)


def test_the_first_of_several_channels_is_read(tmp_path: Path) -> None:
    stereo = np.stack([GUITAR, np.zeros_like(GUITAR)], axis=1)
    np.testing.assert_array_equal(
        recorded(tmp_path, make_nam.wav(stereo, sample="f4")).at(RATE_HZ), GUITAR
    )
    with pytest.raises(FileError, match="found silence in the first channel"):
        recorded(tmp_path, make_nam.wav(stereo[:, ::-1], sample="f4"))


@pytest.mark.parametrize("rate_hz", [22050, 44100, 96000, 192000])
def test_another_rate_leaves_pitch_and_level_as_they_are(tmp_path: Path, rate_hz: int) -> None:
    def tone(hz: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return (0.7 * np.sin(2 * np.pi * 440 * np.arange(hz) / hz)).astype(np.float32)

    data = make_nam.wav(tone(rate_hz), sample="f4", rate_hz=rate_hz)
    found = recorded(tmp_path, data).at(RATE_HZ)
    assert found.shape == (RATE_HZ,)
    np.testing.assert_allclose(found[9:-9], tone(RATE_HZ)[9:-9], rtol=0, atol=1e-3)


def test_what_is_beyond_the_door_of_a_network_is_clipped(tmp_path: Path) -> None:
    hot = recorded(tmp_path, make_nam.wav(GUITAR * np.float32(1e30), sample="f4")).at(RATE_HZ)
    assert (float(hot.min()), float(hot.max())) == (-2.0, 2.0)


EXTREME: dict[str, Callable[[], np.ndarray[tuple[int], np.dtype[np.float32]]]] = {
    "very quiet": lambda: GUITAR * np.float32(1e-6),
    "very hot": lambda: np.clip(GUITAR * np.float32(1e30), -2, 2),
    "one sample of 24 bits": lambda: np.float32(2**-23) * (np.arange(RATE_HZ) == 7),
    "one denormal": lambda: np.float32(1e-44) * (np.arange(RATE_HZ) == 7),
    "a constant": lambda: np.ones(RATE_HZ, np.float32),
}


@pytest.mark.parametrize("which", EXTREME)
def test_integers_are_found_for_any_playing(tmp_path: Path, which: str) -> None:
    model = lower(read(make_nam.write(tmp_path, make_nam.a2(2), "small.nam")))
    played = EXTREME[which]().astype(np.float32)
    made = in_fixed_point(model, "fixed16", calibration=played)
    assert max(bound.share for bound in made.quantised.bounds) < 1
    assert all(math.isfinite(row.snr_db) for row in made.quality.signals)


LENGTHS = "a guitar recording of 1 to 30 s, at 8000 Hz 8000 to 240000 samples, found"
WRONG: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "found an empty file"),
    "no samples": (
        make_nam.wav(GUITAR[:0]),
        "expected a guitar recording, found a WAV file without samples",
    ),
    "too short": (make_nam.wav(GUITAR[:7999], rate_hz=8000), f"{LENGTHS} 7999"),
    "too long": (
        make_nam.wav(np.ones(240001), sample="u1", rate_hz=8000),
        f"{LENGTHS} 240001",
    ),
    "silent": (
        make_nam.wav(np.zeros(RATE_HZ)),
        "expected a guitar recording (WAV) of 1 to 30 s, found silence",
    ),
    "cut off": (make_nam.wav(GUITAR)[:-7], "the file is cut off"),
    "not finite": (
        make_nam.wav(np.where(np.arange(RATE_HZ) == 3, np.nan, GUITAR), sample="f4"),
        "sample 3: expected a finite number, found nan",
    ),
    "FLAC": (b"fLaC....", "found a FLAC audio file; namgen reads audio as WAV, so convert it"),
    "Ogg": (b"OggS....", "found an Ogg audio file; namgen reads audio as WAV, so convert it"),
    "MP3": (b"ID3.....", "found an MP3 audio file; namgen reads audio as WAV, so convert it"),
    "64 bits": (b"RF64....", "found a WAV file in the 64-bit form (RF64); "),
    "a capture": (b'{"architecture": "LSTM"}', "found a file of another kind"),
}


@pytest.mark.parametrize("which", WRONG)
def test_what_is_no_recording_is_refused(tmp_path: Path, which: str) -> None:
    data, expected = WRONG[which]
    with pytest.raises(FileError) as caught:
        recorded(tmp_path, data)
    (line,) = caught.value.lines
    assert line.startswith(str(tmp_path / "my.wav: "))
    assert "expected" in line
    assert expected in line


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "my.wav"
    with path.open("wb") as file:
        file.write(make_nam.wav(GUITAR))
        file.truncate(MAX_RECORDING_BYTES + 1)
    with pytest.raises(FileError, match=r"of 1 to 30 s, found a recording .WAV. \(67108865 bytes"):
        read_recording(path)


def test_no_file_is_told_with_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"expected a guitar recording .* found no such file"):
        read_recording(tmp_path / "gone.wav")
