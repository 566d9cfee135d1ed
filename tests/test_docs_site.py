"""The documents as a site and as man pages: built without a warning, with every command in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from namgen.cli.group import COMMANDS
from namgen.version import VERSION

pytest.importorskip("sphinx")

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
LOADED = re.compile(
    r"""<(?:script|img|iframe)[^>]+src="(?:https?:)?//|<link[^>]+href="(?:https?:)?//"""
)
"""What a browser fetches from elsewhere by itself."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all that is built: what one builder has read, the other need not."""
    return tmp_path_factory.mktemp("site")


def built(builder: str, out: Path) -> Path:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", builder]
    command += ["-d", str(out / "doctrees"), "-c", str(DOCS / "site")]
    command += [str(DOCS), str(out / builder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out / builder


@pytest.fixture(scope="module")
def site(folder: Path) -> Path:
    return built("html", folder)


@pytest.fixture(scope="module")
def manual(folder: Path) -> Path:
    return built("man", folder)


def test_every_document_is_a_page(site: Path) -> None:
    for page in DOCS.glob("*.md"):
        if page.name != "README.md":
            assert (site / f"{page.stem}.html").is_file()
    assert "Where else it runs" in (site / "site" / "readme.html").read_text("utf-8")


def test_no_page_asks_another_place_for_anything(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert LOADED.search(page.read_text("utf-8")) is None, page


def words(page: Path) -> str:
    return re.sub(r"<[^>]+>", "", page.read_text("utf-8"))


def test_every_command_has_its_page_and_its_options(site: Path) -> None:
    pages = {name: words(site / "site" / "commands" / f"{name}.html") for name in COMMANDS}
    for name, text in pages.items():
        assert f"namgen {name}" in text
        assert "--json" in text
    assert "namgen build tweed.nam --board terrarium" in pages["build"]


def test_there_is_a_man_page_for_every_command(manual: Path) -> None:
    names = {path.name for path in manual.glob("*.1")}
    assert names == {"namgen.1", *(f"namgen-{name}.1" for name in COMMANDS)}


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not on PATH")
def test_a_man_page_reads_as_one(manual: Path) -> None:
    page = manual / "namgen-check.1"
    done = subprocess.run(
        ["man", "--local-file", "--warnings", str(page)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert re.search(r"^NAME\s+namgen-check\s+-\s+Check\s+all\s+captures", done.stdout, re.M)
    assert "--least-null" in done.stdout
    assert VERSION in done.stdout
