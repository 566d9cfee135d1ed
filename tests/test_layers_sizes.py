"""Files and functions stay small enough to be read at a sitting, and no module imports itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest
from test_layers_imports import modules

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("namgen", "host_sim", "templates", "firmware", "tests", "benchmarks", "examples")
TEXTS = {".py", ".c", ".h", ".j2", ".js", ".mjs", ".cjs"}
DATA = ("tests/golden", "firmware/conformance")
"""What is written by a program, or copied from a table."""

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
MEDIAN_LINES_OF_A_FUNCTION = 8

LARGE_FILES: set[str] = set()
"""Those that are still to be parted."""

LONG_FUNCTIONS: set[str] = set()
"""Those that are still to be parted, as `file: function`."""

CIRCLES: set[str] = set()
"""Modules that still import each other."""

_C_FUNCTION = re.compile(r"^(?=\w)[^\n;{}=]*?(\w+)\([^;{}]*\)\s*\n\{\n.*?^\}", re.M | re.S)


def files() -> list[Path]:
    """Every text that a person writes."""
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))]
    texts = [path for path in found if path.suffix in TEXTS]
    return [path for path in texts if not name_of(path).startswith(DATA)]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_functions(text: str) -> Iterator[tuple[str, int]]:
    """Name and lines of every function, from `def` to its last line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def c_functions(text: str) -> Iterator[tuple[str, int]]:
    """Name and lines of every function whose braces stand at the margin."""
    for found in _C_FUNCTION.finditer(text):
        yield found.group(1), found.group(0).count("\n") + 1


@cache
def functions() -> dict[str, int]:
    """Lines of every function, by `file: function`; of several of one name the longest."""
    found: dict[str, int] = {}
    for path in files():
        read = {".py": python_functions, ".c": c_functions, ".h": c_functions}.get(path.suffix)
        for name, lines in read(path.read_text(encoding="utf-8")) if read else ():
            title = f"{name_of(path)}: {name}"
            found[title] = max(lines, found.get(title, 0))
    return found


def test_no_file_is_long() -> None:
    lines = {name_of(p): p.read_text(encoding="utf-8").count("\n") for p in files()}
    assert {name for name, count in lines.items() if count > MOST_LINES_OF_A_FILE} == LARGE_FILES


def test_no_function_is_long() -> None:
    long = {name for name, lines in functions().items() if lines > MOST_LINES_OF_A_FUNCTION}
    assert long == LONG_FUNCTIONS


@pytest.mark.parametrize("folders", [("namgen/", "host_sim/"), ("tests/", "benchmarks/")])
def test_most_functions_are_short(folders: tuple[str, ...]) -> None:
    lengths = []
    for path in files():
        if path.suffix == ".py" and name_of(path).startswith(folders):
            lengths += [n for _, n in python_functions(path.read_text(encoding="utf-8"))]
    assert median(lengths) <= MEDIAN_LINES_OF_A_FUNCTION


def imports() -> dict[str, set[str]]:
    """What every module imports of the two packages, in functions and for types alone too."""
    known = {module.removesuffix(".__init__"): path for module, path in modules()}
    return {
        module: {name for name in imported_of(path, set(known)) if name in known} - {module}
        for module, path in known.items()
    }


def imported_of(path: Path, known: set[str]) -> Iterator[str]:
    """Full names of modules; `from package import module` names the module alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in known else str(node.module)


def test_no_module_imports_itself_over_others() -> None:
    graph = imports()
    assert len(graph) > 100
    assert {module for module in graph if module in reached(graph, module)} == CIRCLES


def reached(graph: dict[str, set[str]], module: str) -> set[str]:
    """What a module brings along."""
    found: set[str] = set()
    waiting = set(graph[module])
    while waiting:
        found |= waiting
        waiting = set().union(*(graph[name] for name in waiting)) - found
    return found


def test_a_circle_would_be_noticed() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert {module for module in graph if module in reached(graph, module)} == {"a", "b", "c"}


def test_a_long_function_would_be_noticed() -> None:
    body = "    x = 1;\n" * 60
    text = f"static int f(int a,\n             int b)\n{{\n{body}}}\n\nint g(void)\n{{\n}}\n"
    assert dict(c_functions(text)) == {"f": 64, "g": 3}
    assert dict(python_functions("def f():\n" + "    x = 1\n" * 60)) == {"f": 61}
