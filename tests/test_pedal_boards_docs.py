"""docs/boards.md has every board and every key, and its examples are true."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from namgen.errors import FileError
from namgen.modules import module_names
from namgen.pedal_boards import PedalBoard, load_pedal_board, pedal_board_names, read_pedal_board

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "boards.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"`\[*([\w-]+)\]*`", PAGE))
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]


def keys_and_values(schema: object) -> Iterator[str]:
    """Every key of a schema and every word that a value may be."""
    if dataclasses.is_dataclass(schema):
        kinds = typing.get_type_hints(schema)
        for field in dataclasses.fields(schema):
            yield str(field.metadata.get("key", field.name))
            yield from keys_and_values(kinds[field.name])
    elif typing.get_origin(schema) is typing.Literal:
        yield from map(str, typing.get_args(schema))
    else:
        for inner in typing.get_args(schema):
            yield from keys_and_values(inner)


def test_every_key_and_every_value_is_explained() -> None:
    spanned = {f"bank-{n}" for n in (2, 3)} | {f"capture-{n}" for n in (2, 3)}
    assert set(keys_and_values(PedalBoard)) - CODE - spanned == set()


def test_every_board_and_module_is_listed() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| ", PAGE, re.MULTILINE)
    assert {*pedal_board_names(), *module_names()} <= set(rows)
    for name in pedal_board_names():
        assert f"| `{name}` | {load_pedal_board(name).title} |" in PAGE


def test_the_example_is_a_board(tmp_path: Path) -> None:
    path = tmp_path / "my_pedal.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert len(read_pedal_board(path).wired()) == 11


def test_the_mistakes_of_the_example_are_told_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / "my_pedal.toml"
    broken = EXAMPLE.replace('"log"', '"logs"').replace('"D9"', '"D16"')
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_pedal_board(path)
    assert f"Error: {caught.value}\n" in PAGE
