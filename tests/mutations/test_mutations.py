"""Every mistake in `mutations.toml` makes the test fail that is there to notice it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("benchmarks", "docs", "examples", "firmware", "host_sim", "namgen", "templates", "tests")
TESTS_FAILED = 1
"""What pytest exits with; errors of other kinds have other codes."""


@cache
def mutations() -> dict[str, dict[str, Any]]:
    path = Path(__file__).with_name("mutations.toml")
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["mutation"]
    named = {entry["name"]: entry for entry in entries}
    assert len(named) == len(entries)
    return named


def mutated(name: str) -> str:
    """The text of the file with the mistake in it."""
    entry = mutations()[name]
    text = (ROOT / entry["file"]).read_text(encoding="utf-8")
    for old, new in entry["edits"]:
        times = text.count(old)
        assert times == 1 or (times and entry.get("everywhere")), (
            f"{name}: {entry['file']}: expected once, found {times} times: {old}"
        )
        text = text.replace(old, new)
    return text


def copied(folder: Path) -> Path:
    """A copy of what the tests need."""
    junk = shutil.ignore_patterns("__pycache__", "mutations")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=junk)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, folder)
    return folder


def outcome(folder: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", mutations())
def test_the_text_of_every_mutation_is_there_to_be_changed(name: str) -> None:
    original = (ROOT / mutations()[name]["file"]).read_text(encoding="utf-8")
    assert mutated(name) != original
    for test in mutations()[name]["tests"]:
        assert (ROOT / test.partition("::")[0]).is_file()


@pytest.mark.slow
@pytest.mark.parametrize("name", mutations())
def test_every_mutation_is_noticed(name: str, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    entry = mutations()[name]
    (folder / entry["file"]).write_text(mutated(name), encoding="utf-8")
    found = outcome(folder, entry["tests"])
    assert found.returncode == TESTS_FAILED, f"{name}: survived\n{found.stdout[-2000:]}"
    assert " failed" in found.stdout or "FAILED" in found.stdout, found.stdout[-2000:]


@pytest.mark.slow
def test_without_a_mutation_the_same_tests_pass(tmp_path: Path) -> None:
    tests = sorted({test for entry in mutations().values() for test in entry["tests"]})
    found = outcome(copied(tmp_path), tests)
    assert found.returncode == 0, found.stdout[-3000:]
