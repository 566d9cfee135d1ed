"""Data files in TOML, read into dataclasses: every problem at once, with its path and a suggestion.

The dataclass is the schema: its fields are the keys, their types what a value has to be, a default
makes a key optional. What types cannot say, a method `problems` does; any table may have one.
"""

from __future__ import annotations

import dataclasses
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from namgen.errors import FileError, Problem, nearest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

T = TypeVar("T")

_WRONG = object()
"""Stands for a value that has a problem."""
_WORDS = {str: "text", int: "a whole number from 0", float: "a number", bool: "true or false"}


@runtime_checkable
class _Checked(Protocol):
    """A table with rules that types cannot say."""

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong, with paths that begin at this table."""


def load_toml(path: Path, schema: type[T]) -> T:
    """Read a file into the dataclass `schema`, whose field `name` is the name of the file.

    Raises:
        FileError: every key that is unknown, missing or has another value than it should.

    """
    reader = _Reader()
    made = reader.table(schema, {"name": path.stem, **parse_toml(path)}, "")
    if reader.problems:
        raise FileError(path.name, reader.problems)
    return typing.cast("T", made)


def parse_toml(path: Path) -> dict[str, Any]:
    """Read a file as plain values.

    Raises:
        FileError: it is no TOML.

    """
    try:
        parsed: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return parsed
    except ValueError as error:
        raise FileError(path.name, [Problem("", f"expected TOML, found: {error}")]) from None


class _Reader:
    """Turns plain values into those of a schema, and collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def table(self, schema: type[Any], data: object, path: str) -> object:
        """Read a table into a dataclass."""
        if not isinstance(data, dict):
            return self._wrong(path, "a table", data)
        fields = {field.name: field for field in dataclasses.fields(schema)}
        kinds = typing.get_type_hints(schema)
        for key in data.keys() - fields.keys():
            self.problems.append(Problem(_join(path, key), f"unknown key{nearest(key, fields)}"))
        values = {}
        for key, field in fields.items():
            if key in data:
                values[key] = self.value(kinds[key], data[key], _join(path, key))
            elif _is_required(field):
                values[key] = self._wrong(_join(path, key), _words(kinds[key]), None)
        if _WRONG in values.values():
            return _WRONG
        return self._checked(schema(**values), path)

    def value(self, kind: Any, found: object, path: str) -> object:
        """Read a value of any of the types a schema is made of."""
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if dataclasses.is_dataclass(kind):
            return self.table(typing.cast("type[Any]", kind), found, path)
        if origin in (types.UnionType, typing.Union):  # with None, which no TOML can spell
            return self.value(inner[0], found, path)
        if origin is tuple:
            return self._list(inner[0], found, path)
        fits = found in inner if origin is Literal else _fits(kind, found)
        return found if fits else self._wrong(path, _words(kind), found)

    def _list(self, kind: Any, found: object, path: str) -> object:
        if not isinstance(found, list):
            return self._wrong(path, "a list", found)
        values = tuple(self.value(kind, item, f"{path}[{n}]") for n, item in enumerate(found))
        return _WRONG if _WRONG in values else values

    def _checked(self, made: object, path: str) -> object:
        if isinstance(made, _Checked):
            told = [Problem(_join(path, p.path), p.message) for p in made.problems()]
            self.problems += told
        return made

    def _wrong(self, path: str, expected: str, found: object) -> object:
        said = "nothing" if found is None else repr(found)
        self.problems.append(Problem(path, f"expected {expected}, found {said}"))
        return _WRONG


def _is_required(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def _fits(kind: type, found: object) -> bool:
    """Whether a value is of a plain type; no number in these files is below zero."""
    if kind in (int, float):
        is_number = isinstance(found, int if kind is int else int | float)
        return is_number and not isinstance(found, bool) and typing.cast("float", found) >= 0
    return isinstance(found, kind)


def _words(kind: Any) -> str:
    """Say what a value has to be."""
    if typing.get_origin(kind) is Literal:
        return f"one of {', '.join(map(repr, typing.get_args(kind)))}"
    if typing.get_origin(kind) is tuple:
        return "a list"
    return _WORDS.get(kind, "a table")


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path and key and key[0] != "[" else path + key
