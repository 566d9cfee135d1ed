"""`namgen build` makes a pedal of captures or of a description, and says what is in it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import make_nam
import numpy as np
import pytest
from click.testing import CliRunner, Result

from namgen.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    metadata = {"loudness": -20, "gear_type": "amp_cab"}
    for name in ("clean.nam", "lead.nam"):
        make_nam.write(tmp_path, make_nam.a1(metadata=metadata), name)
    response = np.exp(-np.arange(64) / 9).astype(np.float32)
    (tmp_path / "cab.wav").write_bytes(make_nam.wav(response))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def built(*arguments: str) -> Result:
    done = run("build", *arguments, "--no-profile")
    assert done.exit_code == 0, done.output
    return done


OPTIONS = shlex.split(
    "--board hothouse --ir cab.wav --ir-length 64 --block 16 --boot sram --idle sleep "
    "--set treble=0.2 --no-normalize --bypass-idle --name mine"
)


def test_a_description_makes_the_same_image_as_the_options_it_was_written_for(folder: Path) -> None:
    assert run("new-pedal", "clean.nam", *OPTIONS).exit_code == 0
    built("pedal.toml", "-o", "one")
    assert "next time: hold" in built("clean.nam", *OPTIONS, "-o", "two").stdout
    assert Path("one/firmware.bin").read_bytes() == Path("two/firmware.bin").read_bytes()


def test_a_folder_is_called_like_the_description_or_for_another_board(folder: Path) -> None:
    assert run("new-pedal", "clean.nam").exit_code == 0
    assert "was made from" not in built("pedal.toml").stderr
    assert Path("build/pedal/firmware.bin").exists()
    told = built("pedal.toml", "--board", "pod").stderr
    assert "build/pedal was made from another file or board; this is in build/pedal_pod" in told
    assert json.loads(Path("build/pedal/report.json").read_text())["pedal"]["board"] == "seed"
    assert "was made from" not in built("pedal.toml").stderr


def test_it_says_what_is_in_the_pedal(folder: Path) -> None:
    done = built("clean.nam", "--board", "terrarium", "--ir", "cab.wav")
    for line in (
        "terrarium: PedalPCB Terrarium",
        "output normalisation: +2.0 dB; from -20.0 dB (the capture's) to -18.0 dB",
        "chain        bypass, input trim, gate, guard, equaliser, cabinet, high pass, level",
        "length: all 64 taps",
        "convolution  tap by tap, 64 taps in DTCM: ",
        "build/clean/firmware.bin: ",
        "other files: C, copies of what it was made from",
        "namgen verify build/clean",
        "bytes of the image are left; about ",
        "next time: hold footswitch left and right for 2 s, not BOOT",
    ):
        assert line in done.stdout, line
    assert "clean: two cabinets: its file says amp_cab" in done.stderr


def test_programs_read_the_same(folder: Path) -> None:
    told = json.loads(built("clean.nam", "--board", "pod", "--ir", "cab.wav", "--json").stdout)
    assert told["pedal"]["board"] == "pod"
    assert told["captures"][0]["normalisation"]["gain_db"] == 2.0
    assert told["chain"]["cabinet"]["taps"] == 64
    room, image = told["room"], told["files"]["firmware.bin"]["size_bytes"]
    assert room["left_bytes"] + image == room["limit_bytes"] == 128 * 1024
    assert room["captures"] == room["left_bytes"] // room["capture_bytes"]
    weights = 4 * told["model"]["parameters"]
    assert weights / 2 < room["capture_bytes"] < 3 * weights
    assert any("two cabinets" in warning for warning in told["warnings"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["clean.nam", "--target", "cortex-m7", "--ir", "cab.wav"], 2, "ir: no pedal can be made"),
        (["clean.nam", "--target", "host", "--set", "bass=1"], 2, "set: no pedal can be made"),
        (["clean.nam", "lead.nam", "--target", "cortex-m7"], 2, "expected one capture, found"),
        (["pedal.toml", "--target", "cortex-m7"], 2, "expected one capture, found pedal.toml"),
        (["clean.nam", "lead.nam"], 1, "board seed: expected 1 capture"),
        (["clean.nam", "--board", "petal-125b-sm", "--boot", "sram"], 2, "expected flash, found"),
        (
            ["clean.nam", "--board", "petal-125b-sm", "--target", "daisy"],
            2,
            "board petal-125b-sm: expected target petal-125b-sm, found 'daisy'",
        ),
        (
            ["clean.nam", "--board", "seed", "--target", "petal-125b-sm"],
            2,
            "board seed: expected target daisy, found 'petal-125b-sm'",
        ),
        (["clean.nam", "--board", "nope"], 2, "found 'nope'"),
        (["clean.nam", "--board", "nope.toml"], 1, "nope.toml"),
        (["clean.nam", "--ir", "."], 1, "expected an impulse response (WAV), found a directory"),
        (["clean.nam", "--ir", "clean.nam"], 1, "clean.nam: expected an impulse response (WAV)"),
        (["clean.nam", "--block", "20"], 1, "multiple of 8 frames"),
        (["clean.nam", "--set", "bass=2"], 2, "expected a position from 0 to 1"),
        (["nope.toml"], 1, "nope.toml"),
        (["pedal.toml", "clean.nam"], 2, "expected captures, or one pedal.toml"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_is_told(folder: Path, arguments: list[str], code: int, said: str) -> None:
    assert run("new-pedal", "clean.nam").exit_code == 0
    done = run("build", *arguments, "--no-profile")
    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert not Path("build").exists()


def test_what_is_wrong_in_a_description_ends_the_command(folder: Path) -> None:
    assert run("new-pedal", "clean.nam", "--board", "pod").exit_code == 0
    text = Path("pedal.toml").read_text(encoding="utf-8")
    Path("pedal.toml").write_text(text.replace("[knobs]", "[knob]"), encoding="utf-8")
    done = run("build", "pedal.toml")
    assert done.exit_code == 1
    assert done.stderr == "Error: pedal.toml: knob: unknown key; did you mean knobs?\n"


def test_a_pedal_is_verified_as_it_was_built(folder: Path) -> None:
    assert run("new-pedal", "clean.nam").exit_code == 0
    done = run("verify", "pedal.toml")
    assert done.exit_code == 2
    assert "namgen verify build/NAME" in done.stderr
