"""The project file, the list of dependencies and the checks agree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CI = ROOT / ".ci" / "run"


def required() -> set[str]:
    """Every package that any installation asks for."""
    project = PROJECT["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    lines = [line for group in groups for line in group]
    names = {re.split(r"[^\w.-]", line)[0] for line in lines}
    return names - {"namgen"}


def test_every_dependency_is_explained() -> None:
    document = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"[\w.-]+", " ".join(re.findall(r"^\| ([^|]+) \|", document, re.M))))
    assert required() <= explained


def test_the_compiler_is_pinned_to_one_minor_version() -> None:
    (pin,) = (line for line in PROJECT["project"]["dependencies"] if line.startswith("ziglang"))
    assert re.fullmatch(r"ziglang==\d+\.\d+\.\*", pin)


def test_a_commit_is_asked_what_the_checks_ask() -> None:
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    config = ROOT / ".pre-commit-config.yaml"
    ask = [sys.executable, "-m", "pre_commit", "validate-config", str(config)]
    subprocess.run(ask, check=True)
    hooks = re.findall(r"^ +entry: (.*)$", config.read_text(encoding="utf-8"), re.MULTILINE)
    assert hooks == ["ruff check", "ruff format", "mypy --strict"]
    assert all(f"\n{hook}" in CI.read_text(encoding="utf-8") for hook in hooks)


def test_the_checks_are_a_program() -> None:
    assert os.access(CI, os.X_OK)
    subprocess.run(["bash", "-n", str(CI)], check=True)


@pytest.mark.parametrize(
    "check",
    ["ruff check", "ruff format --check", "mypy --strict", "python -m pytest", "namgen build"],
)
def test_the_checks_are_complete(check: str) -> None:
    text = CI.read_text(encoding="utf-8")
    assert re.search(rf"^ *{check}", text, re.MULTILINE)
    assert "set -euo pipefail" in text
