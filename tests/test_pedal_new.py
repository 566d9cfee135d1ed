"""`namgen new-pedal` writes what options say, with every key there is, over nobody's file."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import make_nam
import numpy as np
import pytest
from click.testing import CliRunner, Result

from namgen.chain.blocks import PARAMETERS
from namgen.cli import main
from namgen.controls.banks import banks_of
from namgen.pedal.assigning import TABLES
from namgen.pedal.deciding import pedal_of
from namgen.pedal.said import CabinetName, CaptureSaid, PedalSaid
from namgen.pedal_boards import load_pedal_board, pedal_board_names


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tones").mkdir()
    for name in ("clean.nam", "tones/Lead (loud).nam", 'tones/"ü".nam'):
        make_nam.write(tmp_path, make_nam.a1(), name)
    (tmp_path / "cab.wav").write_bytes(make_nam.wav(np.array([1.0, 0.5], np.float32)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["new-pedal", *arguments])


OPTIONS: dict[str, tuple[Sequence[str], PedalSaid]] = {
    "nothing": ((), PedalSaid()),
    "all": (
        shlex.split(
            "--ir cab.wav --ir-length 300 --minimum-phase --no-normalize --no-calibrate "
            "--bypass-idle --block 16 --clock 400 --boot qspi --idle sleep --submodel 1 "
            "--slim 0.25 --tanh fast --name mine --set bass=0.3 --set gate=-65dB"
        ),
        PedalSaid(
            name="mine",
            block=16,
            clock=400,
            boot="qspi",
            idle="sleep",
            normalize=False,
            calibrate=False,
            bypass_idle=True,
            ir=CabinetName("cab.wav"),
            ir_length=300,
            minimum_phase=True,
            submodel="1",
            slim=0.25,
            tanh="fast",
            positions={"bass": 0.3, "gate": "-65dB"},
        ),
    ),
    "the defaults": (
        ["--normalize", "--calibrate", "--no-bypass-idle", "--idle", "spin", "--tanh", "exact"],
        PedalSaid(),
    ),
}


@pytest.mark.parametrize("which", OPTIONS)
@pytest.mark.parametrize("board", ["seed", "terrarium", "versio"])
def test_what_it_writes_is_what_the_options_say(folder: Path, which: str, board: str) -> None:
    options, said = OPTIONS[which]
    captures = ["clean.nam"] if board == "seed" else ["clean.nam", "tones/Lead (loud).nam"]
    done = new(*captures, "--board", board, *options)
    assert done.exit_code == 0, done.output
    read = pedal_of([Path("pedal.toml")], PedalSaid())
    told = pedal_of([Path(name) for name in captures], dataclasses.replace(said, board=board))
    assert read.wanted == told.wanted
    assert read.order == told.order


@pytest.mark.parametrize("board", pedal_board_names())
def test_every_key_there_is_stands_in_it(folder: Path, board: str) -> None:
    assert new("clean.nam", "--board", board).exit_code == 0
    text = Path("pedal.toml").read_text(encoding="utf-8")
    controls = load_pedal_board(board)
    for key in (*keys(PedalSaid), *keys(CaptureSaid)):
        if key == "capture" or key in TABLES:
            has = key == "capture" or bool(getattr(controls, key))
            assert has == bool(re.search(rf"^\[+{key}\]+$", text, re.MULTILINE)), key
        else:
            assert key == "set" or re.search(rf"^(# )?{key} = ", text, re.MULTILINE), key
    for table in TABLES:
        for control in getattr(controls, table):
            assert re.search(rf'^# "?{re.escape(control.label)}"? = ', text, re.MULTILINE), (
                control.label
            )


def keys(schema: type[PedalSaid] | type[CaptureSaid]) -> list[str]:
    return [str(item.metadata.get("key", item.name)) for item in dataclasses.fields(schema)]


NOT_THE_DEFAULT = {"ir", "ir_length", "slim", "bank", "name"}
"""Without them something else is done than by the example that stands there."""


@pytest.mark.parametrize("board", pedal_board_names())
def test_every_line_may_be_uncommented_and_most_change_nothing(folder: Path, board: str) -> None:
    assert new("clean.nam", "--board", board).exit_code == 0
    lines = Path("pedal.toml").read_text(encoding="utf-8").splitlines()
    plain = pedal_of([Path("pedal.toml")], PedalSaid()).wanted
    for number, line in enumerate(lines):
        key = re.match(r"# ([\w-]+|\".*\") = ", line)
        if key is None or (key[1] == "bank" and not banks_of(plain.board)):
            continue
        text = "\n".join([*lines[:number], line.removeprefix("# "), *lines[number + 1 :]])
        Path("one.toml").write_text(text, encoding="utf-8")
        read = pedal_of([Path("one.toml")], PedalSaid()).wanted
        for name, position in read.positions.items():
            assert position == pytest.approx(PARAMETERS[name].default), line
        if key[1] not in NOT_THE_DEFAULT:
            assert dataclasses.replace(read, positions={}) == plain, line


def test_names_of_files_are_spelt_as_the_file_will_see_them(folder: Path) -> None:
    captures = ["clean.nam", "tones/Lead (loud).nam", 'tones/"ü".nam']
    done = new(*captures, "--board", "pod", "--ir", "cab.wav", "-o", "tones/rig.toml")
    assert done.exit_code == 0, done.output
    wanted = pedal_of([Path("tones/rig.toml")], PedalSaid()).wanted
    assert [c.path.resolve() for c in wanted.captures] == [folder / name for name in captures]
    assert {c.ir and c.ir.resolve() for c in wanted.captures} == {folder / "cab.wav"}
    assert [c.title for c in wanted.captures] == ["clean", "Lead (loud)", '"ü"']


def test_files_of_one_name_get_names_of_their_own(folder: Path) -> None:
    make_nam.write(folder, make_nam.a1(), "tones/clean.nam")
    assert new("clean.nam", "tones/clean.nam", "--board", "pod").exit_code == 0
    wanted = pedal_of([Path("pedal.toml")], PedalSaid()).wanted
    assert [c.title for c in wanted.captures] == ["clean", "clean 2"]


def test_a_file_that_is_there_stays(folder: Path) -> None:
    Path("pedal.toml").write_text("precious", encoding="utf-8")
    done = new("clean.nam")
    assert done.exit_code == 1
    assert "pedal.toml: is there already; --force replaces it" in done.stderr
    assert Path("pedal.toml").read_text(encoding="utf-8") == "precious"
    assert new("clean.nam", "--force").exit_code == 0
    assert "clean.nam" in Path("pedal.toml").read_text(encoding="utf-8")


def test_no_capture_is_replaced(folder: Path) -> None:
    Path("clean.nam").rename("clean.toml")
    done = new("clean.toml", "-o", "clean.toml", "--force")
    assert done.exit_code == 2
    assert "would be lost" in done.stderr


def test_a_board_that_nobody_knows_is_met_with_all_there_are(folder: Path) -> None:
    done = new("clean.nam", "--board", "terarium")
    assert done.exit_code == 2
    assert all(name in done.stderr for name in pedal_board_names())
    assert "did you mean terrarium?" in done.stderr
    assert not Path("pedal.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["none.nam"], 1, "none.nam"),
        (["clean.nam", "cab.toml"], 2, "namgen build cab.toml"),
        (["clean.nam", "--set", "bass=2"], 2, "expected a position from 0 to 1"),
        (["clean.nam", "--set", "bas=1"], 2, "did you mean bass?"),
        (["clean.nam", "--set", "bass"], 2, "expected NAME=POSITION"),
        (["clean.nam", "--ir-length", "0"], 2, "1<=x<=8192"),
        (["clean.nam", "-o", "rig.txt"], 2, "ending in .toml"),
        (["clean.nam", "tones/Lead (loud).nam"], 1, "no control chooses another"),
        (["clean.nam", "--board", "petal-125b-sm", "--boot", "sram"], 2, "expected flash, found"),
    ],
)
def test_what_cannot_be_is_told(folder: Path, arguments: list[str], code: int, said: str) -> None:
    done = new(*arguments)
    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert not Path("pedal.toml").exists()


def test_without_captures_there_is_a_place_for_one(folder: Path) -> None:
    done = new("--board", "pod")
    assert done.exit_code == 0
    assert "no capture was named" in done.stderr
    Path("clean.nam").rename("my_capture.nam")
    assert pedal_of([Path("pedal.toml")], PedalSaid()).wanted.board.name == "pod"


def test_programs_read_where_it_is(folder: Path) -> None:
    told = json.loads(new("clean.nam", "--json").stdout)
    assert told == {"file": "pedal.toml", "board": "seed", "captures": ["clean.nam"]}
