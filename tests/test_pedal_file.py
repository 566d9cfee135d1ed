"""A pedal.toml says what options say; what is wrong in it is said at once, each with its place."""

from __future__ import annotations

import shutil
from dataclasses import fields, replace
from pathlib import Path

import make_nam
import pytest
from pedal_files import GOOD, described, files_of_a_pedal, written

from namgen.errors import ChoiceError, UnsupportedError
from namgen.nam_file import read
from namgen.pedal.deciding import pedal_of
from namgen.pedal.file import read_pedal
from namgen.pedal.notes import cabinet_note, notes_of
from namgen.pedal.said import CabinetName, CaptureSaid, PedalSaid, position_of
from namgen.pedal.wanted import Cabinets
from namgen.selection.wanted import Wanted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return files_of_a_pedal(tmp_path)


def test_every_key_arrives(folder: Path) -> None:
    pedal = described(folder)
    wanted, order = pedal.wanted, pedal.order
    assert (order.block_frames, order.clock_hz, order.idle) == (16, 400_000_000, "sleep")
    assert order.boot is not None
    assert (order.target.name, order.boot.name) == ("daisy", "sram")
    assert (wanted.normalize, wanted.calibrate, wanted.bypass_idle) == (False, False, True)
    assert wanted.cabinets == Cabinets(512, minimum_phase=True)
    assert (wanted.name, wanted.positions) == ("mine", {"bass": 0.25, "gate": 0.35})
    clean, lead, fuzz = wanted.captures
    assert (clean.title, lead.title, fuzz.title) == ("Clean", "lead", "fuzz")
    assert (clean.trim_db, clean.bank) == (-1.5, 2)
    assert [c.ir and c.ir.relative_to(folder).as_posix() for c in wanted.captures] == [
        None,
        "cab.wav",
        "sub/other.wav",
    ]
    assert clean.wanted == Wanted("2", None, "fast")
    assert lead.wanted == Wanted("largest-that-fits", 0.5, "exact")
    assert fuzz.wanted == Wanted("lite", None, "fast")
    assert lead.path == folder / "sub/lead.nam"


def test_controls_do_what_the_pedal_says_and_else_what_the_board_says(folder: Path) -> None:
    board = described(folder).wanted.board
    assert {knob.label: knob.sets for knob in board.knobs} == {
        "1": "level",
        "2": "bass",
        "3": "middle",
        "4": "treble",
        "5": "gate",
        "6": "none",
    }
    assert [switch.does for switch in board.footswitches] == ["previous-capture", "bypass"]
    places = [place.does for place in board.toggles[0].positions]
    assert places == ["ir-off", "none", "ir-on"]
    assert [(led.shows, led.capture) for led in board.leds] == [("capture", 3), ("status", 0)]


def test_options_and_keys_have_the_same_names_and_meanings(folder: Path) -> None:
    captures = ["clean.nam", "sub/lead.nam", "fuzz.nam"]
    text = "".join(f'[[capture]]\nfile = "{name}"\n' for name in captures)
    keys = GOOD.split("[[capture]]", maxsplit=1)[0]
    said = read_pedal(written(folder, keys + text))
    by_options = pedal_of([folder / name for name in captures], replace(said, captures=()))
    by_file = described(folder, keys + text)
    assert by_options.wanted == by_file.wanted
    assert by_options.order == by_file.order


def test_what_is_said_beside_the_file_wins(folder: Path) -> None:
    said = PedalSaid(
        board="terrarium",
        block=48,
        normalize=True,
        ir=CabinetName(str(folder / "sub/other.wav")),
        positions={"gate": 0.5},
    )
    text = GOOD[: GOOD.index("[knobs]")].replace("bank = 2\n", "")
    pedal = described(folder, text, said)
    assert pedal.wanted.board.name == "terrarium"
    assert pedal.order.block_frames == 48
    assert pedal.wanted.normalize
    assert pedal.wanted.positions == {"bass": 0.25, "gate": 0.5}
    assert [c.ir and c.ir.name for c in pedal.wanted.captures] == [None, "other.wav", "other.wav"]


def test_a_board_of_ones_own_lies_beside_the_pedal(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = 'title = "Mine"\nmodule = "daisy-seed"\n[[knob]]\nlabel = "x"\npin = "D16"\n'
    (folder / "mine.toml").write_text(own, encoding="utf-8")
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    text = 'board = "mine.toml"\n[[capture]]\nfile = "fuzz.nam"\n[knobs]\nx = "bass"\n'
    assert described(folder, text).wanted.board.knobs[0].sets == "bass"


def test_captures_alone_make_a_pedal_on_a_bare_board(folder: Path) -> None:
    pedal = pedal_of([folder / "clean.nam"], PedalSaid(name="tweed"))
    assert pedal.wanted.board.name == "seed"
    assert [c.title for c in pedal.wanted.captures] == ["clean"]
    assert pedal.wanted.captures[0].wanted.name == "tweed"


def test_files_of_one_name_are_told_apart(folder: Path) -> None:
    shutil.copy(folder / "clean.nam", folder / "sub" / "Clean.nam")
    paths = [folder / "clean.nam", folder / "sub" / "Clean.nam", folder / "clean.nam"]
    pedal = pedal_of(paths, PedalSaid(board="terrarium"))
    assert [c.title for c in pedal.wanted.captures] == ["clean", "Clean 2", "clean 3"]


def test_captures_that_nothing_chooses_are_refused(folder: Path) -> None:
    paths = [folder / "clean.nam", folder / "fuzz.nam"]
    with pytest.raises(UnsupportedError, match="no control chooses another"):
        pedal_of(paths, PedalSaid())
    assert pedal_of(paths, PedalSaid(board="terrarium")).wanted.captures[1].title == "fuzz"


def test_a_description_comes_alone(folder: Path) -> None:
    with pytest.raises(ChoiceError, match=r"captures, or one pedal\.toml"):
        pedal_of([folder / "clean.nam", written(folder, GOOD)], PedalSaid())


def test_a_board_is_for_its_own_target(folder: Path) -> None:
    with pytest.raises(ChoiceError, match="expected target daisy, found 'cortex-m7'"):
        pedal_of([folder / "clean.nam"], PedalSaid(board="pod"), target="cortex-m7")


def test_what_is_hardly_meant_is_noted(folder: Path) -> None:
    text = GOOD.replace('ir = "cab.wav"\n', "").replace('ir = "sub/other.wav"\n', "")
    text = text.replace("bass = 0.25", "bass = 0.25\nlevel = 0.5")
    text = text.replace('left = "previous-capture"', 'left = "none"').replace("bank = 2\n", "")
    assert list(notes_of(described(folder, text).wanted)) == [
        "set gate: on the pedal, knob 5 says where it is",
        "set bass: on the pedal, knob 2 says where it is",
        "set level: on the pedal, knob 1 says where it is",
        "toggle 1: there is no impulse response that it could switch",
        "ir_length and minimum_phase: there is no impulse response that they could shape",
    ]


def test_captures_that_no_control_chooses_are_noted(folder: Path) -> None:
    for name in "abcd":
        shutil.copy(folder / "fuzz.nam", folder / f"{name}.nam")
    paths = [folder / f"{name}.nam" for name in "abcd"]
    tap, t3k = (pedal_of(paths, PedalSaid(board=board)).wanted for board in ("versio", "t3k"))
    assert "board versio: no control chooses 1 capture: b" in list(notes_of(tap))
    assert not [note for note in notes_of(t3k) if "chooses" in note]


def test_two_cabinets_are_noted(folder: Path) -> None:
    document = make_nam.put(make_nam.a1(), "metadata", {"gear_type": "amp_cab"})
    make_nam.write(folder, document, "fuzz.nam")
    captures = described(folder).wanted.captures
    notes = [cabinet_note(capture, read(capture.path)) for capture in captures]
    assert notes[:2] == [None, None]
    assert notes[2] == (
        "fuzz: two cabinets: its file says amp_cab, and other.wav is played behind it"
    )


def test_levels_are_positions() -> None:
    assert position_of("treble", "+5 dB") == 0.75
    assert position_of("level", "-40dB") == 0
    assert position_of("gate", " -80 db ") == 0.2
    assert position_of("input", 1) == 1.0


def test_every_option_is_a_key() -> None:
    assert {item.name for item in fields(CaptureSaid)} <= {
        *(item.name for item in fields(PedalSaid)),
        *("file", "trim_db", "bank"),
    }
