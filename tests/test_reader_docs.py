"""docs/format.md speaks of every key the reader reads, and of tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import test_reader_refuses
import test_reader_refuses_layers
import test_reader_refuses_networks
import test_reader_refuses_parts
import test_reader_warnings

from namgen.nam_file import limits
from namgen.nam_file.activations import SPELLINGS
from namgen.nam_file.types import FILM_NAMES

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
WITH_CASES = (
    test_reader_refuses,
    test_reader_refuses_layers,
    test_reader_refuses_networks,
    test_reader_refuses_parts,
    test_reader_warnings,
)


def keys_read() -> set[str]:
    """Every constant by which the reader indexes a node."""
    found = set(FILM_NAMES)
    for path in (ROOT / "namgen" / "nam_file").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                found |= {node.slice.value} if isinstance(node.slice.value, str) else set()
    return found


def names_in(pattern: str) -> set[str]:
    return set(re.findall(pattern, TEXT))


def test_the_table_has_every_key_the_reader_reads() -> None:
    spoken_of = names_in(r"[A-Za-z0-9_]+")
    assert keys_read() - spoken_of == set()
    assert "allowed_channels" in keys_read()  # the search itself works


def test_the_table_has_every_activation() -> None:
    assert set(SPELLINGS) - names_in(r"`(\w+)`") == set()


def test_every_test_the_table_names_exists() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    existing = set(re.findall(r"def (test_\w+)", sources))
    assert names_in(r"\btest_\w+\b(?!\.py)") - existing - {"test_reader_"} == set()


def test_every_case_the_table_names_exists() -> None:
    existing = set().union(*(module.CASES for module in WITH_CASES))
    prose = re.sub(r"`[^`]*`", "", TEXT)
    named = set(re.findall(r'"([^"]+)"', prose))
    assert named - existing == set()
    assert len(named) > 50  # the search itself works


@pytest.mark.parametrize("name", [name for name in dir(limits) if name.startswith("MAX_")])
def test_every_limit_has_a_reason(name: str) -> None:
    source = (ROOT / "namgen" / "nam_file" / "limits.py").read_text(encoding="utf-8")
    assert re.search(rf'^{name} = .*\n""".+"""$', source, re.MULTILINE)
