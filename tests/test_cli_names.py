"""Different captures get different names and folders, whatever their files are called."""

from __future__ import annotations

import json
import re
from pathlib import Path

import make_nam
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from namgen.cli import main
from namgen.naming import LONGEST_NAME, TAKEN, c_name
from namgen.output_dir import Origin, default_folder

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def _work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def capture(name: str, *, channels: int = 2) -> Path:
    """Write a capture of its own under a name."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(make_nam.a1(make_nam.a1_array(channels))), encoding="utf-8")
    return path


def build(path: Path, *options: object) -> Path:
    """Build C of a file; the folder it went to."""
    result = run("build", path.absolute(), "--target", "host", "--json", *options)
    assert result.exit_code == 0, result.output
    return Path(json.loads(result.stdout)["folder"])


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("tweed.nam", "tweed"),
        ("BossWN-standard.nam", "bosswn_standard"),
        ("5150 (red).nam", "model_5150_red"),
        ("été.nam", "ete"),
        ("Øresund Łódź straße.nam", "oresund_lodz_strasse"),
        ("a__b.nam", "a_b"),
        ("cab.wav", "cab_wav"),
    ],
)
def test_a_file_name_becomes_a_c_identifier(file: str, name: str) -> None:
    assert c_name(file) == name


STRANGE = (
    *("日本語.nam", "日本.nam", "🎸.nam", "🎹.nam", "_.nam", "..nam", ".nam", "-.nam", "!!!.nam"),
    *("tweed.nam", "tweed.NAM", "tweed.wav", "日本 tweed.nam", "\udcff.nam", "\x1b[2J.nam"),
    *("x" * 251 + ".nam", "x" * 250 + "y.nam", "é" * 125 + ".nam", "я.nam", "Я.nam"),
)


def test_strange_names_become_different_c_identifiers() -> None:
    names = [c_name(file) for file in STRANGE]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    assert max(map(len, names)) <= LONGEST_NAME


def test_captures_with_strange_names_go_to_different_folders() -> None:
    files = [name for name in STRANGE if not name.endswith(".wav") and "\udcff" not in name]
    folders = [build(capture(name)) for name in files]
    assert len(set(folders)) == len(folders)
    for name, folder in zip(files, folders, strict=True):
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        assert folder.parent == Path("build"), name
        assert (folder / f"nam_{report['model']['name']}.c").exists()


def test_one_name_in_two_folders_is_two_captures() -> None:
    first = build(capture("a/tweed.nam"))
    before = (first / "report.json").read_bytes()
    other = capture("b/tweed.nam", channels=3)
    second = build(other)
    assert first == Path("build/tweed")
    assert second.name.startswith("tweed_")
    assert (first / "report.json").read_bytes() == before
    assert (
        "build/tweed was made from another file" in run("build", other, "--target", "host").stderr
    )


def test_the_same_capture_is_built_again_into_its_folder() -> None:
    tweed, other = capture("a/tweed.nam"), capture("b/tweed.nam", channels=3)
    first, second = build(tweed), build(other)
    assert (build(tweed, "--block", 16), build(other, "--tanh", "fast")) == (first, second)
    assert len(list(Path("build").iterdir())) == 2


def test_a_folder_of_another_capture_is_replaced_only_when_asked_to() -> None:
    build(capture("tweed.nam"), "-o", "out")
    before = Path("out/report.json").read_bytes()
    deluxe = capture("deluxe.nam")
    result = run("build", deluxe, "--target", "host", "-o", "out")
    assert result.exit_code == 1
    assert "made from tweed.nam" in result.stderr
    assert "--replace" in result.stderr
    assert Path("out/report.json").read_bytes() == before
    build(deluxe, "-o", "out", "--replace")
    assert "nam_deluxe.c" in [path.name for path in Path("out").iterdir()]


def test_replace_without_o_replaces_the_folder_of_the_name() -> None:
    other = capture("b/tweed.nam", channels=3)
    first = build(capture("a/tweed.nam"))
    before = (first / "report.json").read_bytes()
    assert build(other, "--replace") == first == Path("build/tweed")
    assert (first / "report.json").read_bytes() != before
    assert len(list(Path("build").iterdir())) == 1
    (first / "mine.txt").write_text("notes")
    result = run("build", capture("c/tweed.nam", channels=2), "--target", "host", "--replace")
    assert result.exit_code == 1
    assert "found other files in it (mine.txt)" in result.stderr


def test_a_folder_name_of_255_bytes_works() -> None:
    folder = build(capture("tweed.nam"), "-o", "o" * 255)
    assert (folder / "nam_tweed.c").exists()


def test_control_characters_do_not_reach_the_terminal() -> None:
    evil = capture("a\x1b[31m\nb.nam")
    for arguments in (("inspect", evil), ("build", evil, "--target", "host")):
        result = run(*arguments)
        assert result.exit_code == 0
        assert "\x1b" not in result.output
        assert "a\\x1b[31m\\nb.nam" in result.output


EVIL = "a\x1b[31m\n\u202e\x9b2J\x07\u2066\x7f"
"""What a terminal would obey: sequences of colour and of clearing, a line, directions, a bell."""
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
TEXTS = ("name", "modeled_by", "gear_make", "gear_model", "gear_type", "tone_type")


@pytest.fixture
def evil() -> str:
    """Write a capture with such characters in its name and its metadata; and a sound to play."""
    document = make_nam.a1(metadata={key: f"{key} {EVIL}" for key in TEXTS})
    make_nam.write(Path(), document, f"{EVIL}.nam")
    soundfile.write("in.wav", np.zeros(480, np.float32), 48000, subtype="FLOAT")
    Path("in.wav").rename(f"{EVIL}.wav")
    return EVIL


LINES = (
    "inspect {}.nam",
    "inspect {}.nam --target host",
    "inspect {}.nam {}.wav nope{}.nam",
    "build {}.nam --target host",
    "build {}.nam -o out{}",
    "build {}.nam --target host --name {}",
    "build {}.nam --submodel {}",
    "build {}.nam --target {}",
    "build {}.nam --target host -o {}.wav",
    "verify {}.nam nope{}.nam --on host",
    "verify nope{}",
    "render {}.nam {}.wav out{}.wav --engine reference",
    "render {}.nam {}.wav out.{} --engine reference",
    "render {}.nam {}.wav {}.nam",
    "join {}.nam {}.nam -o rig{}.nam",
    "join {}.nam {}.nam",
    "join {}.nam {}.nam -o rig.{}",
    "tune {}.nam --{}",
    "profile {}.nam --annotate {}",
    "{}",
)


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("line", LINES)
def test_nothing_that_a_terminal_obeys_is_printed(line: str, as_json: bool, evil: str) -> None:
    arguments = [word.replace("{}", evil) for word in line.split()]
    result = run(*arguments, *["-v"], *(["--json"] if as_json else []))
    assert not OBEYED.findall(result.output)
    assert "2j" in result.output.lower(), "the name is not there at all"
    said = result.output.splitlines()
    assert not [text for text in said if text.startswith(("\\u202e", "\\x9b"))], "a line too many"
    if as_json:
        json.loads(result.stdout)


def test_nothing_that_a_terminal_obeys_is_in_a_build(evil: str) -> None:
    result = run("build", f"{evil}.nam", "-o", "out", "--no-profile")
    assert result.exit_code == 0, result.output
    texts = [path for path in Path("out").iterdir() if path.suffix in (".c", ".h", ".json")]
    assert len(texts) > 5
    for path in texts:
        assert not OBEYED.findall(path.read_text(encoding="utf-8")), path
        assert OBEYED.search(path.name) is None
    json.loads(Path("out/report.json").read_text(encoding="utf-8"))


def test_a_pedal_on_another_board_gets_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    origin = Origin("tweed.nam", "0" * 64)
    folder = Path("build/tweed")
    folder.mkdir(parents=True)
    report = {"model": {"source": origin.name, "sha256": origin.sha256}}
    text = json.dumps(report | {"pedal": {"board": "terrarium"}})
    (folder / "report.json").write_text(text, encoding="utf-8")
    assert default_folder("tweed", origin, board="terrarium") == folder
    assert default_folder("tweed", origin, board="pod") == Path("build/tweed_pod")
    assert default_folder("tweed", origin, board="pod", replace_other=True) == folder
    assert default_folder("tweed", origin) == folder  # C alone has no board
    other = Origin("other.nam", "1" * 64)
    longer = f"build/tweed_{other.piece}"
    assert default_folder("tweed", other, board="pod") == Path(longer)


def test_a_capture_that_is_called_as_a_kernel_gets_another_name() -> None:
    headers = {path.stem.removeprefix("nam_") for path in TEMPLATES.rglob("nam_*.h")}
    assert headers == TAKEN
    for name in sorted(TAKEN):
        assert c_name(f"{name}.nam") == f"model_{name}"


@pytest.mark.parametrize("name", ["tanh", "Math", "self-test"])
def test_a_capture_that_is_called_as_a_kernel_is_built_and_is_right(name: str) -> None:
    path = capture(f"{name}.nam")
    folder = build(path)
    assert run("verify", folder, "--on", "host").exit_code == 0


def test_a_name_that_a_kernel_has_taken_is_refused_with_one_that_is_free() -> None:
    refused = run("build", capture("amp.nam"), "--target", "generic", "--name", "tanh")
    assert refused.exit_code == 2
    assert "namgen's own nam_tanh.h; did you mean model_tanh?" in refused.stderr
