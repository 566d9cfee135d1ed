"""A place that takes no more is named in one line, and nothing half-written stays there."""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import make_nam
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from program import PROGRAM

from namgen.cli import main

if sys.platform == "win32":
    pytest.skip("needs limits on the size of files", allow_module_level=True)

import resource

ROOT = Path(__file__).resolve().parents[1]
needs_emulator = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("unicorn", "capstone"))), reason="needs the emulator"
)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    make_nam.write(folder, make_nam.a1())
    return folder


def with_limit(work: Path, line: str, limit_bytes: int, **places: Path) -> str:
    """Run a command that may write no file beyond a size; the last line it said, after it failed.

    The signal that comes with the limit is ignored by Python, so that writing fails as on a full
    disk; of bytecode Python would keep a half. Neither the folder to work in nor the temporary one
    may have anything more afterwards.
    """
    scratch = work.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    before = sorted(work.rglob("*"))
    done = subprocess.run(
        [*PROGRAM, *line.split()],
        cwd=work,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(scratch),
            **{name: str(place) for name, place in places.items()},
        },
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes)),
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert sorted(work.rglob("*")) == before
    assert list(scratch.iterdir()) == []
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("limit_bytes", [600, 3000])
def test_a_build_names_the_folder_for_temporary_files(work: Path, limit_bytes: int) -> None:
    said = with_limit(work, "build tweed.nam --target host", limit_bytes)
    assert said.startswith(f"Error: {work.parent / 'scratch'}: cannot be written: File too large")


@pytest.mark.compiles
def test_a_cache_that_is_full_is_named(work: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    said = with_limit(work, "verify tweed.nam --on host", 3000, NAMGEN_CACHE_DIR=cache)
    assert f"{cache}/libraries: cannot be written: File too large" in said
    assert [path for path in cache.rglob("*") if path.name.startswith(".namgen")] == []


def test_a_render_names_its_output(work: Path) -> None:
    sound = np.zeros(48000, np.float32)
    soundfile.write(work / "in.wav", sound, 48000, subtype="FLOAT")
    said = with_limit(work, "render tweed.nam in.wav out.wav --engine reference", 3000)
    assert "out.wav: cannot be written" in said


def test_a_joined_file_names_its_output(work: Path) -> None:
    make_nam.write(work, make_nam.a1(), "b.nam")
    said = with_limit(work, "join tweed.nam b.nam -o rig.nam", 3000)
    assert said == "Error: rig.nam: cannot be written: File too large"


@needs_emulator
@pytest.mark.parametrize("name", ["trace.csv", "trace.npz"])
def test_a_trace_names_its_output(work: Path, name: str) -> None:
    said = with_limit(work, f"profile tweed.nam --trace {name}", 100_000)
    assert said == f"Error: {name}: cannot be written: File too large"


def test_a_folder_of_results_that_gets_full_is_named(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: object, target: object, **_: object) -> None:
        reason = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        raise shutil.Error([(str(source), str(target), str(reason))])

    monkeypatch.setattr(shutil, "copytree", full)
    result = CliRunner().invoke(
        main, ["build", str(work / "tweed.nam"), "--target", "host", "-o", str(work / "out")]
    )
    assert result.exit_code == 1
    told = f"Error: {work / 'out'}: cannot be written: No space left on device"
    assert result.stderr.splitlines()[-1] == told
    assert not (work / "out").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("line", ["inspect tweed.nam", "targets", "inspect tweed.nam --json"])
def test_standard_output_that_is_full_is_named(work: Path, line: str) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*PROGRAM, *line.split()],
            cwd=work,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "Error: standard output: No space left on device\n"
