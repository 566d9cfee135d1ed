"""Tile operations: one name for one operation, on every layout."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from namgen.plan.layouts.operations import distinct


@dataclass(frozen=True)
class Sized:
    """An operation whose name leaves its size out."""

    size: int
    name: str = "FILM_8x3"


def test_an_operation_is_listed_once_at_its_first_use() -> None:
    first, other = Sized(1), Sized(2, "FILM_4x3")
    assert distinct([first, other, Sized(1)]) == (first, other)


def test_two_operations_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="FILM_8x3"):
        distinct([Sized(1), Sized(2)])
