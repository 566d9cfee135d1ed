"""docs/first-five-minutes.md is what a terminal shows: every command, in its order."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from doc_blocks import ROOT, commands, masked, matches
from program import PROGRAM
from selftest_messages import message, record

PAGE = (ROOT / "docs" / "first-five-minutes.md").read_text(encoding="utf-8")
TERMINAL = [
    found for block in PAGE.split("```console\n")[1:] for found in commands(block.split("```")[0])
]
INSTALLS = ("python3 -m venv", "pip install")
"""What makes the environment that this runs in."""

ENDS_IN_ONE = ("namgen flash",)
"""What cannot do its work here, and says so."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "examples", folder / "examples")
    record(folder / "rec.wav", message(1.08))
    return folder


def test_every_command_shows_what_the_page_shows(desk: Path) -> None:
    for package in ("unicorn", "capstone", "usb"):
        pytest.importorskip(package, reason=f"the page shows namgen with {package}")
    for command, shown in TERMINAL:
        if not command.startswith(INSTALLS):
            code, printed = said(command, desk)
            assert code == int(command.startswith(ENDS_IN_ONE)), printed
            assert matches(masked(shown), masked(printed)), "\n".join([command, *printed])


def said(command: str, desk: Path) -> tuple[int, list[str]]:
    """The exit code, and what a reader of results or of errors sees."""
    program, *words = shlex.split(command)
    assert program == "namgen"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*PROGRAM, *words], cwd=desk, env=environment, capture_output=True, text=True, check=False
    )
    printed = done.stderr if done.returncode else done.stdout
    return done.returncode, printed.splitlines()


def test_the_page_goes_from_nothing_to_a_measured_pedal() -> None:
    steps = [command.split()[:2] for command, _ in TERMINAL]
    shown = [words[1] for words in steps if words[0] == "namgen"]
    assert shown == ["doctor", "new-pedal", "build", "page", "flash", "selftest", "build"]


def test_every_word_of_namgen_that_the_page_shows_is_seen() -> None:
    """A block without output would hold nothing."""
    for command, shown in TERMINAL:
        assert shown or command.startswith(INSTALLS), command
