"""The first hour goes as docs/tutorial.md says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from program import PROGRAM

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.*)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder after all commands, and what each said."""
    folder = tmp_path_factory.mktemp("hour")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder, [said(command.split(), folder) for command in COMMANDS]


def said(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        [*PROGRAM, *command[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_stage_is_shown(hour: tuple[Path, list[str]]) -> None:
    stages = [command.split()[1] for command in COMMANDS]
    assert stages == ["inspect", "render", "build", "build", "verify"]
    assert "layers                  20\n" in hour[1][0]
    assert "multiply-adds / sample  728 in the file, 692 in C\n" in hour[1][0]
    assert hour[1][-1].splitlines()[-1].startswith("bit-exact on this machine")


def test_another_block_changes_sizes_and_no_weight(hour: tuple[Path, list[str]]) -> None:
    large, small = (hour[0] / name for name in ("tweed", "small"))
    same = {path.name for path in large.glob("*.[ch]") if code(path) == code(small / path.name)}
    assert "nam_tweed_weights.h" in same
    assert "nam_tweed.c" not in same
    assert (large / "report.json").is_file()


def code(path: Path) -> str:
    """The text behind the first comment, which says what the file was laid out for."""
    return path.read_text("utf-8").partition("*/")[2]
