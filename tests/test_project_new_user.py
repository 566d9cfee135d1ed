"""What goes wrong in the first hour: each ends in a line, an exit code, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import make_nam
import numpy as np
import pytest
import soundfile
from program import PROGRAM

ROOT = Path(__file__).resolve().parents[1]
FIRST_LINE_SECONDS = 60.0


def start(folder: Path, *arguments: object, env: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start namgen in a folder."""
    return subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 (no threads here)
    )


def _hear_ctrl_c() -> None:
    """A shell lets its background jobs ignore Ctrl-C, and they hand that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def refused(folder: Path, *arguments: object, code: int = 1, env: Mapping[str, str]) -> str:
    """Run what must fail; what it said on standard error."""
    process = start(folder, *arguments, env=env)
    out, err = process.communicate()
    assert process.returncode == code, err
    assert out == ""
    assert "Traceback" not in err
    return err


@pytest.fixture
def tweed(tmp_path: Path) -> Path:
    return make_nam.write(tmp_path, make_nam.a1())


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def without_ziglang(folder: Path) -> dict[str, str]:
    """An environment with no compiler: an empty PATH, and a ziglang that is not there."""
    hook = folder / "hook"
    hook.mkdir()
    text = "import sys\nsys.modules['ziglang'] = None\n"
    (hook / "sitecustomize.py").write_text(text, encoding="utf-8")
    return {"PATH": str(hook), "PYTHONPATH": f"{hook}{os.pathsep}{ROOT}"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("build",), "pip install ziglang"),
        (("build", "--toolchain", "gcc"), "expected arm-none-eabi-gcc on PATH"),
        (("verify", "--on", "host"), "pip install ziglang"),
    ],
)
def test_without_any_compiler(
    arguments: tuple[str, ...], message: str, tweed: Path, work: Path, tmp_path: Path
) -> None:
    command, *options = arguments
    environment = {**without_ziglang(tmp_path), "NAMGEN_CACHE_DIR": str(tmp_path / "cache")}
    assert message in refused(work, command, tweed, *options, env=environment)
    assert list(work.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named(tweed: Path, work: Path) -> None:
    message = refused(work, "build", tweed, env={"NAMGEN_CACHE_DIR": str(tweed / "cache")})
    assert "NAMGEN_CACHE_DIR: expected a folder to write in" in message
    assert list(work.iterdir()) == []


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tweed: Path, work: Path) -> None:
    work.chmod(0o500)
    try:
        assert "Permission denied" in refused(work, "build", tweed, env={})
    finally:
        work.chmod(0o700)
    assert list(work.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told(tweed: Path, work: Path) -> None:
    command = [*PROGRAM, "inspect", str(tweed)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONUNBUFFERED", None)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            command, cwd=work, env=environment, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
@pytest.mark.parametrize("command", ["build", "verify"])
def test_ctrl_c_ends_with_a_word_and_leaves_nothing(
    command: str, tweed: Path, work: Path, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = {"NAMGEN_CACHE_DIR": str(tmp_path / "cache"), "TMPDIR": str(scratch)}
    options = ["--on", "host"] if command == "verify" else []
    process = start(work, command, tweed, *options, env=environment)
    assert process.stderr is not None
    first = process.stderr.readline()
    assert first.split()[0] in ("reading", "host:")
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=FIRST_LINE_SECONDS)[1]
    assert process.returncode == 130, rest
    assert rest.endswith("Interrupted.\n")
    assert "Traceback" not in rest
    assert list(work.iterdir()) == []
    assert list(scratch.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
def test_ctrl_c_while_rendering_leaves_no_half_file(tweed: Path, work: Path) -> None:
    soundfile.write(work / "in.wav", np.zeros(48000 * 60, np.float32), 48000, subtype="FLOAT")
    process = start(work, "render", tweed, "in.wav", "out.wav", "--engine", "reference", env={})
    wait_for(lambda: len(list(work.iterdir())) > 1)
    process.send_signal(signal.SIGINT)
    assert process.wait(FIRST_LINE_SECONDS) == 130
    assert [path.name for path in work.iterdir()] == ["in.wav"]


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until the function says yes."""
    end = time.monotonic() + FIRST_LINE_SECONDS
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.01)


def test_a_reader_that_leaves_early_is_no_trouble(tweed: Path, work: Path) -> None:
    for command in ("inspect", "build"):
        process = start(work, command, tweed, env={})
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
        process.wait(FIRST_LINE_SECONDS)


def test_without_a_command_the_help_is_shown(work: Path) -> None:
    message = refused(work, code=2, env={})
    assert "namgen build tweed.nam" in message


def test_a_pipe_of_bytes_that_never_ends_is_not_read(work: Path) -> None:
    zero = Path("/dev/zero")
    if not zero.exists():
        pytest.skip("needs /dev/zero")
    assert "device or pipe" in refused(work, "inspect", zero, env={})
