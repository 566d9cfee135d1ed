"""Data files of which one has much in common with another: it names that one, and says the rest.

`like = "chips/stm32h750"` is the file `chips/stm32h750.toml` beside it. What a file says itself
goes before what that one says; of tables in a list, those with the same name are one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from namgen.errors import FileError, Problem
from namgen.toml_data import parse_toml

_KEY = "like"


def parse_like(path: Path) -> dict[str, Any]:
    """Read a file, and what it is like, as plain values.

    Raises:
        FileError: one of them is no TOML, or cannot be read.

    """
    data = parse_toml(path)
    if _KEY not in data:
        return data
    named = data.pop(_KEY)
    if not isinstance(named, str):
        raise FileError(path.name, [Problem(_KEY, f"expected text, found {named!r}")])
    return merged(parse_like(path.parent / f"{named}.toml"), data)


def merged(base: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Return what a file says, and of `base` what it does not say."""
    both = {key: _value(base[key], said[key]) for key in base.keys() & said.keys()}
    return base | said | both


def _value(base: Any, said: Any) -> Any:
    if isinstance(base, dict) and isinstance(said, dict):
        return merged(base, said)
    if _has_names(base) and _has_names(said):
        first, own = ({table["name"]: table for table in tables} for tables in (base, said))
        if len(first) < len(base) or len(own) < len(said):
            return [*base, *said]  # a name is there twice, which whoever reads the tables refuses
        return list(merged(first, own).values())
    return said


def _has_names(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(table, dict) and isinstance(table.get("name"), str) for table in value
    )
