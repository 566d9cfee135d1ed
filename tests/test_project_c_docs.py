"""The example and the names of docs/c.md are what the generated C really has."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from program import PROGRAM

from namgen.boards import load_board
from namgen.resources import templates_dir

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "c.md").read_text(encoding="utf-8")


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_builds_compiles_and_runs_as_printed(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("cc is not on PATH")
    (build,) = re.findall(r"`namgen (build examples/.*?)`", PAGE)
    source = [block for block in re.findall(r"```c\n(.*?)```", PAGE, re.DOTALL) if "main" in block]
    (compile_it,) = re.findall(r"```sh\n(.*?)\n```", PAGE)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "example.c").write_text(source[0])
    run([*PROGRAM, *shlex.split(build)], tmp_path)
    run(shlex.split(compile_it), tmp_path)
    printed = run(["./example"], tmp_path).split()
    assert len(printed) == 4
    assert len(set(printed)) > 1, "it plays nothing"


def test_every_section_macro_is_described() -> None:
    for region in filter(lambda region: region.macro, load_board("daisy").regions):
        for part in ("BSS", "DATA"):
            section = f"{region.section}_{part.lower()}"
            assert f"| `{region.macro}_{part}` | `{section}` |" in PAGE
    (first, *_) = load_board("daisy").model_regions
    table = f"{load_board('daisy').region(first).section}_data.tables"
    assert f"| `NAM_TABLE_SECTION` | `{table}` |" in PAGE


def test_the_interface_is_the_headers() -> None:
    header = (templates_dir() / "model.h.j2").read_text(encoding="utf-8")
    for line in re.findall(r"^\w+ \{\{ stem \}\}_.*;$", header, re.MULTILINE):
        assert line.replace("{{ stem }}", "nam_tweed") in PAGE
    for name in re.findall(r"#define \{\{ prefix \}\}_(\w+) ", header):
        assert f"#define NAM_TWEED_{name} " in PAGE
