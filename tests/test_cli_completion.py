"""The shells complete commands, options and values, as docs/start.md says how."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def asked(shell: str, line: str) -> list[str]:
    """What namgen offers for the last word of a line, as the shell's function asks for it."""
    words = line.split(" ")
    variables = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    if shell == "fish":
        variables = {"COMP_WORDS": line, "COMP_CWORD": words[-1]}
    answer = run({"_NAMGEN_COMPLETE": f"{shell}_complete", **variables}).splitlines()
    if shell == "zsh":
        return answer[1::3]
    return [offer.split(",", maxsplit=1)[1].split("\t")[0] for offer in answer]


def run(variables: dict[str, str]) -> str:
    command = [sys.executable, "-m", "namgen"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_and_values_are_completed(shell: str) -> None:
    assert {"inspect", "build", "verify"} <= set(asked(shell, "namgen "))
    assert asked(shell, "namgen bu") == ["build"]
    assert asked(shell, "namgen build --target d") == ["daisy"]


def test_options_and_what_depends_on_the_target_are_completed() -> None:
    assert "--submodel" in asked("bash", "namgen verify --s")
    assert asked("bash", "namgen build --boot q") == ["qspi"]
    assert asked("bash", "namgen flash --with d") == ["dfu-util"]
    assert {"--wait", "--with", "--write-udev-rule"} <= set(asked("bash", "namgen flash --w"))
    assert "--wait" in asked("bash", "namgen doctor --w")
    assert set(asked("bash", "namgen build --clock 4")) == {"480", "400"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_for_the_start_up_file_is_taken_by_the_shell(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"needs {shell}")
    script = tmp_path / "completion"
    script.write_text(run({"_NAMGEN_COMPLETE": f"{shell}_source"}), encoding="utf-8")
    checked = subprocess.run([program, "-n", script], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "namgen" in script.read_text(encoding="utf-8")


def test_the_first_page_has_the_line_for_each_shell() -> None:
    text = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
    for shell in ("bash_source", "zsh_source", "fish_source"):
        assert shell in text
