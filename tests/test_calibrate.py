"""`--calibrate my.wav`: integers are made for one's own playing, in every command, bit for bit."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import make_nam
import numpy as np
import pytest
from click.testing import CliRunner, Result

from namgen.cli import main
from namgen.errors import OutputError
from namgen.fixed import signals
from namgen.fixed.model import FixedModel
from namgen.fixed.precision import FLOAT32, Precision
from namgen.nam_file import read
from namgen.order import make_order
from namgen.pedal.deciding import pedal_for, pedal_of
from namgen.pedal.said import PedalSaid, RecordingName
from namgen.pedal.sound import plan_sound
from namgen.pedal.sources import copies_of
from namgen.selection.choosing import choose
from namgen.selection.recording import read_recording
from namgen.selection.wanted import Wanted
from namgen.targets import load_target

FIXED = "--precision fixed16"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make_nam.write(tmp_path, make_nam.a2(2), "small.nam")
    make_nam.write(tmp_path, make_nam.a1(), "tanh.nam")
    (tmp_path / "sub").mkdir()
    playing = signals.guitar(77, 48000)
    for name, level in (("my.wav", 1.0), ("sub/my.wav", 0.7)):
        data = make_nam.wav(np.float32(level) * playing, sample="f4")
        (tmp_path / name).write_bytes(data)
    return tmp_path


def run(line: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, shlex.split(line))
    assert done.exit_code == code, done.output
    return done


def built(line: str) -> dict[str, object]:
    """Build C alone."""
    told = json.loads(run(f"build small.nam --target cortex-m7 {line} --json").stdout)
    assert isinstance(told, dict)
    return told


def chosen(name: str, recording: str | None, precision: Precision) -> tuple[bytes, str]:
    """Return the integers of a file, and why a recording changes nothing."""
    heard = None if recording is None else read_recording(Path(recording))
    order = make_order(load_target("cortex-m7"), clock=None, block_frames=None)
    found = choose(read(name), order, Wanted(precision=precision, recording=heard))
    model = found.model
    layers = model.integers.arrays[0].layers if isinstance(model, FixedModel) else ()
    return b"".join(layer.weight.tobytes() for layer in layers), found.unheard


def test_other_playing_gives_other_integers_and_the_same_the_same(folder: Path) -> None:
    plain, _ = chosen("small.nam", None, "fixed16")
    mine, told = chosen("small.nam", "my.wav", "fixed16")
    softer, _ = chosen("small.nam", "sub/my.wav", "fixed16")
    assert told == ""
    assert len({plain, mine, softer}) == 3
    assert chosen("small.nam", "my.wav", "fixed16") == (mine, "")


@pytest.mark.parametrize(
    ("name", "precision", "reason"),
    [
        ("small.nam", FLOAT32, "float32 takes nothing from it"),
        ("tanh.nam", "fixed32", "of tanh, fixed32 follows from bounds alone"),
    ],
)
def test_a_recording_that_changes_nothing_is_told(
    folder: Path, name: str, precision: Precision, reason: str
) -> None:
    told = f"the recording is not used: my.wav: {reason}"
    assert chosen(name, "my.wav", precision) == (chosen(name, None, precision)[0], told)
    line = f"{name} --precision {precision} --calibrate my.wav"
    assert f"{told}\n" in run(f"build {line} --target cortex-m7 -o out").stderr
    precisions = json.loads(Path("out/report.json").read_text())["captures"][0]["precision"]
    assert precisions["recording"] == {"file": "my.wav", "used": False, "told": told}
    assert f"{told}\n" in run(f"verify {line} --on host").stderr
    assert told in run(f"inspect {line}").stdout


def test_the_build_is_verified_from_its_copy(folder: Path) -> None:
    told = built(f"{FIXED} --calibrate sub/my.wav -o one")
    built(f"{FIXED} --calibrate=sub/my.wav -o two")
    assert told["options"]["calibrate"] == "my.wav"  # type: ignore[index]
    names = [path.name for path in Path("one").iterdir()]
    assert "my.wav" in names
    for name in names:
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes(), name
    assert "calibrate " in Path("one/nam_small.c").read_text()
    Path("sub/my.wav").unlink()
    assert "bit-exact" in run("verify one --on host").stdout
    Path("one/my.wav").write_bytes(Path("my.wav").read_bytes())
    expected = "expected the file of the report, which says what is right; found another, or none"
    assert f"one/my.wav: {expected}" in run("verify one --on host", 1).stderr
    Path("two/my.wav").unlink()
    assert f"two/my.wav: {expected}" in run("verify two --on host", 1).stderr


def test_the_bits_of_other_integers_are_noticed(folder: Path) -> None:
    """The copy counts: with the integers of another recording the C is not bit-exact."""
    built(f"{FIXED} --calibrate my.wav -o one")
    built(f"{FIXED} --calibrate sub/my.wav -o two")
    for path in Path("two").glob("*.[ch]"):
        Path("one", path.name).write_bytes(path.read_bytes())
    assert "NOT bit-exact" in run("verify one --on host", 1).stdout


def test_a_described_pedal_is_built_for_a_recording_and_verified(folder: Path) -> None:
    run(f"new-pedal small.nam {FIXED} --calibrate my.wav -o sub/pedal.toml")
    assert 'calibrate = "../my.wav"' in Path("sub/pedal.toml").read_text()
    run("build sub/pedal.toml --no-profile -o one")
    told = json.loads(Path("one/report.json").read_text())
    assert told["pedal"]["calibrate"] == told["options"]["calibrate"] == "my.wav"
    assert told["captures"][0]["precision"]["recording"]["used"] is True
    assert "bit-exact" in run("verify one --on host").stdout


def test_a_recording_that_changes_while_it_is_built_is_noticed(folder: Path) -> None:
    said = PedalSaid(calibrate=RecordingName("my.wav"))
    pedal = pedal_for([Path("small.nam")], said, target="cortex-m7")
    files = {Path("small.nam"): read("small.nam")}
    copies = copies_of(pedal, plan_sound(pedal.wanted, pedal.order, files))
    Path("my.wav").write_bytes(Path("sub/my.wav").read_bytes())
    with pytest.raises(OutputError, match=r"my.wav: changed while it was being built"):
        copies.write(folder / "sub", files)


def test_integers_far_from_the_capture_name_the_recording(folder: Path) -> None:
    quiet = np.float32(1e-3) * signals.guitar(77, 48000)
    Path("quiet.wav").write_bytes(make_nam.wav(quiet, sample="f4"))
    line = f"build small.nam --target cortex-m7 {FIXED} --calibrate quiet.wav -o out"
    told = "they were made for quiet.wav, whose peak is -60.9 dBFS; a build asks for 60 dB"
    assert told in run(line, 1).stderr
    run(f"{line} --force")
    assert "bit-exact" in run("verify out --on host").stdout


@pytest.mark.parametrize(
    ("words", "calibrates", "recording"),
    [
        ("--calibrate small.nam", None, None),
        ("small.nam --calibrate", True, None),
        ("small.nam --no-calibrate", False, None),
        ("small.nam --calibrate=yes", True, None),
        ("--calibrate my.wav small.nam", True, "my.wav"),
        ("--calibrate MY.WAV small.nam", True, "MY.WAV"),
        ("small.nam --calibrate=my.wav", True, "my.wav"),
        ("small.nam --no-calibrate --calibrate my.wav", True, "my.wav"),
        ("small.nam --calibrate my.wav --no-calibrate", False, None),
        ("--calibrate -- small.nam", True, None),
    ],
)
def test_only_a_wav_behind_it_is_its_value(
    folder: Path, words: str, calibrates: bool | None, recording: str | None
) -> None:
    Path("MY.WAV").write_bytes(Path("my.wav").read_bytes())
    run(f"new-pedal -o pedal.toml --board pod {words}")
    wanted = pedal_of([Path("pedal.toml")], PedalSaid()).wanted
    assert wanted.calibrate is (calibrates is not False)
    heard = wanted.captures[0].wanted.recording
    assert (heard and heard.name) == recording


@pytest.mark.parametrize(
    "command",
    [
        "build small.nam",
        "inspect small.nam",
        "render small.nam in.wav out.wav",
        "new-pedal small.nam",
        "verify small.nam",
        "profile small.nam",
    ],
)
def test_another_ending_is_wrong_usage_and_another_content_a_bad_file(
    folder: Path, command: str
) -> None:
    told = run(f"{command} --calibrate=x.flac", 2).stderr
    assert "expected a recording's name, as my.wav: WAV is what is read; found 'x.flac'" in told
    Path("bad.wav").write_bytes(b"fLaC....")
    told = run(f"{command} --calibrate bad.wav", 1).stderr
    assert "Error: bad.wav: expected a guitar recording (WAV) of 1 to 30 s, found a FLAC" in told
    assert "gone.wav: expected a guitar" in run(f"{command} --calibrate gone.wav", 1).stderr


def test_no_pedal_means_no_calibration_but_a_recording(folder: Path) -> None:
    told = run("build small.nam --target cortex-m7 --calibrate", 2).stderr
    assert "target cortex-m7: calibrate: no pedal can be made for it, only C" in told
    Path("one").mkdir()
    told = run("verify one --calibrate my.wav", 2).stderr
    assert "--calibrate: a build is verified with the options in its report.json" in told


def test_a_model_alone_is_heard_and_seen_with_a_recording(folder: Path) -> None:
    sound = signals.guitar(3, 4800)
    Path("in.wav").write_bytes(make_nam.wav(sound, sample="f4"))
    for out, more in (("a.wav", ""), ("b.wav", "--calibrate my.wav")):
        for engine in ("host", "reference"):
            run(f"render small.nam in.wav {engine}-{out} {FIXED} --engine {engine} {more}")
        assert Path(f"host-{out}").read_bytes() == Path(f"reference-{out}").read_bytes()
    assert Path("host-a.wav").read_bytes() != Path("host-b.wav").read_bytes()
    plain = run(f"inspect small.nam {FIXED}").stdout
    mine = run(f"inspect small.nam {FIXED} --calibrate my.wav").stdout
    assert "multiply-adds" in mine
    assert plain != mine


def test_everything_wrong_with_files_is_told_at_once(folder: Path) -> None:
    line = "build gone.nam --calibrate gone.wav --ir cab.wav"
    told = run(line, 1).stderr
    assert [word for word in ("gone.nam:", "gone.wav:", "cab.wav:") if word not in told] == []
    told = run("build gone.nam --target cortex-m7 --calibrate gone.wav", 1).stderr
    assert [word for word in ("gone.nam:", "gone.wav:") if word not in told] == []
    told = run(f"{line} --block 999", 2).stderr
    words = ("'--block'", "gone.nam:", "gone.wav:", "cab.wav:")
    assert [word for word in words if word not in told] == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            '"my.flac"',
            "expected true, false or a recording's name, as my.wav: WAV is what is read;",
        ),
        ('"gone.wav"', "expected a guitar recording (WAV) of 1 to 30 s, found no such file"),
        ('"bad.wav"', "found a FLAC audio file; namgen reads audio as WAV, so convert it"),
        ("1", "expected text or true or false, found 1"),
    ],
)
def test_a_description_with_a_wrong_recording_is_refused_with_all_else(
    folder: Path, value: str, expected: str
) -> None:
    Path("bad.wav").write_bytes(b"fLaC....")
    text = f'calibrate = {value}\nir = "cab.wav"\n[[capture]]\nfile = "gone.nam"\n'
    Path("pedal.toml").write_text(text)
    told = run("build pedal.toml", 1).stderr.splitlines()
    (line,) = (line for line in told if "pedal.toml: calibrate: " in line)
    assert expected in line
    assert len(told) == 3
