"""Every file and every name in CONTRIBUTING.md is there, and the page stays a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = "namgen|templates|firmware|host_sim|tests|benchmarks|docs"
NAMED = sorted(set(re.findall(rf"`((?:{FOLDERS})/[^`:\s]*)(?::([\w.]+))?`", PAGE)))
RECIPES = ("an activation", "a layout", "a processor", "a board", "a package", "an arithmetic")
MOST_LINES = 140


@pytest.mark.parametrize(("place", "name"), NAMED, ids=lambda text: text)
def test_what_is_named_is_there(place: str, name: str) -> None:
    found = list(ROOT.glob(place.replace("<name>", "*")))
    assert found, place
    if name:
        (path,) = found
        assert name in set(names(ast.parse(path.read_text(encoding="utf-8")).body)), place


def names(body: list[ast.stmt], holder: str = "") -> Iterator[str]:
    """What a module or a class defines: functions, classes, constants, attributes."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name):
                yield holder + name
            case ast.ClassDef(name=name, body=inside):
                yield holder + name
                yield from names(inside, f"{holder}{name}.")
            case ast.Assign(targets=targets):
                yield from (
                    holder + target.id for target in targets if isinstance(target, ast.Name)
                )
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield holder + name


def test_three_paths_are_followed_from_function_to_function() -> None:
    paths = PAGE.split("## Three paths")[1].split("\n## ")[0]
    told = [path for path in paths.split("\n\n") if path.startswith("**")]
    assert len(told) == 3
    assert all(len(re.findall(rf"`(?:{FOLDERS})/", path)) >= 6 for path in told)


def test_there_is_a_recipe_for_everything_that_is_added() -> None:
    recipes = PAGE.split("## To add")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\*\*(.*)\*\*$", recipes, re.MULTILINE)) == RECIPES


def test_it_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= MOST_LINES
