"""One place says which release of NAM Core is followed."""

from __future__ import annotations

import re
from pathlib import Path

from namgen.version import NAM_CORE

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "namgen" / "version.py"
RELEASE = re.compile(
    r"(NAM ?Core|NeuralAmpModelerCore)[^\n]{0,40}?"
    r"(\b\d+\.\d+\.\d+\b|\b(?=[a-f]*\d)[0-9a-f]{7,40}\b)"
)


def texts() -> list[Path]:
    folders = ("namgen", "host_sim", "templates", "firmware", "docs", "examples", "tests")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    found += [ROOT / "README.md", ROOT / "CHANGELOG.md"]
    return [p for p in found if p.suffix in {".py", ".md", ".h", ".c", ".j2", ".toml"}]


def test_nothing_but_one_line_names_a_release_or_commit_of_nam_core() -> None:
    assert RELEASE.search(f"NAM Core at commit {'a1' * 4}")  # the search itself works
    assert RELEASE.search(NAM_CORE)
    named = [path for path in texts() if RELEASE.search(path.read_text(encoding="utf-8"))]
    assert named == [PLACE]
    assert len(RELEASE.findall(PLACE.read_text(encoding="utf-8"))) == 1


def test_the_documents_say_where_the_release_is_named() -> None:
    for document in ("README.md", "docs/takes.md", "docs/format.md"):
        assert "`namgen --version` names" in (ROOT / document).read_text(encoding="utf-8")
