"""Rendering writes what the name says, says what an input lacks, and destroys nothing."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import make_nam
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result
from conftest import FIXTURES

from host_sim import audio_file
from host_sim.audio_file import check_audio_target, create_audio
from namgen.arithmetic import F32
from namgen.cli import main
from namgen.errors import UnsupportedError

FIELD = FIXTURES.parent / "field"
FRAMES = 20_000
LOSSLESS = {
    "out.wav": "WAV",
    "out.WAV": "WAV",
    "out.flac": "FLAC",
    "out.aiff": "AIFF",
    "out.aif": "AIFF",
    "out.caf": "CAF",
    "out.w64": "W64",
    "out.rf64": "RF64",
    "out.au": "AU",
}


def tone(frames: int = FRAMES, channels: int = 1) -> F32:
    time = np.arange(frames)[:, None] * np.arange(1, channels + 1)
    return (0.9 * np.sin(time * 0.05)).astype(np.float32)


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def tweed(tmp_path: Path) -> Path:
    return make_nam.write(tmp_path, make_nam.linear(1, bias=False))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.wav"
    soundfile.write(path, tone(), 48000, subtype="FLOAT")
    return path


# ---- the format


@pytest.mark.parametrize(("name", "container"), LOSSLESS.items())
def test_the_ending_of_the_name_is_the_format(
    name: str, container: str, tweed: Path, source: Path, tmp_path: Path
) -> None:
    for subtype in audio_file.SUBTYPES:
        out = tmp_path / name
        result = run("render", tweed, source, out, "--subtype", subtype)
        if container == "FLAC" and subtype in ("float32", "pcm32"):
            assert "expected one of pcm24, pcm16 in a FLAC file" in result.stderr
            assert result.exit_code == 2
            continue
        assert result.exit_code == 0, result.output
        info = soundfile.info(out)
        assert (info.format, info.subtype, info.frames) == (
            container,
            audio_file.SUBTYPES[subtype],
            FRAMES,
        )


def test_a_flac_file_has_24_bits_and_a_wav_file_floats_by_default(
    tweed: Path, source: Path, tmp_path: Path
) -> None:
    for name, subtype in (("out.flac", "PCM_24"), ("out.wav", "FLOAT")):
        assert run("render", tweed, source, tmp_path / name).exit_code == 0
        assert soundfile.info(tmp_path / name).subtype == subtype


@pytest.mark.parametrize("name", ["out.mp3", "out.ogg", "out.opus", "out.wma", "out", "out.nam"])
def test_other_formats_are_refused_with_those_that_are_written(
    name: str, tweed: Path, source: Path, tmp_path: Path
) -> None:
    result = run("render", tweed, source, tmp_path / name)
    assert result.exit_code == 2
    assert ".wav, " in result.stderr
    assert ".flac, " in result.stderr
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.caf", "a.w64", "a.rf64", "a.au", "a.flac"])
def test_two_renders_are_the_same_bytes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    for zone in ("UTC0", "UTC-5"):
        monkeypatch.setenv("TZ", zone)
        subtype = check_audio_target(tmp_path / name)
        with create_audio(
            tmp_path / name, sample_rate_hz=48000, channels=1, subtype=subtype, frames=99
        ) as out:
            out.write(tone(99))
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_a_wav_beyond_4_gb_is_an_rf64_and_an_aiff_beyond_its_size_is_refused(
    tmp_path: Path,
) -> None:
    def create(name: str) -> None:
        with create_audio(
            tmp_path / name, sample_rate_hz=48000, channels=1, subtype="float32", frames=1 << 31
        ) as out:
            out.write(tone(9))

    create("long.wav")
    assert soundfile.info(tmp_path / "long.wav").format == "RF64"
    with pytest.raises(UnsupportedError, match=r"AIFF file holds .*\.w64"):
        create("long.aiff")


# ---- what an input lacks


def cut(source: Path, name: str, subtype: str, *, kept: float = 0.6) -> Path:
    """Write sound as `name` and leave out the end of the file."""
    path = source.parent / name
    soundfile.write(path, np.random.default_rng(1).uniform(-1, 1, FRAMES), 48000, subtype=subtype)
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * kept)])
    return path


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "FLOAT"),
        ("a.rf64", "FLOAT"),
        ("a.w64", "PCM_24"),
        ("a.aiff", "PCM_24"),
        ("a.aiff", "FLOAT"),
        ("a.au", "PCM_16"),
        ("a.flac", "PCM_24"),
    ],
)
def test_a_cut_input_is_rendered_as_far_as_it_goes_and_what_is_missing_is_said(
    name: str, subtype: str, tweed: Path, source: Path, tmp_path: Path
) -> None:
    path = cut(source, name, subtype)
    result = run("render", tweed, path, tmp_path / "out.wav", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["frames"] + found["missing_frames"] == FRAMES
    assert 0.35 < found["missing_frames"] / FRAMES < 0.65
    assert f"{found['missing_frames']} of the {FRAMES} frames it promises are missing" in (
        result.stderr
    )
    assert soundfile.info(tmp_path / "out.wav").frames == found["frames"]


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_a_refusal_for_channels_or_rate_says_too_what_is_missing(
    name: str, tweed: Path, tmp_path: Path
) -> None:
    for samples, rate in ((tone(channels=2), 48000), (tone(), 44100)):
        soundfile.write(tmp_path / name, samples, rate, subtype="PCM_24")
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[: len(data) * 2 // 3])
        message = run("render", tweed, tmp_path / name, tmp_path / "out.wav").stderr
        assert "frames it promises are missing" in message


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0xFFFFFFFC, 0x7FFFFFFF, 0x7FFFF000])
def test_a_wav_from_a_pipe_lacks_nothing(
    size: int, tweed: Path, source: Path, tmp_path: Path
) -> None:
    data = bytearray(source.read_bytes())
    place = data.find(b"data") + 4
    data[place : place + 4] = struct.pack("<I", size)
    data[4:8] = struct.pack("<I", 0xFFFFFFFF)
    source.write_bytes(data)
    result = run("render", tweed, source, tmp_path / "out.wav", "--json")
    assert json.loads(result.stdout)["missing_frames"] == 0
    assert json.loads(result.stdout)["frames"] == FRAMES
    assert "missing" not in result.stderr


def test_a_header_nobody_finished_and_a_file_without_sound_are_refused(
    tweed: Path, source: Path, tmp_path: Path
) -> None:
    data = bytearray(source.read_bytes())
    place = data.find(b"data") + 4
    data[place : place + 4] = bytes(4)
    source.write_bytes(data)
    message = run("render", tweed, source, tmp_path / "out.wav").stderr
    assert f"{4 * FRAMES} bytes follow it: the recording was not finished" in message
    soundfile.write(source, tone(0), 48000)
    assert "found a file of 0 frames" in run("render", tweed, source, tmp_path / "o.wav").stderr
    source.write_bytes(b"")
    assert "found an empty file" in run("render", tweed, source, tmp_path / "o.wav").stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.wav", "tweed.nam"]


NO_RATE = "one whose header gives no sample rate or no format"
DAMAGED = "one that is cut off, damaged, or in an encoding that libsndfile does not read"


@pytest.mark.parametrize(
    ("place", "data", "expected"),
    [
        (24, bytes(4), NO_RATE),
        (12, b"data", DAMAGED),
        (22, bytes(2), DAMAGED),
        (20, b"\x99\x99", DAMAGED),
        (16, b"\x02\0\0\0", DAMAGED),
        (20, b"\1\0", None),
        (0, b"abcd", "a file of another kind"),
    ],
)
def test_a_damaged_header_is_told_in_words_of_ours(
    place: int, data: bytes, expected: str | None, tweed: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.wav"
    soundfile.write(source, tone(), 48000, subtype="PCM_16")
    whole = source.read_bytes()
    source.write_bytes(whole[:place] + data + whole[place + len(data) :])
    told = run("render", tweed, source, tmp_path / "out.wav")
    if expected is None:
        assert told.exit_code == 0, told.stderr
    else:
        assert told.stderr == f"Error: {source}: expected an audio file, found {expected}\n"


@pytest.mark.parametrize("name", ["in.wav", "in.flac", "in.aiff", "in.caf", "in.w64", "in.rf64"])
@pytest.mark.parametrize("kept_bytes", [3, 14, 25, 34])
def test_a_cut_header_is_told_in_words_of_ours(
    name: str, kept_bytes: int, tweed: Path, tmp_path: Path
) -> None:
    source = tmp_path / name
    soundfile.write(source, tone(), 48000, subtype="PCM_16", format=LOSSLESS["out" + source.suffix])
    source.write_bytes(source.read_bytes()[:kept_bytes])
    told = run("render", tweed, source, tmp_path / "out.wav").stderr
    expected = "a file of another kind" if kept_bytes == 3 else DAMAGED
    assert told == f"Error: {source}: expected an audio file, found {expected}\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are of POSIX")
def test_an_input_that_is_no_file_is_called_what_it_is(tweed: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "folder").mkdir()
    found = {"pipe": "a pipe", "link": "a pipe", "folder": "a folder", "none": "nothing"}
    found |= {"none/in.wav": "nothing", "/dev/null": "a device"}
    for name, kind in found.items():
        told = run("render", tweed, tmp_path / name, tmp_path / "out.wav").stderr
        assert told == f"Error: {tmp_path / name}: expected an audio file, found {kind}\n"


@pytest.mark.skipif(not FIELD.is_dir(), reason="no files from the field")
def test_the_files_from_the_field_are_told(tweed: Path, tmp_path: Path) -> None:
    cut_off = run("render", tweed, FIELD / "truncated.wav", tmp_path / "out.wav")
    assert "7348 of the 24000 frames it promises are missing" in cut_off.stderr
    unfinished = run("render", tweed, FIELD / "datasize0.wav", tmp_path / "out.wav")
    assert unfinished.exit_code == 1
    assert "2956 bytes follow it" in unfinished.stderr


# ---- nothing is destroyed


@pytest.mark.parametrize("which", ["tweed.nam", "in.wav"])
@pytest.mark.parametrize("way", ["itself", "relative", "symlink", "hard link", "symlink folder"])
def test_neither_model_nor_input_is_written_over(
    which: str,
    way: str,
    tweed: Path,
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    victim = tmp_path / which
    model = tweed.rename(tmp_path / "tweed.wav") if which == "tweed.nam" else tweed
    victim = model if which == "tweed.nam" else victim
    before = victim.read_bytes()
    out = {"itself": victim, "relative": Path(victim.name)}.get(way, tmp_path / "other.wav")
    monkeypatch.chdir(tmp_path)
    if way == "symlink":
        out.symlink_to(victim.name)
    elif way == "hard link":
        os.link(victim, out)
    elif way == "symlink folder":
        (tmp_path / "there").symlink_to(tmp_path)
        out = tmp_path / "there" / victim.name
    result = run("render", model, source, out, "--force")
    assert result.exit_code == 2
    assert "would be lost" in result.stderr
    assert victim.read_bytes() == before


def test_devices_pipes_and_folders_are_refused(tweed: Path, source: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "null.wav").symlink_to("/dev/null")
    for name, found in (("pipe", "a pipe"), ("folder", "a folder"), ("null", "a device")):
        result = run("render", tweed, source, tmp_path / f"{name}.wav", "--force")
        assert result.exit_code == 1
        assert f"found {found}" in result.stderr
    assert (tmp_path / "null.wav").is_symlink()
    assert "there is no folder" in run("render", tweed, source, tmp_path / "no" / "o.wav").stderr


def test_a_link_stays_a_link_and_its_target_is_written(
    tweed: Path, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "out.wav").symlink_to(Path("deep") / "real.wav")
    for _ in range(2):  # first to a name that nobody has, then to a file
        assert run("render", tweed, source, tmp_path / "out.wav").exit_code == 0
        assert (tmp_path / "out.wav").is_symlink()
        assert soundfile.info(tmp_path / "deep" / "real.wav").frames == FRAMES
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["real.wav"]


def test_another_file_is_replaced_only_by_force(tweed: Path, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    out.write_text("my songs")
    result = run("render", tweed, source, out)
    assert result.exit_code == 1
    assert "--force replaces it" in result.stderr
    assert out.read_text() == "my songs"
    assert run("render", tweed, source, out, "--force").exit_code == 0
    assert soundfile.info(out).frames == FRAMES
    assert run("render", tweed, source, out).exit_code == 0  # sound may be rendered anew


@pytest.mark.parametrize(
    "arguments",
    [
        ("profile", "in.nam", "--trace", "kept.csv"),
        ("profile", "in.nam", "--trace", "kept.npz"),
        ("tune", "in.nam", "-o", "kept.toml"),
    ],
)
def test_other_commands_keep_files_that_are_not_theirs(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("unicorn")
    monkeypatch.chdir(tmp_path)
    make_nam.write(tmp_path, make_nam.a1(), "in.nam")
    kept = tmp_path / arguments[-1]
    kept.write_bytes(b"a year of work")
    result = run(*arguments)
    assert result.exit_code == 1
    assert "found another file; choose another name" in result.stderr
    assert kept.read_bytes() == b"a year of work"
    kept.unlink()
    kept.symlink_to("in.nam")
    assert "would be lost" in run(*arguments).stderr


def test_a_folder_where_nothing_may_be_written_is_named_before_the_work(
    tweed: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    result = run("render", tweed, source, tmp_path / "out.wav")
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'out.wav'}: cannot be written: Permission denied\n"


def test_a_disk_without_room_is_called_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio_file, "_FULL_DISK_BYTES", 1 << 62)
    error = soundfile.LibsndfileError(2)
    said = audio_file._reason(error, tmp_path / "out.wav")
    assert said.startswith("No space left on device; ")
