"""Rendering keeps length and rate, takes every sample format, and leaves whole files or none."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from host_sim.render import CHUNK_FRAMES, Format, Rendered, render
from namgen.arithmetic import F32
from namgen.errors import NamgenError, OutputError

RATE = 48000
MONO = Format(1, 1, RATE)


class Through:
    """An engine that returns its input times `gain`."""

    def __init__(self, gain: float = 1.0) -> None:
        self._gain = np.float32(gain)

    def reset(self) -> None:
        pass

    def process(self, samples: F32) -> F32:
        return samples * self._gain


class Broken(Through):
    """An engine that fails in the middle."""

    def process(self, samples: F32) -> F32:
        raise NamgenError("engine: broken")


def tone(frames: int, rate: int = RATE, channels: int = 1) -> F32:
    seconds = np.arange(frames)[:, None] / rate
    return (0.5 * np.sin(2 * np.pi * 440 * seconds * (1 + np.arange(channels)))).astype(np.float32)


def wav(folder: Path, samples: F32, rate: int = RATE, subtype: str = "FLOAT") -> Path:
    path = folder / "in.wav"
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def played(path: Path) -> F32:
    samples: F32 = soundfile.read(path, dtype="float32", always_2d=True)[0]
    return samples


@pytest.mark.parametrize("frames", [1, CHUNK_FRAMES, 2 * CHUNK_FRAMES + 77])
def test_float_in_is_float_out_to_the_bit(tmp_path: Path, frames: int) -> None:
    done = render(Through(), MONO, wav(tmp_path, tone(frames)), tmp_path / "out.wav")
    assert done.frames == frames
    np.testing.assert_array_equal(played(tmp_path / "out.wav"), tone(frames))


@pytest.mark.parametrize("subtype", ["float32", "pcm24"])
def test_no_date_gets_into_the_file(tmp_path: Path, subtype: str) -> None:
    source = wav(tmp_path, tone(500))
    render(Through(), MONO, source, tmp_path / "now.wav", subtype=subtype)
    time.sleep(1.1)
    render(Through(), MONO, source, tmp_path / "later.wav", subtype=subtype)
    assert (tmp_path / "now.wav").read_bytes() == (tmp_path / "later.wav").read_bytes()


@pytest.mark.parametrize(("subtype", "bits"), [("PCM_16", 15), ("PCM_24", 23), ("PCM_32", 24)])
def test_integer_formats_are_read(tmp_path: Path, subtype: str, bits: int) -> None:
    render(Through(), MONO, wav(tmp_path, tone(500), subtype=subtype), tmp_path / "out.wav")
    np.testing.assert_allclose(played(tmp_path / "out.wav"), tone(500), atol=2.0**-bits, rtol=0)


def test_24_bits_out_clip_and_are_counted(tmp_path: Path) -> None:
    source, target = wav(tmp_path, tone(500)), tmp_path / "out.wav"
    done = render(Through(4.0), MONO, source, target, subtype="pcm24")
    assert soundfile.info(target).subtype == "PCM_24"
    assert done.clipped == np.count_nonzero(np.abs(tone(500) * 4) > 1)
    expected = np.clip(tone(500) * 4, -1, 1)
    np.testing.assert_allclose(played(target), expected, atol=2.0**-22, rtol=0)


def test_a_chosen_channel_is_played(tmp_path: Path) -> None:
    stereo = tone(500, channels=2)
    render(Through(), MONO, wav(tmp_path, stereo), tmp_path / "out.wav", channel=2)
    np.testing.assert_array_equal(played(tmp_path / "out.wav"), stereo[:, 1:])


@pytest.mark.parametrize(
    ("channel", "message"), [(None, "--channel"), (3, "1 to 2"), (0, "1 to 2")]
)
def test_stereo_without_a_valid_channel_is_refused(
    tmp_path: Path, channel: int | None, message: str
) -> None:
    with pytest.raises(NamgenError, match=message):
        render(
            Through(),
            MONO,
            wav(tmp_path, tone(9, channels=2)),
            tmp_path / "out.wav",
            channel=channel,
        )


def test_another_sample_rate_is_refused_with_the_hint(tmp_path: Path) -> None:
    with pytest.raises(NamgenError, match="44100 Hz; --resample"):
        render(Through(), MONO, wav(tmp_path, tone(9), rate=44100), tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize("rate", [22050, 44100, 96000])
def test_resampling_keeps_rate_length_and_time(tmp_path: Path, rate: int) -> None:
    sound = tone(9001, rate=rate)
    target = tmp_path / "out.wav"
    done = render(Through(), MONO, wav(tmp_path, sound, rate=rate), target, resample=True)
    assert done.resampled
    assert soundfile.info(target).samplerate == rate
    out = played(target)
    assert out.shape == sound.shape
    np.testing.assert_allclose(out[1000:-1000], sound[1000:-1000], atol=1e-4)


def test_the_models_rate_is_never_resampled(tmp_path: Path) -> None:
    done = render(Through(), MONO, wav(tmp_path, tone(99)), tmp_path / "out.wav", resample=True)
    assert not done.resampled
    np.testing.assert_array_equal(played(tmp_path / "out.wav"), tone(99))


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    source = wav(tmp_path, tone(99))
    target = tmp_path / "out.wav"
    soundfile.write(target, tone(5), RATE)
    kept = target.read_bytes()
    with pytest.raises(NamgenError, match="broken"):
        render(Broken(), MONO, source, target)
    assert target.read_bytes() == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wav", "out.wav"]


def fails(source: Path, target: Path) -> str:
    with pytest.raises(NamgenError) as caught:
        render(Through(), MONO, source, target)
    return str(caught.value)


def test_bad_files_are_named(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.wav"
    garbage.write_bytes(b"no sound here" * 10)
    assert "garbage.wav: expected an audio file" in fails(garbage, tmp_path / "out.wav")
    assert "found nothing" in fails(tmp_path / "missing.wav", tmp_path / "out.wav")
    assert "found a folder" in fails(tmp_path, tmp_path / "out.wav")


def test_a_target_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    source = wav(tmp_path, tone(9))
    (tmp_path / "folder.wav").mkdir()
    assert "found a folder" in fails(source, tmp_path / "folder.wav")
    with pytest.raises(OutputError, match="nowhere"):
        render(Through(), MONO, source, tmp_path / "nowhere" / "out.wav")


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    done: Rendered = render(
        Through(),
        MONO,
        wav(tmp_path, tone(2 * CHUNK_FRAMES + 5)),
        tmp_path / "out.wav",
        progress=lambda now, frames: steps.append((now, frames)),
    )
    assert steps[-1] == (done.frames, done.frames)
    assert len(steps) == 3
