"""A data file says what another one says, and goes before it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from namgen.boards import Board, load_board
from namgen.errors import FileError
from namgen.modules import load_module
from namgen.toml_like import parse_like

CHIP = """
title = "chip"
[clock]
hz = 480
slow_hz = 400
[[regions]]
name = "fast"
size = 1
[[regions]]
name = "large"
size = 2
kind = "ram"
"""


def parsed(folder: Path, said: str, chip: str = CHIP) -> dict[str, object]:
    (folder / "chips").mkdir()
    (folder / "chips" / "one.toml").write_text(chip, encoding="utf-8")
    (folder / "board.toml").write_text(f'like = "chips/one"\n{said}', encoding="utf-8")
    return parse_like(folder / "board.toml")


def test_what_a_file_says_goes_before_what_it_is_like(tmp_path: Path) -> None:
    found = parsed(
        tmp_path,
        'title = "board"\nclock.hz = 300\n'
        'regions = [{ name = "flash" }, { name = "large", size = 3 }]\n',
    )
    assert found == {
        "title": "board",
        "clock": {"hz": 300, "slow_hz": 400},
        "regions": [
            {"name": "fast", "size": 1},
            {"name": "large", "size": 3, "kind": "ram"},
            {"name": "flash"},
        ],
    }


def test_a_list_without_names_is_taken_whole(tmp_path: Path) -> None:
    assert parsed(tmp_path, "clock = [1, 2]\nsteps = []", "clock = [3]\nsteps = ['a']") == {
        "clock": [1, 2],
        "steps": [],
    }


@pytest.mark.parametrize("twice", ["fast", "flash"])
def test_a_name_that_is_there_twice_stays_there_twice(twice: str, tmp_path: Path) -> None:
    said = f'regions = [{{ name = "{twice}" }}, {{ name = "{twice}" }}]'
    regions = parsed(tmp_path, said)["regions"]
    assert isinstance(regions, list)
    assert [region["name"] for region in regions] == ["fast", "large", twice, twice]


def test_what_a_file_is_like_is_named(tmp_path: Path) -> None:
    path = tmp_path / "board.toml"
    path.write_text("like = 3", encoding="utf-8")
    with pytest.raises(FileError, match=r"board.toml: like: expected text, found 3"):
        parse_like(path)
    path.write_text('like = "chips/none"', encoding="utf-8")
    with pytest.raises(FileError, match=r"none.toml: No such file"):
        parse_like(path)


def test_both_weacts_are_one_but_for_the_flash_of_their_chips() -> None:
    def without_flash(board: Board) -> Board:
        kept = tuple(region for region in board.regions if region.name != "flash")
        return replace(board, name="", title="", pedal_board="", regions=kept, boots=())

    large, small = load_board("weact-h743"), load_board("weact-h750")
    assert without_flash(large) == without_flash(small)
    assert large.region("flash").size_bytes == large.boots[0].limit_bytes == 2 << 20
    assert small.region("flash").size_bytes == small.boots[0].limit_bytes == 128 << 10
    assert load_module("weact-h743").pins == load_module("weact-h750").pins
