"""`emit` and the templates of a plan spell: they compute no size, no place and no order."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from namgen.plan import stages

ROOT = Path(__file__).parents[1]
EMIT = sorted((ROOT / "namgen" / "emit").glob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.j2"))
STAGES = {"KernelStage", "PublishStage", "LstmStage"}
DECIDES = {
    "arithmetic": r"[\w)] [-+*/%]+ [\w(]",
    "a look at the neighbours": r"\b(?:previtem|nextitem)\b",
    "a count of turns": r"\bloop\.index0? [=<>!]",
    "a comparison of places": r"\.value [=!]=",
}


def tags(text: str) -> Iterator[str]:
    """What stands in tags, without the strings in it."""
    for tag in re.findall(r"\{[{%]-?(.*?)-?[%}]\}", text, re.DOTALL):
        yield re.sub(r'"[^"]*"', '""', tag)


def test_there_is_something_to_look_at() -> None:
    assert len(EMIT) == 6
    assert len(TEMPLATES) > 15
    assert all(hasattr(stages, name) for name in STAGES)


@pytest.mark.parametrize("path", EMIT, ids=lambda path: path.name)
def test_emit_computes_nothing(path: Path) -> None:
    operators = ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod | ast.Pow  # `/` joins paths
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    found = [node for node in nodes if isinstance(node, ast.BinOp)]
    assert [ast.unparse(node) for node in found if isinstance(node.op, operators)] == []


@pytest.mark.parametrize("path", EMIT, ids=lambda path: path.name)
def test_emit_makes_no_calls_of_a_block(path: Path) -> None:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    calls = (node.func for node in nodes if isinstance(node, ast.Call))
    assert [f.id for f in calls if isinstance(f, ast.Name) and f.id in STAGES] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_decides_nothing(path: Path) -> None:
    for tag in tags(path.read_text("utf-8")):
        for what, pattern in DECIDES.items():
            assert not re.search(pattern, tag), f"{what}: {tag}"
