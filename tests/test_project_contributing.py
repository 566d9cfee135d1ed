"""Every file and every name in CONTRIBUTING.md is there, and the page stays a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = "namgen|templates|firmware|host_sim|tests|benchmarks|docs"
NAMED = sorted(set(re.findall(rf"`((?:{FOLDERS})/[^`:\s]*)(?::([\w.]+))?`", PAGE)))
RECIPES = (
    "an activation",
    "a layout",
    "a processor",
    "a board",
    "a pedal's board",
    "a package",
    "an arithmetic",
)
MOST_LINES = 140
ARROW = " → "
PLACE = re.compile(rf"`((?:{FOLDERS})/[^`:\s]*)?(?::([\w.]+))?`")


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


@dataclass(frozen=True)
class Place:
    """A function, a class or a constant in a file, or a template."""

    file: str
    name: str = ""

    @property
    def called(self) -> str:
        """What one who uses it writes."""
        return self.name.rpartition(".")[2] or Path(self.file).name


def paths() -> list[list[list[Place]]]:
    """The three paths, each in lines of places."""
    told = PAGE.split("## Three paths")[1].split("\n## ")[0].split("\n**")[1:]
    return [[places(line) for line in path.splitlines() if line.startswith("* ")] for path in told]


def places(line: str) -> list[Place]:
    """The places of a line; one without a file is in the file before it."""
    found: list[Place] = []
    for step in line.split(ARROW):
        match = PLACE.search(step)
        assert match, step
        found.append(Place(match[1] or found[-1].file, match[2] or ""))
    return found


def source(place: Place) -> ast.AST:
    """The tree of what is named."""
    node: ast.AST = ast.parse((ROOT / place.file).read_text(encoding="utf-8"))
    for part in place.name.split("."):
        inside = getattr(node, "body", [])
        node = next(one for one in inside if part in names([one]))
    return node


def words(place: Place) -> set[str]:
    """Every name, and every file, that the source of a place has."""
    if not place.name:
        text = (ROOT / place.file).read_text(encoding="utf-8")
        files = re.findall(r"[\w/]+\.[\w.]+", text)
        return {*re.findall(r"\w+", text), *(Path(file).name for file in files)}
    found = set()
    for node in ast.walk(source(place)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name)
            case ast.Constant(value=str(text)):
                found.add(Path(text).name)
    return found


def test_there_are_three_paths() -> None:
    assert len(paths()) == 3
    assert all(len(set(chain(*path))) >= 12 for path in paths())


STEPS = sorted({step for path in paths() for line in path for step in pairwise(line)}, key=str)


@pytest.mark.parametrize(("place", "following"), STEPS, ids=lambda place: place.called)
def test_what_is_on_a_path_names_what_comes_next(place: Place, following: Place) -> None:
    assert following.called in words(place)


@pytest.mark.parametrize("path", paths(), ids=lambda path: path[0][0].called)
def test_a_line_of_a_path_begins_where_one_above_it_has_been(path: list[list[Place]]) -> None:
    for number, line in enumerate(path[1:], 1):
        assert line[0] in set(chain(*path[:number])), line[0]


def test_every_place_of_a_path_is_there() -> None:
    for place in set(chain(*chain(*paths()))):
        assert (ROOT / place.file).is_file()
        assert not place.name or source(place)


def test_there_is_a_recipe_for_everything_that_is_added() -> None:
    recipes = PAGE.split("## To add")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\*\*(.*)\*\*$", recipes, re.MULTILINE)) == RECIPES


def test_it_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= MOST_LINES
