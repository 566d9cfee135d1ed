"""What is wrong in a pedal.toml is said at once, each with its place and the nearest name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pedal_files import GOOD, described, files_of_a_pedal

from namgen.errors import FileError, UnsupportedError
from namgen.pedal.file import read_pedal
from namgen.pedal_boards import load_pedal_board


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return files_of_a_pedal(tmp_path)


def told(folder: Path, text: str) -> list[str]:
    with pytest.raises(FileError) as caught:
        described(folder, text)
    return [line.removeprefix("pedal.toml: ") for line in caught.value.lines]


MISTAKES = {
    "unknown key": ("block = 16", "blok = 16", "blok: unknown key; did you mean block?"),
    "no TOML": ("block = 16", "block", None),
    "block": (
        "block = 16",
        "block = 20",
        "block: expected a multiple of 8 frames up to 256, found 20",
    ),
    "clock": (
        "clock = 400",
        "clock = 401",
        "clock: expected one of 480, 400, found '401'; did you mean 400?",
    ),
    "boot": (
        '"sram"',
        '"srm"',
        "boot: expected one of flash, sram, qspi, found 'srm'; did you mean sram?",
    ),
    "idle": ('"sleep"', '"nap"', "idle: expected spin or sleep, found 'nap'"),
    "board": (
        '"hothouse"',
        '"hothose"',
        "board: expected one of 125b, 1590b, funbox, hothouse, nucleo-h743, patch, petal, "
        "petal-125b-sm, pod, seed, t3k, terrarium, versio, weact-h743, weact-h750, found "
        "'hothose'; did you mean hothouse?",
    ),
    "boot of another board": (
        'board = "hothouse"',
        'board = "petal-125b-sm"',
        "boot: expected flash, found 'sram'",
    ),
    "name": ('"mine"', '"Mine!"', "name: expected a name for C, such as my_pedal, found 'Mine!'"),
    "ir_length": ("512", "9000", "ir_length: expected 1 to 8192 taps, found 9000"),
    "submodel": (
        'submodel = "lite"',
        'submodel = "light"',
        "submodel: expected lite, full, largest-that-fits or a number from 1, found 'light'",
    ),
    "slim": ("slim = 0.5", "slim = 2", "capture[1].slim: expected a ratio from 0 to 1, found 2"),
    "trim": ("-1.5", "-60", "capture[0].trim_db: expected -40 to 40 dB, found -60"),
    "no file": ('"fuzz.nam"', '"fuz.nam"', None),
    "ir true": (
        "ir = false",
        "ir = true",
        "capture[0].ir: expected text or false, found true",
    ),
    "ir is a model": (
        '"cab.wav"',
        '"clean.nam"',
        None,
    ),
    "ir is a folder": ('"cab.wav"', '"sub"', None),
    "two of a name": (
        '"Clean"',
        '"Lead"',
        "capture[1].name: capture[0] is called 'lead' too; name = \"...\" tells them apart",
    ),
    "bank": (
        "bank = 2",
        "bank = 4",
        "capture[0].bank: expected a bank of hothouse, 1, 2, 3, found 4",
    ),
    "parameter": (
        "bass =",
        "bas =",
        "set.bas: expected one of input, gate, bass, middle, treble, level, found 'bas'"
        "; did you mean bass?",
    ),
    "position": (
        "bass = 0.25",
        "bass = 2",
        'set.bass: expected a position from 0 to 1, or a level from "-20 dB" to "+20 dB", found 2',
    ),
    "level": (
        '"-65 dB"',
        '"-165 dB"',
        'set.gate: expected a position from 0 to 1, or a level from "-100 dB" to "0 dB", '
        "found '-165 dB'",
    ),
    "knob": (
        '6 = "none"',
        '7 = "none"',
        "knobs.7: expected one of the knobs of hothouse, 1, 2, 3, 4, 5, 6, found '7'"
        "; did you mean 6?",
    ),
    "sets": (
        '1 = "level"',
        '1 = "levle"',
        "knobs.1: expected one of 'none', 'input', 'gate', 'bass', 'middle', 'treble', 'level', "
        "found 'levle'; did you mean level?",
    ),
    "set twice": (
        '6 = "none"',
        '6 = "bass"',
        'knobs.6: bass is set by knob 2 already; "none" there leaves it free',
    ),
    "toggle": (
        "1 = { up",
        "1 = { upp",
        "toggles.1.upp: expected one of up, middle, down, found 'upp'; did you mean up?",
    ),
    "two kinds in a toggle": (
        'up = "ir-off"',
        'up = "gate-off"',
        "toggles.1: expected all to do one kind of thing, found gate and ir",
    ),
    "no encoder": (
        "[leds]",
        '[encoders]\n1 = { turns = "capture" }\n[leds]',
        "encoders.1: expected nothing, for hothouse has no encoders",
    ),
    "led": (
        '"capture-3"',
        '"capture-9"',
        None,
    ),
    "no capture": ("[[capture]]", "[[captur]]", None),
}


def broken(which: str) -> str:
    old, new, _ = MISTAKES[which]
    assert old in GOOD, which
    return GOOD.replace(old, new)


@pytest.mark.parametrize("which", MISTAKES)
def test_a_mistake_is_told_with_its_place(folder: Path, which: str) -> None:
    lines = told(folder, broken(which))
    expected = MISTAKES[which][2]
    if expected is not None:
        assert expected in lines


@pytest.mark.parametrize(
    ("which", "place"),
    [
        ("no file", "capture[2].file: "),
        ("ir is a model", "ir: "),
        ("ir is a folder", "ir: "),
        ("led", "leds.left: "),
        ("no capture", "captur: unknown key; did you mean capture?"),
        ("no TOML", "expected TOML, found: "),
    ],
)
def test_a_mistake_of_many_words_has_its_place(folder: Path, which: str, place: str) -> None:
    assert any(line.startswith(place) for line in told(folder, broken(which)))


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    chosen = ("unknown key", "slim", "trim", "two of a name", "no file", "sets", "knob", "clock")
    text = GOOD
    for which in chosen:
        text = text.replace(*MISTAKES[which][:2])
    assert len(told(folder, text)) == len(chosen)


def lines_of(text: str) -> Iterator[str]:
    """Every shorter text, and every one with a line turned into another kind of value."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        yield "".join(lines[:number])
        key = line.split("=")[0]
        for value in ("[]", "{}", "-1", '"x"', "true", "[[1]]", "1.5"):
            yield "".join([*lines[:number], f"{key}= {value}\n", *lines[number + 1 :]])


def test_no_file_ends_in_anything_but_a_message(folder: Path) -> None:
    for text in lines_of(GOOD):
        with suppress(FileError, UnsupportedError):
            described(folder, text)


def test_the_description_of_another_thing_is_called_that(tmp_path: Path) -> None:
    board, pedal = tmp_path / "board.toml", tmp_path / "pedal.toml"
    board.write_text('title = "Mine"\nmodule = "daisy-seed"\n', encoding="utf-8")
    pedal.write_text('[[capture]]\nfile = "clean.nam"\n', encoding="utf-8")
    with pytest.raises(FileError, match="found that of a board; --board takes it"):
        read_pedal(board)
    with pytest.raises(FileError, match="found that of a pedal; `namgen build` takes it"):
        load_pedal_board(str(pedal))
