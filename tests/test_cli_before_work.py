"""What can be known to fail fails before the work, and what was done before a failure is kept."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import make_nam
import pytest
from click.testing import CliRunner, Result

from namgen.cli import main
from namgen.errors import ToolError

needs_emulator = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("unicorn", "capstone"))), reason="needs the emulator"
)


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def tweed(tmp_path: Path) -> Path:
    return make_nam.write(tmp_path, make_nam.a1())


@pytest.fixture
def _no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any compiling fail the test."""

    def compiled(*_: object, **__: object) -> None:
        raise AssertionError("it was compiled")

    monkeypatch.setattr("namgen.toolchain.cross.Zig.compile", compiled)


@pytest.mark.usefixtures("_no_work")
@needs_emulator
@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("profile", "{}", "--trace", "t.txt"), 2, ".csv or .npz"),
        (("profile", "{}", "--trace", "no/such/folder/t.csv"), 1, "no/such/folder/t.csv"),
        (("profile", "{}", "--annotate", "pedal_proces"), 2, "did you mean pedal_process?"),
        (("profile", "{}", "--target", "host"), 2, "expected daisy"),
        (("profile", "{}", "nope.nam", "--annotate", "hottest"), 2, "take one model"),
        (("profile", "nope.nam"), 1, "nope.nam"),
        (("tune", "{}", "-o", "no/such/folder/t.toml"), 1, "no/such/folder/t.toml"),
        (("build", "{}", "-o", "{}/out"), 1, "Not a directory"),
        (("build", "{}", "--name", "n" * 65), 2, "at most 64"),
        (("build", "{}", "-o", "o" * 300), 1, "too long"),
    ],
)
def test_it_fails_before_anything_is_compiled(
    options: tuple[str, ...], code: int, said: str, tweed: Path
) -> None:
    filled = [option.replace("{}", str(tweed)) for option in options]
    if "no/such/folder" in said:
        filled = [option.replace("no/such", f"{tweed}/no/such") for option in filled]
    result = run(*filled)
    assert result.exit_code == code, result.output
    assert said in result.stderr


@pytest.mark.usefixtures("_no_work")
@needs_emulator
@pytest.mark.parametrize("options", [("profile", "--trace"), ("tune", "-o")])
def test_an_output_is_never_the_input(options: tuple[str, str], tweed: Path) -> None:
    command, option = options
    capture = tweed.rename(tweed.with_suffix(".csv"))
    link = tweed.with_name("link.csv")
    link.symlink_to(capture)
    before = capture.read_bytes()
    for place in (capture, link):
        result = run(command, capture, option, place)
        assert result.exit_code == 2, result.output
        assert "would be lost" in result.stderr
    assert capture.read_bytes() == before


@pytest.mark.usefixtures("_no_work")
@pytest.mark.parametrize("command", ["profile", "tune"])
@pytest.mark.parametrize("package", ["unicorn", "capstone"])
def test_a_missing_package_is_told_before_the_work(
    command: str, package: str, tweed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    result = run(command, tweed)
    assert result.exit_code == 1
    assert f"pip install {package}" in result.stderr


def test_a_missing_compiler_is_told_before_the_plan(
    tweed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ToolError("toolchain zig: missing")

    def planned(*_: object, **__: object) -> None:
        raise AssertionError("it was planned")

    build = sys.modules["namgen.build"]
    monkeypatch.setattr(build, "find_cross", missing)
    monkeypatch.setattr(build, "plan_sound", planned)
    assert "zig: missing" in run("build", tweed).stderr


@needs_emulator
def test_a_file_that_fails_loses_nothing_of_the_others(tweed: Path, tmp_path: Path) -> None:
    files = (tmp_path / "nope.nam", tweed, tmp_path / "later.nam")
    result = run("profile", *files)
    assert result.exit_code == 1
    assert "tweed.nam" in result.stdout
    for name in ("nope.nam", "later.nam"):
        assert name in result.stderr
        assert result.stderr.index(name) < result.stderr.index("running tweed.nam")
    values = json.loads(run("profile", *files, "--json").stdout)
    assert values[0]["model"] == "tweed"
    assert [value["error"]["kind"] for value in values[1:]] == ["file", "file"]


@needs_emulator
def test_a_failure_in_the_middle_keeps_what_was_tuned(
    tweed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_nam.write(tmp_path, make_nam.a1(), "other.nam")
    tune = importlib.import_module("host_sim.m7.tune")

    def work(model: object, *_: object, **__: object) -> object:
        if getattr(model, "name", "") == "other":
            raise ToolError("compiler: broken")
        return tune.Tuning("tweed", 2.0, 1.0, {}, ())

    monkeypatch.setattr(tune, "tune", work)
    result = run("tune", tweed, other, "-o", tmp_path / "t.toml")
    assert result.exit_code == 1
    assert "compiler: broken" in result.stderr
    assert "tweed" in (tmp_path / "t.toml").read_text(encoding="utf-8")
