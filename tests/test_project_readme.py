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


BUILD = "namgen build examples/tweed-a2.nam --board terrarium"
"""What both pages begin with."""


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


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples in it, in which one command may find what another has made."""
    return shutil.copytree(ROOT / "examples", tmp_path_factory.mktemp("desk") / "examples").parent


@pytest.fixture(scope="module")
def built(desk: Path) -> str:
    """What is printed by the command that both pages begin with."""
    return run(BUILD, desk)


@pytest.mark.parametrize(("command", "shown"), list(examples()), ids=lambda value: str(value)[:40])
def test_a_command_prints_what_the_first_page_shows(
    command: str, shown: list[str], desk: Path, built: str
) -> None:
    if any(importlib.util.find_spec(name) is None for name in ("unicorn", "capstone")):
        pytest.skip("the page shows namgen with its emulator")
    done = built if command == BUILD else run(command, desk)
    assert matches(masked(shown), masked(done.splitlines())), done


def run(command: str, folder: Path) -> str:
    done = subprocess.run(
        [*PROGRAM, *command.split()[1:]],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
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


def test_the_readme_begins_with_a_command_that_makes_an_image(desk: Path, built: str) -> None:
    """Of its consoles it is the only one that is run; `doc_blocks` leaves them to this test."""
    consoles = "".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL))
    shown = re.findall(r"^\$ (namgen (?!flash).*)$", consoles, re.MULTILINE)
    assert shown == [BUILD]
    assert "tweed-a2" in built
    assert (desk / "build" / "tweed_a2" / "firmware.bin").is_file()


def table() -> list[str]:
    """The commands in the README's tables."""
    return re.findall(r"\| `(namgen [^`]*)` \|$", README, re.MULTILINE)


@pytest.mark.parametrize("command", [c for c in table() if " build " not in c])
@pytest.mark.usefixtures("built")
def test_a_command_of_the_readme_does_something(command: str, desk: Path) -> None:
    run(command, desk)


@pytest.mark.parametrize("command", [c for c in table() if " build " in c])
def test_every_export_of_the_readme_is_built_by_its_command(command: str, checkout: Path) -> None:
    run(command, checkout)
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
