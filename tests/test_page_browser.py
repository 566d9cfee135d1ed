"""Pages pass in a browser: valid, accessible, silent on the console, no wider than a phone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import make_nam
import pages
import pytest

HERE = Path(__file__).parent
MODULES = Path(os.environ.get("NAMGEN_CI_NODE", HERE.parent / ".ci" / "node"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

needs_browser = pytest.mark.skipif(
    not (CHROMIUM and shutil.which("node") and (MODULES / "node_modules" / "axe-core").is_dir()),
    reason="no chromium, node, or packages of npm in .ci/node, which .ci/run installs",
)


def looked_at(*paths: Path) -> tuple[list[str], int]:
    """What is wrong with pages, and how many rules of axe-core they passed."""
    command = ["node", HERE / "page_checks.mjs", str(CHROMIUM), MODULES, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return found["wrong"], found["passes"]


@needs_browser
@pytest.mark.parametrize("name", pages.NAMES)
def test_a_page_passes_in_light_and_dark_at_three_widths(name: str) -> None:
    wrong, passes = looked_at(pages.page(name))
    assert wrong == []
    assert passes > 6 * 10


@needs_browser
def test_what_is_wrong_with_a_page_would_be_seen(tmp_path: Path) -> None:
    text = pages.page("nano").read_text(encoding="utf-8")
    text = text.replace("<main>", '<main><img src="https://example.com/x.png"><b id="pedal">')
    broken = tmp_path / "broken.html"
    broken.write_text(text.replace("min-width:0", "min-width:2000px"), encoding="utf-8")
    told = "\n".join(looked_at(broken)[0])
    for what in ("axe: image-alt", "html-validate: no-dup-id", "console: ", "wider than"):
        assert what in told, what


@needs_browser
def test_a_name_without_a_space_is_no_wider_than_a_phone(tmp_path: Path) -> None:
    long = "W" * 200
    told = {"name": long, "gear_make": long}
    captures = [
        make_nam.write(tmp_path, {**make_nam.a1(), "metadata": told}, f"{letter}{long}.nam")
        for letter in "ab"
    ]
    place = tmp_path / "long.html"
    done = pages.run(captures[0], "--compare", captures[1], "--no-image", "-o", place)
    assert done.exit_code == 0
    assert f">a{long}</text>" not in place.read_text("utf-8"), "drawn beyond its picture"
    assert looked_at(place)[0] == []
