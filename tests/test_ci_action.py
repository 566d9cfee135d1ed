"""The action for GitHub: its steps are run here, as a runner would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import make_nam
import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not on PATH")


def value(text: str, inputs: dict[str, str]) -> str:
    """What a runner puts in the place of an input."""
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)


def run(name: str, folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a step with the defaults, but for what is given."""
    defaults = {key: str(entry["default"]) for key, entry in ACTION["inputs"].items()}
    inputs = defaults | {key.replace("_", "-"): text for key, text in given.items()}
    step = STEPS[name]
    own = {key: value(text, inputs) for key, text in step.get("env", {}).items()}
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    namgen = programs / "namgen"
    namgen.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m namgen "$@"\n')
    namgen.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**os.environ, **own, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "captures" / "a folder.nam").mkdir(parents=True)
    make_nam.write(tmp_path / "captures", make_nam.a1(), "lead.nam")
    return tmp_path


@needs_bash
def test_the_check_writes_its_reports_and_shows_the_table(folder: Path) -> None:
    done = run("Check the captures", folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("1 of 1 capture pass") == 1
    (found,) = json.loads((folder / "namgen-report" / "check.json").read_text())
    assert found["passes"] is True
    assert "<testsuite" in (folder / "namgen-report" / "junit.xml").read_text()


@needs_bash
def test_a_limit_that_is_exceeded_fails_the_step_and_keeps_the_reports(folder: Path) -> None:
    done = run("Check the captures", folder, max_load="0.5")
    assert done.returncode == 1
    assert "load: expected at most 0.5 %" in done.stdout
    assert 'failures="1"' in (folder / "namgen-report" / "junit.xml").read_text()
    (found,) = json.loads((folder / "namgen-report" / "check.json").read_text())
    assert found["passes"] is False


@needs_bash
def test_a_revision_that_is_named_and_not_there_fails_the_step(folder: Path) -> None:
    done = run("Check the captures", folder, since="v1.0")
    assert done.returncode == 1
    assert "expected a git repository, to compare with v1.0" in done.stderr


@needs_bash
def test_every_capture_is_inspected_and_gets_a_page(folder: Path) -> None:
    (folder / "captures" / "deep").mkdir()
    make_nam.write(folder / "captures" / "deep", make_nam.lstm(), "other amp.nam")
    assert run("Say what is in them", folder).returncode == 0
    names = {path.name for path in (folder / "namgen-report" / "inspect").iterdir()}
    assert names == {"captures-lead.nam.json", "captures-deep-other amp.nam.json"}
    pages = {path.name for path in (folder / "namgen-report" / "pages").iterdir()}
    assert pages == {"captures-lead.nam.html", "captures-deep-other amp.nam.html"}
    found = json.loads(
        (folder / "namgen-report" / "inspect" / "captures-lead.nam.json").read_text()
    )
    assert found["architecture"] == "WaveNet"


@needs_bash
def test_every_capture_is_verified_and_one_that_is_refused_fails(folder: Path) -> None:
    done = run("Verify the bits", folder, target="generic")
    assert done.returncode == 0, done.stderr
    assert "bit-exact" in done.stdout
    (folder / "captures" / "bad.nam").write_text("{")
    assert run("Verify the bits", folder, target="generic").returncode != 0


def test_the_document_has_every_input_with_its_default() -> None:
    for name, entry in ACTION["inputs"].items():
        assert f"`{name}`" in PAGE
        if entry["default"]:
            assert re.search(rf"`{name}`.*`{re.escape(str(entry['default']))}`", PAGE), name


def test_the_example_of_a_workflow_gives_only_inputs_that_there_are() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    checkout, namgen = yaml.safe_load(text)["jobs"]["check"]["steps"]
    assert checkout["with"]["fetch-depth"] == 2
    assert set(namgen["with"]) <= set(ACTION["inputs"])
