"""Wrong usage is exit code 2 before anything is done, and names what was probably meant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from namgen.cli import main
from namgen.cli.group import COMMANDS, Late
from namgen.errors import one_of


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def command(name: str) -> click.Command:
    late = main.commands[name]
    assert isinstance(late, Late)
    return late.load()


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("bild a.nam", "build"),
        ("build a.nam --taget daisy", "--target"),
        ("build a.nam --FORCED", "--force"),
        ("build a.nam --target dasiy", "daisy"),
        ("inspect a.nam --tanh fasst", "fast"),
        ("build a.nam --boot sdram", "sram"),
        ("build a.nam --clock 500", "480"),
        ("build a.nam --clock 300", "400"),
        ("build a.nam --submodel lit", "lite"),
        ("build a.nam --submodel larges-that-fit", "largest-that-fits"),
        ("build a.nam --name 1abc", "model_1abc"),
        ("build a.nam --name Ärger", "arger"),
        ("build a.nam --toolchain gc", "gcc"),
        ("verify a.nam --on hst", "host"),
        ("verify a.nam --on host,emulatr", "emulator"),
        ("profile a.nam --target dasy", "daisy"),
        ("profile a.nam --boot qpsi", "qspi"),
        ("tune a.nam --toolchain zigg", "zig"),
        ("render a.nam in.wav out.wav --engine refrence", "reference"),
        ("flash --with pyusbb", "pyusb"),
        ("flash --dryrun", "--dry-run"),
        ("docter", "doctor"),
    ],
)
def test_a_wrong_word_is_answered_with_the_nearest_right_one(line: str, meant: str) -> None:
    result = run(*line.split())
    assert result.exit_code == 2
    assert "Usage:" in result.stderr
    assert f"did you mean {meant}?" in result.stderr


@pytest.mark.parametrize(
    "line",
    ["build a.nam --target host --boot flash", "build a.nam --target host --clock 480"],
)
def test_a_word_that_the_target_does_not_have_is_wrong_usage(line: str) -> None:
    result = run(*line.split())
    assert result.exit_code == 2
    assert "target host: expected none" in result.stderr


@pytest.mark.parametrize(
    "line",
    [
        "build a.nam --target Daisy --boot QSPI --toolchain ZIG --submodel Full --tanh EXACT",
        "BUILD a.nam",
        "verify a.nam --on Emulator,HOST",
    ],
)
def test_upper_case_is_the_same_word(line: str) -> None:
    result = run(*line.split())
    assert result.exit_code == 1
    assert "Error: a.nam: expected a .nam file" in result.stderr
    assert "found no such file" in result.stderr


def test_an_empty_word_and_a_long_one_are_refused_like_any_other() -> None:
    for word in ("", "x" * 5000, "\x1b[2J"):
        result = run("build", "a.nam", "--target", word)
        assert result.exit_code == 2
        assert "expected one of daisy, nucleo-h743, petal-125b-sm, weact-h743" in result.stderr
        assert "\x1b" not in result.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_closed_set_of_every_command_suggests(name: str) -> None:
    for param in command(name).params:
        assert not isinstance(param.type, click.Choice), f"{name}: {param.name}: use OneOf"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_quiet_tell_more_and_give_json(name: str) -> None:
    known = {option for param in command(name).params for option in param.opts}
    assert {"-q", "--quiet", "-v", "--verbose", "--json"} <= known


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    own = (command(name).help or "").split("\n\n")[0].replace("\n", " ")
    assert own == COMMANDS[name]


@pytest.mark.parametrize(
    ("line", "code", "kind"),
    [
        ("bild --json", 2, "usage"),
        ("build a.nam --target dasiy --json", 2, "usage"),
        ("inspect a.nam --json", 1, "file"),
        ("verify a.nam --json", 1, "file"),
        ("flash a.bin --json", 1, "file"),
        ("flash a.nam --json", 1, "unsupported"),
    ],
)
def test_an_error_is_json_too(line: str, code: int, kind: str) -> None:
    result = run(*line.split())
    assert result.exit_code == code
    error = json.loads(result.stdout)["error"]
    assert error["kind"] == kind
    assert all(text in result.stderr for text in error["lines"])


def test_control_characters_in_names_are_spelled(tmp_path: Path) -> None:
    evil = "a\x1b[31m\n\x9b\u202eb.nam"
    for options in ((), ("--json",)):
        result = run("inspect", tmp_path / evil, *options)
        assert result.exit_code == 1
        assert "a\\x1b[31m\\n\\x9b\\u202eb.nam" in result.stderr
        assert not set(result.output) & set("\x1b\x9b\u202e")


def test_a_choice_is_found_in_any_case() -> None:
    assert one_of("boot", "SRAM", ["flash", "sram"]) == "sram"


@pytest.mark.parametrize(
    "line",
    [
        "build a.nam --slim nan",
        "join a.nam",
        "render a.nam in.wav o.mp3",
        "render a.nam in.wav o",
        "render a.nam in.wav o.flac --subtype float32",
    ],
)
def test_what_no_file_could_make_right_is_wrong_usage(line: str) -> None:
    assert run(*line.split()).exit_code == 2


def test_the_root_is_no_folder_for_a_build() -> None:
    result = run("build", "a.nam", "-o", "/")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "found the root" in result.stderr


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_closed_standard_output_is_said_in_one_line(as_json: list[str]) -> None:
    program = [sys.executable, "-m", "namgen", "targets", *as_json]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *program],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (done.returncode, done.stderr) == (1, "Error: standard output: it is closed\n")


def test_a_place_that_loops_is_told_without_a_number(tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    result = run("profile", "a.nam", "--trace", tmp_path / "loop.csv")
    assert result.exit_code in (1, 2)
    assert "cannot be written: Too many levels of symbolic links\n" in result.stderr


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("profile pedal.toml", "timed by `namgen build pedal.toml`"),
        ("profile pedal.toml", "estimated by `namgen inspect pedal.toml --blocks`"),
        ("tune a.nam pedal.toml", "tune takes the .nam files of pedal.toml"),
        ("join a.nam pedal.toml", "join takes .nam files"),
        ("verify pedal.toml", "namgen verify build/NAME"),
        ("new-pedal pedal.toml", "namgen build pedal.toml"),
    ],
)
def test_a_command_for_captures_says_what_is_for_a_pedal(line: str, instead: str) -> None:
    result = run(*line.split())
    assert result.exit_code == 2
    assert instead in result.stderr
