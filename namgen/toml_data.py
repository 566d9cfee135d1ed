"""Data files in TOML, read into dataclasses: every problem at once, with its path and a suggestion.

The dataclass is the schema: its fields are the keys, their types what a value has to be, a default
makes a key optional. What types cannot say, a method `problems` does; any table may have one.
A type made with `NewType` is a value of its kind with a meaning, which `leaves` finds again.
A `Mapping` is a table whose keys are names that the file chooses.

Nothing hides anything else: a value that is wrong is `UNKNOWN` to the rules of its table, which go
on with the others, and what stands under a misspelt key is read as under the one that is meant.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, NewType, NoReturn, Protocol, TypeVar, runtime_checkable

from namgen.errors import FileError, Problem, nearest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

T = TypeVar("T")

Signed = NewType("Signed", float)
"""A number that may be below zero; no other in these files is."""

MISSPELT = 0.75
"""How like a key another one has to be to be read as it: 1 where they are the same."""

_WORDS = {str: "text", int: "a whole number from 0", float: "a number", bool: "true or false"}


class UnknownError(Exception):
    """A rule asked what a value is that is wrong itself."""


class _Unknown:
    """Stands for a value that has a problem: it is there, and what it is nobody knows."""

    def _ask(self, *_: object) -> NoReturn:
        raise UnknownError

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _ask
    __abs__ = __mod__ = __rmod__ = __add__ = __radd__ = __sub__ = __rsub__ = _ask
    __mul__ = __rmul__ = __floordiv__ = __rfloordiv__ = __truediv__ = __rtruediv__ = _ask
    __len__ = __iter__ = __contains__ = __getitem__ = __str__ = __format__ = _ask
    __getattr__ = _ask

    def __bool__(self) -> bool:
        return True


UNKNOWN: Any = _Unknown()


def known(values: Iterable[T]) -> list[T]:
    """Return the values that are not `UNKNOWN`."""
    return [value for value in values if value is not UNKNOWN]


def each_of(*rules: Callable[[], Iterable[Problem]]) -> Iterator[Problem]:
    """Yield what every rule finds; one that has to know an `UNKNOWN` value finds no more."""
    for rule in rules:
        with suppress(UnknownError):
            yield from rule()


@runtime_checkable
class _Checked(Protocol):
    """A table with rules that types cannot say."""

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong, with paths that begin at this table."""


@dataclasses.dataclass(frozen=True, slots=True)
class Leaf:
    """A value of a file that is no table and no list: where it is, and the type it has to have."""

    path: str
    kind: Any
    value: object


def called(key: str) -> dict[str, str]:
    """Return the metadata of a field that a file calls `key`."""
    return {"key": key}


def leaves(schema: type[Any], data: object, path: str = "") -> Iterator[Leaf]:
    """Yield the values that a schema has a place for, whatever else is wrong in the file."""
    if not isinstance(data, dict):
        return
    kinds = _kinds(typing.cast("Any", schema))
    keys = meant(schema, data)
    for field in dataclasses.fields(schema):
        for key in keys.get(_key(field), ()):
            yield from _leaves_of(kinds[field.name], data[key], _join(path, key))


def meant(schema: type[Any], data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return by the keys of a schema what a file spells so: the key itself first, if it is there.

    A key that is none of the schema's counts as the one it is very like.
    """
    keys = [_key(field) for field in dataclasses.fields(schema)]
    found = {key: [key] for key in keys if key in data}
    for key in data:
        if key not in keys and (close := get_close_matches(key, keys, 1, MISSPELT)):
            found.setdefault(close[0], []).append(key)
    return found


def _leaves_of(kind: Any, found: object, path: str) -> Iterator[Leaf]:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        yield from leaves(typing.cast("type[Any]", kind), found, path)
    elif origin in (types.UnionType, typing.Union):
        yield from _leaves_of(inner[0], found, path)
    elif origin is Mapping:
        for key, item in found.items() if isinstance(found, dict) else ():
            yield from _leaves_of(inner[1], item, _join(path, key))
    elif origin is tuple:
        for number, item in enumerate(found if isinstance(found, list) else []):
            yield from _leaves_of(inner[0], item, f"{path}[{number}]")
    else:
        yield Leaf(path, kind, found)


def spelled(schema: type[Any], data: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    """List what a file says under a key of its schema, each with the key as the file has it."""
    return [(found, data[found]) for found in meant(schema, data).get(key, ())]


def toml_names(folder: Path) -> tuple[str, ...]:
    """Names of the files of a folder, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def load_toml(path: Path, schema: type[T]) -> T:
    """Read a file into the dataclass `schema`, whose field `name` is the name of the file.

    Raises:
        FileError: every key that is unknown, missing or has another value than it should.

    """
    return read_table(path, {"name": path.stem, **parse_toml(path)}, schema)


def read_table(
    path: Path,
    data: dict[str, Any],
    schema: type[T],
    more: Callable[[dict[str, Any], T], Iterable[Problem]] = lambda *_: (),
) -> T:
    """Read what `parse_toml` gave of a file into the dataclass `schema`.

    Args:
        path: the file's.
        data: its values.
        schema: what it has to be.
        more: yields what is wrong beyond one table, even where tables have other problems: of the
            file's values, and of what was made of them, with `UNKNOWN` for what is wrong already.

    Raises:
        FileError: as `load_toml`.

    """
    reader = _Reader()
    made = typing.cast("T", reader.table(schema, data, ""))
    problems = [*reader.problems, *more(data, made)]
    if problems:
        raise FileError(path.name, problems)
    return made


def parse_toml(path: Path) -> dict[str, Any]:
    """Read a file as plain values.

    Raises:
        FileError: it is no TOML, or cannot be read.

    """
    try:
        parsed: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return parsed
    except OSError as error:
        raise FileError(str(path), [Problem("", str(error.strerror))]) from None
    except ValueError as error:
        raise FileError(path.name, [Problem("", f"expected TOML, found: {error}")]) from None


def as_data(table: Any) -> dict[str, Any]:
    """Return the plain values that `read_table` makes the dataclass of; defaults are left out."""
    found = {}
    for field in dataclasses.fields(table):
        value = getattr(table, field.name)
        default = field.default_factory() if callable(field.default_factory) else field.default
        if value != default:
            found[_key(field)] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return as_data(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return list(map(_plain, value)) if isinstance(value, tuple) else value


class _Reader:
    """Turns plain values into those of a schema, and collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def table(self, schema: type[Any], data: object, path: str) -> object:
        """Read a table into a dataclass."""
        if not isinstance(data, dict):
            return self._wrong(path, "a table", data)
        fields = {_key(field): field for field in dataclasses.fields(schema)}
        kinds = _kinds(typing.cast("Any", schema))
        for key in (key for key in data if key not in fields):
            self.problems.append(Problem(_join(path, key), f"unknown key{nearest(key, fields)}"))
        values, keys = {}, meant(schema, data)
        for key, field in fields.items():
            kind = kinds[field.name]
            found = [self.value(kind, data[as_], _join(path, as_)) for as_ in keys.get(key, ())]
            if found:
                values[field.name] = found[0]
            elif _is_required(field):
                values[field.name] = self._wrong(_join(path, key), _words(kind), None)
        return self._checked(schema(**values), path)

    def value(self, kind: Any, found: object, path: str) -> object:
        """Read a value of any of the types a schema is made of."""
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if dataclasses.is_dataclass(kind):
            return self.table(typing.cast("type[Any]", kind), found, path)
        if origin in (types.UnionType, typing.Union):
            return self._one_of(kind, found, path)
        if origin is Mapping:
            return self._names(inner[1], found, path)
        if origin is tuple:
            return self._list(inner[0], found, path)
        return found if _fits(kind, found) else self._wrong(path, _words(kind), found, inner)

    def _one_of(self, kind: Any, found: object, path: str) -> object:
        """Read a value of several types, of which None is one that no TOML can spell."""
        kinds = [one for one in typing.get_args(kind) if one is not types.NoneType]
        if len(kinds) == 1:
            return self.value(kinds[0], found, path)
        words = " or ".join(map(_words, kinds))
        return found if any(_fits(one, found) for one in kinds) else self._wrong(path, words, found)

    def _names(self, kind: Any, found: object, path: str) -> object:
        if not isinstance(found, dict):
            self._wrong(path, "a table", found)
            return {}
        return {key: self.value(kind, item, _join(path, key)) for key, item in found.items()}

    def _list(self, kind: Any, found: object, path: str) -> object:
        if not isinstance(found, list):
            return self._wrong(path, "a list", found)
        return tuple(self.value(kind, item, f"{path}[{n}]") for n, item in enumerate(found))

    def _checked(self, made: object, path: str) -> object:
        if isinstance(made, _Checked):
            for found in each_of(made.problems):
                self.problems.append(Problem(_join(path, found.path), found.message))
        return made

    def _wrong(
        self, path: str, expected: str, found: object, known: tuple[object, ...] = ()
    ) -> object:
        said = "nothing" if found is None else _spelled(found)
        hint = nearest(found, map(str, known)) if isinstance(found, str) else ""
        self.problems.append(Problem(path, f"expected {expected}, found {said}{hint}"))
        return UNKNOWN


@cache
def _kinds(schema: Any) -> dict[str, Any]:
    """Types of the fields of a schema, by their names."""
    return typing.get_type_hints(schema)


def _key(field: dataclasses.Field[Any]) -> str:
    """What a file calls it."""
    return str(field.metadata.get("key", field.name))


def _is_required(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def _fits(kind: Any, found: object) -> bool:
    """Whether a value is of a plain type; no number but a `Signed` one is below zero."""
    if typing.get_origin(kind) is Literal:  # for Python, 0 is False
        return any(found == word and type(found) is type(word) for word in typing.get_args(kind))
    plain = getattr(kind, "__supertype__", kind)
    if plain in (int, float):
        is_number = isinstance(found, int if plain is int else int | float)
        if not is_number or isinstance(found, bool):
            return False
        number = typing.cast("float", found)
        return math.isfinite(number) and (kind is Signed or number >= 0)
    return isinstance(found, plain)


def _words(kind: Any) -> str:
    """Say what a value has to be."""
    if typing.get_origin(kind) is Literal:
        words = [_spelled(word) for word in typing.get_args(kind)]
        return words[0] if len(words) == 1 else f"one of {', '.join(words)}"
    if typing.get_origin(kind) is tuple:
        return "a list"
    return _WORDS.get(getattr(kind, "__supertype__", kind), "a table")


def _spelled(word: object) -> str:
    """Spell a value as a TOML file does."""
    return str(word).lower() if isinstance(word, bool) else repr(word)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path and key and key[0] != "[" else path + key
