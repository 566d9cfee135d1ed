"""A mono WAV impulse response is read as a Linear without bias; other WAV files are refused."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from make_nam import wav

from namgen.errors import FileError
from namgen.lower import lower
from namgen.nam_file import read
from namgen.nam_file.types import LinearConfig
from namgen.reference import Reference

FIELD = Path(__file__).resolve().parents[2] / "shared" / "field"
TAPS = np.float32([0.5, -0.25, 0.125, 0.0, -1.0])


def refused(folder: Path, data: bytes) -> str:
    path = folder / "cab.wav"
    path.write_bytes(data)
    with pytest.raises(FileError) as caught:
        read(path)
    (line,) = caught.value.lines
    return line.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("sample", "exact"),
    [("u1", 1 / 128), ("i2", 0), ("i3", 0), ("i4", 0), ("f4", 0), ("f8", 0)],
)
@pytest.mark.parametrize("extensible", [False, True])
def test_every_sample_format_gives_the_same_taps(
    tmp_path: Path, sample: str, exact: float, extensible: bool
) -> None:
    path = tmp_path / "cab.wav"
    path.write_bytes(wav(TAPS, sample=sample, rate_hz=44100, extensible=extensible))
    file = read(path)
    assert (file.kind, file.name, file.warnings) == ("wav", "cab.wav", ())
    assert file.model.config == LinearConfig(1, 1, 5, bias=False)
    assert file.model.sample_rate_hz == 44100
    np.testing.assert_allclose(file.model.weights, TAPS, rtol=0, atol=exact)


def test_the_answer_to_an_impulse_is_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cab.nam"  # the bytes say what it is, not the name
    path.write_bytes(wav(TAPS, sample="f4"))
    impulse = np.eye(1, 7, dtype=np.float32)
    out = Reference(lower(read(path))).process(impulse)
    np.testing.assert_array_equal(out[0], [*TAPS, 0, 0])


def test_chunks_before_and_after_the_samples_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "cab.wav"
    path.write_bytes(wav(TAPS, sample="i2", extra=(b"LIST", b"odd")))
    np.testing.assert_array_equal(read(path).model.weights, TAPS)


WRONG: dict[str, tuple[bytes, str]] = {
    "stereo": (
        wav(np.zeros((4, 2)), sample="i2"),
        "a mono impulse response, found 2 channels; keep",
    ),
    "no samples": (
        wav(TAPS[:0], sample="i2"),
        "an impulse response, found a WAV file without samples",
    ),
    "cut off": (
        wav(TAPS, sample="i2")[:-3],
        "10 bytes of samples, as the WAV header says, found 7",
    ),
    "never finished": (
        wav(TAPS, sample="i2").replace(b"data\x0a\0\0\0", b"data\xff\xff\xff\xff"),
        "an impulse response, found a WAV file whose header was never finished",
    ),
    "no format": (b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd", "a WAV file, found one without its format"),
    "only a header": (b"RIFF\0\0\0\0WAVE", "a WAV file, found one without its format"),
    "not a number": (
        wav(np.float32([0, 1, np.nan]), sample="f4"),
        "sample 2: expected a finite number, found nan",
    ),
    "too large for a float32": (
        wav(np.float64([1e300]), sample="f8"),
        "sample 0: expected a finite number, found inf",
    ),
    "compressed": (
        wav(TAPS, sample="i2").replace(struct.pack("<HH", 1, 1), struct.pack("<HH", 2, 1), 1),
        "32 or 64-bit floats, found format 2 with 16 bits",
    ),
    "rate 0": (wav(TAPS, sample="i2", rate_hz=0), "a sample rate from 1 to 768000 Hz, found 0"),
    "too long": (
        wav(np.zeros(2**18 + 1), sample="u1"),
        "an impulse response of at most 262144 samples, found a recording of 262145",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wav_that_is_no_impulse_response_is_refused(tmp_path: Path, name: str) -> None:
    data, expected = WRONG[name]
    line = refused(tmp_path, data)
    assert "expected" in line
    assert expected in line


def test_silence_is_read_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "cab.wav"
    path.write_bytes(wav(np.zeros(9), sample="i2"))
    assert read(path).warnings == ("all 9 samples are zero: it will be silent",)


@pytest.mark.parametrize("file", ["datasize0.wav", "truncated.wav"])
def test_broken_wavs_from_the_field_are_refused(file: str) -> None:
    if not FIELD.is_dir():
        pytest.skip("no files from the field: shared/field is not there")
    with pytest.raises(FileError, match="expected"):
        read(FIELD / file)


def test_any_cut_of_a_wav_is_refused_in_one_line(tmp_path: Path) -> None:
    whole = wav(TAPS, sample="f4", extensible=True)
    for length in range(len(whole)):
        assert "expected" in refused(tmp_path, whole[:length])
