"""Tables of codecs as data: what a board's file may say, and what is refused, all of it at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from namgen.boards import board_names, load_board
from namgen.codecs import codec_names, load_codec
from namgen.errors import FileError, UnsupportedError
from namgen.firmware.wiring_header import wiring_header
from namgen.pedal_boards import PedalBoard, load_pedal_board, read_pedal_board
from namgen.pedal_boards.drawing import draw

HEAD = 'title = "Mine"\nlike = "nucleo-h743"\n'
OWN = """\
[codec]
title = "Own"
address = 0x1A
register_bits = 7
value_bits = 9
frame = "i2s"
clocks_per_frame = 256
start = [{ register = 0x0F, value = 0, wait_ms = 10 }, { register = 0x05, value = 0x008 }]
mute = [{ register = 0x05, value = 0x008 }]
unmute = [{ register = 0x05, value = 0x000 }]
check = [{ register = 0x07, value = 0x00A, mask = 0x1FF }]
"""


def board_of(folder: Path, text: str) -> PedalBoard:
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return read_pedal_board(folder / "mine.toml")


def told(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(FileError) as caught:
        board_of(folder, text)
    return caught.value.lines


@pytest.mark.parametrize("name", codec_names())
def test_a_codec_is_named_in_a_line_of_a_board(tmp_path: Path, name: str) -> None:
    board = board_of(tmp_path, f'{HEAD}codec = "{name}"\n')
    assert board.codec == load_codec(name)
    assert board.full_scale == load_codec(name).full_scale
    assert [wired.pin.chip for wired in board.wired() if wired.wire.kind == "other"] == [
        "PB9",
        "PB8",
    ]
    assert f"codec: {load_codec(name).title}, set over I2C" in draw(board)
    assert [switch.does for switch in board.footswitches] == ["bypass"]


def test_levels_of_a_board_go_before_its_codecs(tmp_path: Path) -> None:
    board = board_of(tmp_path, f'{HEAD}codec = "wm8731"\nfull_scale_dbu = {{ in = 1, out = 2 }}\n')
    assert board.full_scale is not None
    assert (board.full_scale.input_dbu, board.full_scale.output_dbu) == (1, 2)


def test_a_board_without_a_codec_of_its_own_has_the_modules(tmp_path: Path) -> None:
    board = board_of(tmp_path, HEAD)
    assert board.codec is None
    assert board.full_scale == load_pedal_board("nucleo-h743").full_scale


def test_title_and_levels_of_another_codec_are_not_taken_over(tmp_path: Path) -> None:
    lines = told(tmp_path, 'like = "nucleo-h743"\ncodec = "es8388"\n')
    assert lines == ("mine.toml: title: expected text, found nothing",)
    assert board_of(tmp_path, f'{HEAD}codec = "es8388"\n').full_scale is None


def test_a_table_of_ones_own_is_all_in_the_boards_file(tmp_path: Path) -> None:
    codec = board_of(tmp_path, HEAD + OWN).codec
    assert codec is not None
    assert (codec.name, codec.title, codec.start[0].wait_ms) == ("mine", "Own", 10)


def test_a_table_may_be_like_another_but_for_what_it_says(tmp_path: Path) -> None:
    text = f'{HEAD}[codec]\nlike = "sgtl5000"\naddress = 0x2A\nunmute_ms = 500\n'
    codec, base = board_of(tmp_path, text).codec, load_codec("sgtl5000")
    assert codec is not None
    assert (codec.address, codec.unmute_ms) == (0x2A, 500)
    assert (codec.start, codec.check) == (base.start, base.check)
    assert codec.name == "mine", "what a chip of its own name would say is not known of it"


def test_what_the_firmware_is_told_is_the_table() -> None:
    plain = load_board("nucleo-h743")
    board = plain.with_codec(load_codec("sgtl5000"))
    header = wiring_header(board)
    assert "CODEC_IS_TABLE" not in wiring_header(plain)
    for line in (
        "#define CODEC_ADDRESS 0xau",
        "#define CODEC_NEEDS_CLOCK 1",
        "    ROW(0x2u, 0x73u, 400u) \\",
        "#define I2C_CLOCK_PORT 'B'",
        "#define I2C_NUMBER 1u",
    ):
        assert line in header.splitlines()
    assert "CODEC_MUTE_PIN" not in header
    assert board.pins[:-2] == tuple(pin for pin in plain.pins if pin.name != "codec_mute")


def test_boards_with_a_bus_for_one_are_the_plain_ones() -> None:
    there = [name for name in board_names() if load_board(name).codec_bus]
    assert there == ["nucleo-h743", "weact-h743", "weact-h750"]
    with pytest.raises(UnsupportedError, match="nucleo-h743, weact-h743, weact-h750; Daisy Seed"):
        load_board("daisy").with_codec(load_codec("wm8731"))


MISTAKES = {
    "shifted address": (
        "address = 0x1A",
        "address = 0x94",
        "codec.address: expected 0x08 to 0x77, seven bits, found 0x94; with its eighth bit left "
        "out it is 0x4a",
    ),
    "reserved address": (
        "address = 0x1A",
        "address = 0x78",
        "codec.address: expected 0x08 to 0x77, seven bits, found 0x78",
    ),
    "general call": (
        "address = 0x1A",
        "address = 0x00",
        "codec.address: expected 0x08 to 0x77, seven bits, found 0x00",
    ),
    "register": (
        "register = 0x0F",
        "register = 0x8F",
        "codec.start[0].register: expected 7 bits, to 0x7f, found 0x8f",
    ),
    "value": (
        "register = 0x0F, value = 0",
        "register = 0x0F, value = 0x200",
        "codec.start[0].value: expected 9 bits, to 0x1ff, found 0x200",
    ),
    "below zero": (
        "register = 0x0F, value = 0",
        "register = 0x0F, value = -1",
        "codec.start[0].value: expected a whole number from 0, found -1",
    ),
    "wait": (
        "wait_ms = 10",
        "wait_ms = 10000",
        "codec.start[0].wait_ms: expected 0 to 2000 ms, found 10000",
    ),
    "unknown frame": (
        'frame = "i2s"',
        'frame = "i2c"',
        "codec.frame: expected one of 'left-justified', 'i2s', found 'i2c'; did you mean i2s?",
    ),
    "frame of another board": (
        'frame = "i2s"',
        'frame = "left-justified"',
        "codec.frame: expected 'i2s', as SAI1 of the board has it, found 'left-justified'",
    ),
    "clocks": (
        "clocks_per_frame = 256",
        "clocks_per_frame = 384",
        "codec.clocks_per_frame: expected 256, which the board's clock has, found 384",
    ),
    "widths": (
        "value_bits = 9",
        "value_bits = 16",
        "codec.value_bits: expected with register_bits 7 and 9, 8 and 8, 8 and 16, 16 and 8, or "
        "16 and 16, found 7 and 16",
    ),
    "no unmute": (
        "unmute = [{ register = 0x05, value = 0x000 }]",
        "unmute = []",
        "codec.unmute: expected at least one register",
    ),
    "missing unmute": (
        "unmute = [{ register = 0x05, value = 0x000 }]\n",
        "",
        "codec.unmute: expected a list, found nothing",
    ),
    "unmute of another": (
        "unmute = [{ register = 0x05, value = 0x000 }]",
        "unmute = [{ register = 0x06, value = 0x000 }]",
        "codec.unmute: expected register 0x05 too, which mute sets",
    ),
    "heard by the start": (
        "{ register = 0x05, value = 0x008 }]\nmute",
        "{ register = 0x05, value = 0x000 }]\nmute",
        "codec.start[1].value: expected 0x08 at last, as in mute, found 0x00",
    ),
    "mask": (
        "mask = 0x1FF",
        "mask = 0x1FFF",
        "codec.check[0].mask: expected 9 bits, to 0x1ff, found 0x1fff",
    ),
    "mask of nothing": (
        "value = 0x00A, mask = 0x1FF",
        "value = 0, mask = 0",
        "codec.check[0].mask: expected a bit that counts, found none",
    ),
    "beyond the mask": (
        "mask = 0x1FF",
        "mask = 0x003",
        "codec.check[0].value: expected only bits of the mask 0x3, found 0xa",
    ),
    "misspelt": ("unmute = [", "unmutes = [", "codec.unmutes: unknown key; did you mean unmute?"),
}


@pytest.mark.parametrize(("old", "new", "line"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert old in OWN
    assert told(tmp_path, HEAD + OWN.replace(old, new, 1)) == (f"mine.toml: {line}",)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    names = ("shifted address", "register", "clocks", "no unmute", "mask", "frame of another board")
    text = OWN
    for old, new, _ in (MISTAKES[name] for name in names):
        text = text.replace(old, new, 1)
    knob = '[[knob]]\nlabel = "1"\npin = "D15"\nsets = "treb"\n'
    lines = told(tmp_path, HEAD + text + knob)
    for name in names:
        assert f"mine.toml: {MISTAKES[name][2]}" in lines
    assert any(line.startswith("mine.toml: knob[0].sets: expected one of") for line in lines)
    taken = "knob[0].pin: expected a free pin, found D15, which is SCL of the codec's I2C"
    assert f"mine.toml: {taken}" in lines


def test_an_unknown_name_names_the_nearest(tmp_path: Path) -> None:
    known = "expected one of es8388, nau88c22, sgtl5000, wm8731, or a table of registers"
    found = "found 'sgtl500'; did you mean sgtl5000?"
    assert told(tmp_path, f'{HEAD}codec = "sgtl500"\n') == (f"mine.toml: codec: {known}, {found}",)
    assert told(tmp_path, f'{HEAD}[codec]\nlike = "sgtl500"\n') == (
        f"mine.toml: codec.like: {known}, {found}",
    )


@pytest.mark.parametrize("junk", ["3", "[]", "true", "{ like = [1] }", "{ like = { a = 1 } }"])
def test_what_is_neither_a_name_nor_a_table_is_refused(tmp_path: Path, junk: str) -> None:
    assert all(
        line.startswith("mine.toml: codec") for line in told(tmp_path, f"{HEAD}codec = {junk}\n")
    )


def test_a_daisy_takes_no_other_codec_and_says_who_does(tmp_path: Path) -> None:
    text = 'title = "Mine"\nmodule = "daisy-seed"\ncodec = "wm8731"\n'
    (line,) = told(tmp_path, text)
    assert line.startswith("mine.toml: codec: expected a board with pins for a codec's I2C, ")
    assert "nucleo-h743, weact-h743, weact-h750" in line


def test_what_a_board_is_like_is_one_of_namgens(tmp_path: Path) -> None:
    (line,) = told(tmp_path, 'title = "Mine"\nlike = "nucleo-h734"\n')
    assert line.startswith("mine.toml: like: expected one of 125b, ")
    assert line.endswith("found 'nucleo-h734'; did you mean nucleo-h743?")
    (line,) = told(tmp_path, 'title = "Mine"\nlike = ["seed"]\n')
    assert line.startswith("mine.toml: like: expected one of 125b, ")


def test_the_two_weacts_differ_in_their_chip_alone() -> None:
    first, second = load_pedal_board("weact-h743"), load_pedal_board("weact-h750")
    assert (first.module, second.module) == ("weact-h743", "weact-h750")
    assert first.footswitches == second.footswitches
    assert (first.full_scale, first.bypass) == (second.full_scale, second.bypass)


PAGE = (Path(__file__).resolve().parents[1] / "docs" / "stm32-boards.md").read_text("utf-8")


def examples() -> list[str]:
    """The boards' files of the page that have a codec."""
    return [text for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if "codec" in text]


@pytest.mark.parametrize("text", examples(), ids=("named", "own"))
def test_the_pages_examples_are_boards(tmp_path: Path, text: str) -> None:
    board = board_of(tmp_path, text)
    assert board.codec is not None
    load_board(board.carried.target).with_codec(board.codec)


def test_the_pages_refusals_are_what_is_said(tmp_path: Path) -> None:
    _, own = examples()
    broken = own.replace("address = 0x1A", "address = 0x94").replace('"i2s"', '"left-justified"')
    (tmp_path / "my_weact.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_pedal_board(tmp_path / "my_weact.toml")
    shown = "Error: " + "\n".join(caught.value.lines)
    assert f"```\n{shown}\n```" in PAGE


def test_the_page_lists_every_codec_with_its_address() -> None:
    for name in codec_names():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
        assert f"{load_codec(name).title}" in row
        assert f"{load_codec(name).address:#04X}".replace("X", "x") in row
