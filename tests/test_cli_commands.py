"""Every command ends with a result or with a message, an exit code and no traceback."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import make_nam
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result
from program import PROGRAM

from namgen.cli import main
from namgen.errors import ToolError
from namgen.targets import load_target
from namgen.version import NAM_CORE, VERSION

COMMANDS = ("inspect", "build", "flash", "doctor", "verify", "render", "targets")


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(*arguments: object) -> str:
    """Run what must fail with exit code 1; the message."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1]
    return result.stderr


@pytest.fixture
def tweed(tmp_path: Path) -> Path:
    return make_nam.write(tmp_path, make_nam.a1())


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return make_nam.write(tmp_path, make_nam.container(), "box.nam")


def test_help_names_every_command_and_shows_examples() -> None:
    text = run("--help").output
    assert all(command in text for command in COMMANDS)
    assert "namgen build tweed.nam" in text
    assert "Exit codes" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "-h")
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_version() -> None:
    said = run("--version").output
    assert VERSION in said
    assert NAM_CORE in said


def test_the_package_and_the_project_file_agree_on_the_version() -> None:
    project = Path(__file__).parents[1] / "pyproject.toml"
    assert f'version = "{VERSION}"' in project.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing-such",),
        ("inspect",),
        ("inspect", "a.nam", "--colour"),
        ("build", "a.nam", "--block", "257"),
        ("build", "a.nam", "--block", "many"),
        ("build", "a.nam", "--toolchain", "msvc"),
        ("render", "a.nam", "in.wav"),
        ("render", "a.nam", "in.wav", "out.wav", "--engine", "gpu"),
        ("verify", "a.nam", "--slim", "2"),
        ("verify", "a.nam", "--on", "moon"),
        ("build", "a.nam", "--target", "fridge"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage" in result.stderr


@pytest.mark.parametrize("command", ["inspect", "build", "verify"])
def test_files_that_are_no_captures_are_named(command: str, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.nam"
    garbage.write_bytes(bytes(range(256)))
    (tmp_path / "empty.nam").touch()
    for name in ("garbage.nam", "empty.nam", "missing.nam", "."):
        message = refused(command, tmp_path / name)
        assert Path(tmp_path / name).name in message
        assert "Traceback" not in message


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    document = make_nam.put(make_nam.a1(), "config.layers[0].channels", "16")
    document = make_nam.put(document, "config.head_scale", None)
    message = refused("inspect", make_nam.write(tmp_path, document))
    assert "config.layers[0].channels" in message
    assert "config.head_scale" in message


def test_inspect_tells_the_costs(tweed: Path) -> None:
    text = run("inspect", tweed).stdout
    for label in ("parameters", "multiply-adds", "activations", "receptive field", "daisy"):
        assert label in text


def test_inspect_json_agrees_with_a_count_by_hand(tweed: Path) -> None:
    found = json.loads(run("inspect", tweed, "--json").stdout)
    (network,) = found["networks"]
    first, second = 4 * 4 * 3 + 4 + 16, 2 * 2 * 3 + 2 + 4
    dead_1x1 = 4  # the last layer's, whose output nobody hears
    ends = 4 + 4 * 2 + 4 * 2 + 2  # rechannels and head rechannels
    assert network["macs_per_sample"] == 2 * first + 2 * second + ends - dead_1x1
    assert network["activations_per_sample"] == 2 * 4 + 2 * 2
    assert network["receptive_field"] == 1 + 2 * (2 + 4)
    assert found["sample_rate_hz"] == 48000
    assert [fit["target"] for fit in network["fits"]] == ["daisy", load_target("host").name]


def test_inspect_lists_the_submodels_of_a_container(box: Path) -> None:
    found = json.loads(run("inspect", box, "--json").stdout)
    assert [network["submodel"] for network in found["networks"]] == ["1", "2"]
    assert [network["stacks"][0]["channels"] for network in found["networks"]] == [2, 3]


def test_targets_lists_memories_and_boot_modes() -> None:
    text = run("targets").stdout
    assert "daisy" in text
    assert re.search(r"dtcm +131,072 bytes", text)
    assert "--boot qspi" in text
    assert "chosen by rule, not measured" in text
    assert "arm-none-eabi-gcc -mcpu=cortex-m33 " in text
    found = {target["name"]: target for target in json.loads(run("targets", "--json").stdout)}
    assert (found["daisy"]["gives"], found["daisy"]["speed_is_predicted"]) == ("image and C", True)
    assert found["cortex-m7"]["gives"] == "C"
    assert found["cortex-m7"]["speed_is_predicted"] is False, "its clock is not known"
    assert found["x86-64"]["compile"] == ["cc", "-mavx2", "-mfma"]
    assert "host" not in found, "another name for one of these"


def test_render_plays_a_file(tweed: Path, tmp_path: Path) -> None:
    sound = np.linspace(-0.5, 0.5, 1000, dtype=np.float32)
    soundfile.write(tmp_path / "in.wav", sound, 48000, subtype="FLOAT")
    outputs = []
    for engine in ("host", "reference"):
        result = run("render", tweed, tmp_path / "in.wav", tmp_path / "out.wav", "--engine", engine)
        assert result.exit_code == 0, result.output
        assert "1000 frames at 48000 Hz" in result.stdout
        outputs.append(soundfile.read(tmp_path / "out.wav", dtype="float32")[0])
    assert outputs[0].any()
    np.testing.assert_array_equal(outputs[0], outputs[1])


def test_verify_on_the_host_needs_no_cross_compiler(
    tweed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ToolError("toolchain zig: missing")

    monkeypatch.setattr("namgen.cli.verify.find_cross", missing)
    monkeypatch.setattr("host_sim.verify.find_cross", missing)
    assert run("verify", tweed, "--on", "host").exit_code == 0
    if importlib.util.find_spec("unicorn"):
        assert "zig: missing" in refused("verify", tweed, "--on", "emulator")


def test_without_the_emulator_verify_runs_here_and_says_what_is_left_out(
    tweed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "unicorn", None)
    result = run("verify", tweed)
    assert result.exit_code == 0, result.output
    *_, left_out, verdict = result.stdout.splitlines()
    assert left_out.startswith("machine code and pedal: not run: ")
    assert 'pip install "namgen[emulator]"' in left_out
    assert verdict == "bit-exact on this machine; the machine code was not run"
    found = json.loads(run("verify", tweed, "--json").stdout)
    assert (found["bit_exact"], found["left_out"]) == (True, [left_out])
    assert [check["engine"] for check in found["checks"]] == ["host"]
    assert run("verify", tweed, "--target", "host").stdout.endswith("\nbit-exact\n")


def test_a_missing_emulator_is_told_before_anything_is_done(
    tweed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "unicorn", None)
    message = refused("verify", tweed, "--on", "host,emulator")
    assert message == "Error: the emulator needs unicorn: pip install unicorn capstone\n"


def test_a_submodel_that_is_not_there_is_refused(tweed: Path, box: Path) -> None:
    assert "full" in refused("verify", tweed, "--submodel", "lite", "--on", "host")
    assert "lite" in refused("build", box, "--submodel", "7")


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "out.wav"), 1, "out.wav: No space"),
        (PermissionError(errno.EACCES, "Permission denied", "in.nam"), 1, "in.nam: Permission"),
        (MemoryError(), 1, "memory"),
    ],
)
def test_trouble_with_the_machine_is_a_message(
    problem: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise problem

    monkeypatch.setattr("namgen.cli.targets.target_names", fail)
    result = run("targets")
    assert result.exit_code == code
    assert message in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
@pytest.mark.parametrize(
    ("line", "code", "both"),
    [
        ("targets", 0, False),
        ("inspect {tweed}", 0, True),
        ("inspect {tweed} --json", 0, False),
        ("build {tweed} -o {folder} --target host", 0, True),
        ("profile {tweed} {tweed}", 0, False),
        ("verify {tweed} --on host", 0, True),
        ("build --help", 0, False),
        ("--version", 0, True),
        ("inspect {folder}", 1, False),
        ("inspect {folder}", 1, True),
        ("inspect", 2, False),
        ("inspect", 2, True),
    ],
)
def test_a_reader_that_goes_away_changes_no_exit_code(
    tweed: Path, tmp_path: Path, line: str, code: int, *, both: bool
) -> None:
    arguments = line.format(tweed=tweed, folder=tmp_path / "out").split()
    reader, gone = os.pipe()
    os.close(reader)
    errors = gone if both else subprocess.PIPE
    command = [*PROGRAM, *arguments]
    done = subprocess.run(command, stdout=gone, stderr=errors, check=False)
    os.close(gone)
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in (done.stderr or b"")
    assert (tmp_path / "out").is_dir() == ("build" in line and "-o" in line)
