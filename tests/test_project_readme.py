"""What README.md and docs/start.md show is what the commands print; links lead somewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from doc_blocks import masked, matches
from program import PROGRAM

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
START = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
SCREEN_LINES = 80
"""What somebody reads of a page before deciding."""
PAGES = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = (*sorted(ROOT.glob("*.md")), ROOT / "examples" / "README.md", *PAGES)


def examples() -> Iterator[tuple[str, list[str]]]:
    """Every namgen command of the first page with the output that is shown for it."""
    for block in re.findall(r"```console\n(.*?)```", START, re.DOTALL):
        for part in block.split("$ ")[1:]:
            command, *output = part.splitlines()
            if command.startswith("namgen ") and output:
                yield command, output


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the examples in it."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


@pytest.mark.parametrize(("command", "shown"), list(examples()), ids=lambda value: str(value)[:40])
def test_a_command_prints_what_the_first_page_shows(
    command: str, shown: list[str], checkout: Path
) -> None:
    if any(importlib.util.find_spec(name) is None for name in ("unicorn", "capstone")):
        pytest.skip("the page shows namgen with its emulator")
    arguments = [*PROGRAM, *command.split()[1:]]
    environment = {"PYTHONPATH": str(ROOT)}
    done = run(arguments, checkout, environment)
    assert matches(masked(shown), masked(done.splitlines())), done


def run(arguments: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        arguments,
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_page_shows_every_stage() -> None:
    assert [command.split()[1] for command, _ in examples()] == [
        "inspect",
        "build",
        "verify",
        "render",
    ]


def test_the_readme_is_one_screen_and_a_picture() -> None:
    lines = README.splitlines()
    assert len(lines) <= SCREEN_LINES
    assert sum(line.startswith("![") for line in lines) == 1


def table() -> list[str]:
    """The commands in the README's tables."""
    return re.findall(r"\| `(namgen [^`]*)` \|$", README, re.MULTILINE)


@pytest.mark.parametrize("command", [c for c in table() if " build " not in c])
def test_a_command_of_the_readme_does_something(command: str, checkout: Path) -> None:
    ready = "namgen build examples/tweed-a2.nam --board terrarium"
    first = [ready] if "build/" in command else []
    for words in (*first, command):
        run([*PROGRAM, *words.split()[1:]], checkout, {"PYTHONPATH": str(ROOT)})


@pytest.mark.parametrize("command", [c for c in table() if " build " in c])
def test_every_export_of_the_readme_is_built_by_its_command(command: str, checkout: Path) -> None:
    run([*PROGRAM, *command.split()[1:]], checkout, {"PYTHONPATH": str(ROOT)})
    (made,) = (checkout / "build").iterdir()
    assert (made / "report.json").is_file()


def test_the_python_example_runs(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", START, re.DOTALL)
    monkeypatch.chdir(checkout)
    names: dict[str, object] = {}
    exec(compile(code, "start.md", "exec"), names)
    assert isinstance(names["out"], np.ndarray)
    assert names["out"].any()
    assert (checkout / "build" / "tweed_a2" / "firmware.bin").exists()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", document.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        linked = document.parent / name if name else document
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def anchors(document: Path) -> set[str]:
    """The fragments of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


def test_the_index_lists_every_document() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for document in PAGES:
        if document.name != "README.md":
            assert f"({document.name})" in index, document.name
