"""docs/pedal.md has every key, its examples are true, and its pictures are what is drawn."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import click
import pytest
from pedal_files import described, files_of_a_pedal
from test_pedal_boards_docs import keys_and_values

from namgen.chain.blocks import PARAMETERS
from namgen.cli.new_pedal import new_pedal_command
from namgen.errors import FileError
from namgen.pedal.moves import read_moves
from namgen.pedal.said import CaptureSaid, EncoderUse, PedalSaid
from namgen.pedal_boards import load_pedal_board, pedal_board_names
from namgen.pedal_boards.drawing import draw

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "pedal.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
(MOVES,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)


def rows(heading: str) -> set[str]:
    """Everything in code in the first column of the table under a heading."""
    part = PAGE.split(f"### {heading}\n")[1].split("\n#")[0]
    cells = re.findall(r"^\| (`.*?) \|", part, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`\[*([\w-]+)\]*`", cell)}


def keys(schema: type[PedalSaid] | type[CaptureSaid]) -> set[str]:
    return {str(item.metadata.get("key", item.name)) for item in dataclasses.fields(schema)}


def test_every_key_has_a_row_and_every_row_a_key() -> None:
    told = rows("The pedal") | rows("Controls") | {"capture"}
    assert told == keys(PedalSaid)
    assert rows("`[[capture]]`") == keys(CaptureSaid)


def test_every_value_is_explained() -> None:
    code = set(re.findall(r"`([\w-]+)`", PAGE))
    spanned = {f"bank-{n}" for n in (2, 3)} | {f"capture-{n}" for n in range(2, 8)}
    values = {*keys_and_values(PedalSaid), *keys_and_values(EncoderUse)}
    assert values - code - spanned - {"False", "set", "capture", *TABLES} == set()


TABLES = {"knobs", "expressions", "footswitches", "toggles", "encoders", "leds"}


def test_every_key_of_the_pedal_is_an_option() -> None:
    options = {
        name
        for item in new_pedal_command.params
        if isinstance(item, click.Option)
        for name in (*item.opts, *item.secondary_opts)
    }
    for key in rows("The pedal"):
        assert f"--{key.replace('_', '-')}" in options, key


def test_every_parameter_has_its_limits() -> None:
    for name, parameter in PARAMETERS.items():
        row = re.search(rf"^\| `{name}` \| (.*)$", PAGE, re.MULTILINE)
        assert row, name
        assert parameter.lowest in row[1]
        assert parameter.highest in row[1]


def test_the_example_is_a_pedal(tmp_path: Path) -> None:
    folder = files_of_a_pedal(tmp_path)
    (folder / "sub" / "lead.nam").rename(folder / "lead.nam")
    wanted = described(folder, EXAMPLE).wanted
    assert [capture.title for capture in wanted.captures] == ["clean", "solo"]
    assert [capture.ir is None for capture in wanted.captures] == [True, False]
    assert {knob.sets for knob in wanted.board.knobs} == {*PARAMETERS, "none"} - {"gate"}


def test_the_mistakes_of_the_example_are_told_as_it_says(tmp_path: Path) -> None:
    folder = files_of_a_pedal(tmp_path)
    (folder / "sub" / "lead.nam").rename(folder / "lead.nam")
    broken = EXAMPLE.replace("name =", "nam =").replace("left =", "lefft =")
    with pytest.raises(FileError) as caught:
        described(folder, broken)
    assert f"Error: {caught.value}\n" in PAGE


def test_the_moves_are_moves(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text(MOVES, encoding="utf-8")
    assert len(read_moves(path, ["clean", "lead"])) == len(MOVES.splitlines()) - 1


@pytest.mark.parametrize("board", pedal_board_names())
def test_every_board_has_a_picture_that_is_drawn_from_its_file(board: str) -> None:
    assert f"| `{board}` |" in PAGE
    assert re.search(rf"^!\[.*\]\(boards/{board}\.svg\)$", PAGE, re.MULTILINE)
    picture = (DOCS / "boards" / f"{board}.svg").read_text(encoding="utf-8")
    assert picture == draw(load_pedal_board(board)), (
        f"namgen board {board} --draw docs/boards/{board}.svg"
    )
