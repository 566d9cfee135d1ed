"""What is wrong in a board's file is said at once, each with its place and the nearest name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial, reduce
from pathlib import Path
from typing import Any, cast

import pytest

from namgen.errors import FileError
from namgen.pedal_boards import PedalBoard, read_pedal_board
from namgen.pedal_boards.rules import cross_problems
from namgen.toml_data import parse_toml, read_table

cross = partial(cross_problems, PedalBoard)

GOOD = """\
title = "Mine"
module = "daisy-seed"
full_scale_dbu = { in = 2.5, out = -1, unmeasured = true }

[[knob]]
label = "1"
pin = "D16"
curve = "log"
sets = "bass"

[[knob]]
label = "2"
pin = "A2"
sets = "level"

[[footswitch]]
label = "left"
pin = "D25"
does = "bypass"

[[toggle]]
label = "1"
position = [
    { label = "up", pin = "D9", does = "ir-on" },
    { label = "down", does = "ir-off" },
]

[[led]]
label = "1"
pin = "PA5"
shows = "status"

[[led]]
label = "2"
rgb = ["D1", "D2", "D3"]

[[encoder]]
label = "1"
a = "D4"
b = "D5"
press = "D6"
does = "next-capture"

[bypass]
kind = "relay"
relay = { pin = "D7" }
relay_ms = 10

[update_mode]
hold = ["left"]
"""

ADC = "D15, D16, D17, D18, D19, D20, D21, D22, D23, D24, D25, D28, D31, D32"

MISTAKES = {
    "no module": ('module = "daisy-seed"\n', "", "module: expected text, found nothing"),
    "unknown module": (
        "daisy-seed",
        "daisy-sed",
        "module: expected one of daisy-seed, nucleo-h743, petal-125b-sm, weact-h743, weact-h750, "
        "found 'daisy-sed'"
        "; did you mean daisy-seed?",
    ),
    "unknown table": (
        '[[led]]\nlabel = "1"\npin = "PA5"\n',
        '[[leds]]\nlabel = "1"\npin = "PA5"\n',
        "leds: unknown key; did you mean led?",
    ),
    "unknown key": (
        'curve = "log"',
        'curv = "log"',
        "knob[0].curv: unknown key; did you mean curve?",
    ),
    "curve": (
        '"log"',
        '"logs"',
        "knob[0].curve: expected one of 'linear', 'log', 'reverse', found 'logs'"
        "; did you mean log?",
    ),
    "sets": (
        'sets = "bass"',
        'sets = "bas"',
        "knob[0].sets: expected one of 'none', 'input', 'gate', 'bass', 'middle', 'treble', "
        "'level', found 'bas'; did you mean bass?",
    ),
    "set twice": (
        'sets = "level"',
        'sets = "bass"',
        "knob[1].sets: bass is set by knob[0] already",
    ),
    "does": (
        '"bypass"',
        '"bypas"',
        "footswitch[0].does: expected one of 'none', 'bypass', 'next-capture', "
        "'previous-capture', found 'bypas'; did you mean bypass?",
    ),
    "no such pin": (
        '"D16"',
        '"D33"',
        "knob[0].pin: expected a pin of the Daisy Seed, D0 to D32, found 'D33'; did you mean D3?",
    ),
    "no name at all": (
        '"PA5"',
        '"???"',
        "led[0].pin: expected a pin of the Daisy Seed, D0 to D32, found '???'",
    ),
    "no text": ('"PA5"', "5", "led[0].pin: expected text, found 5"),
    "no ADC": (
        '"D16"',
        '"D10"',
        f"knob[0].pin: expected a pin with a channel of the ADC ({ADC}), found D10, which has none",
    ),
    "used twice": (
        '"D9"',
        '"D16"',
        "toggle[0].position[0].pin: expected a free pin, found D16, which knob[0].pin uses",
    ),
    "used twice by other names": (
        '"PA5"',
        '"PA3"',
        "led[0].pin: expected a free pin, found PA3, which knob[0].pin uses",
    ),
    "codec": (
        '"D9"',
        '"PB11"',
        "toggle[0].position[0].pin: expected a free pin, found PB11, which the module needs: "
        "the codec's reset, or its de-emphasis",
    ),
    "QSPI": (
        '"D7"',
        '"PF10"',
        "bypass.relay.pin: expected a free pin, found PF10, which the module needs: "
        "the QSPI flash's clock",
    ),
    "SAI": (
        '"D4"',
        '"PE5"',
        "encoder[0].a: expected a free pin, found PE5, which the module needs: SAI1 bit clock",
    ),
    "SDRAM": (
        '"D2"',
        '"PG8"',
        "led[1].rgb[1]: expected a free pin, found PG8, which the module needs: the SDRAM's clock",
    ),
    "BOOT sense": (
        '"D25"',
        '"pg3"',
        "footswitch[0].pin: expected a free pin, found pg3, which the module needs: wired to BOOT0",
    ),
    "strap": (
        '"D25"',
        '"PD3"',
        "footswitch[0].pin: expected a free pin, found PD3, which the module needs: "
        "at ground on a Seed 1.1",
    ),
    "two colours": (
        '["D1", "D2", "D3"]',
        '["D1", "D2"]',
        "led[1].rgb: expected three pins, found 2",
    ),
    "pin and colours": (
        'rgb = ["D1"',
        'pin = "D10"\nrgb = ["D1"',
        "led[1].pin: expected a pin, or rgb with three, and not both",
    ),
    "no light": (
        'pin = "PA5"\n',
        "",
        "led[0].pin: expected a pin, or rgb with three, and not both",
    ),
    "capture of no LED": (
        'shows = "status"',
        'shows = "status"\ncapture = 2',
        'led[0].capture: expected only beside shows = "capture"',
    ),
    "far capture": (
        'shows = "status"',
        'shows = "capture"\ncapture = 9',
        "led[0].capture: expected 1 to 8, found 9",
    ),
    "one way": (
        '    { label = "down", does = "ir-off" },\n',
        "",
        "toggle[0].position: expected 2 to 8, found 1",
    ),
    "two ways alike": (
        ', pin = "D9"',
        "",
        "toggle[0].position: expected a pin in every position but one",
    ),
    "two ways of one name": ('"down"', '"up"', "toggle[0].position: 'up' is there twice"),
    "two things": (
        '"ir-off"',
        '"gate-off"',
        "toggle[0].position: expected all to do one kind of thing, found gate and ir",
    ),
    "press unnoticed": ('press = "D6"\n', "", "encoder[0].press: expected a pin, beside does"),
    "label twice": ('label = "2"\npin', 'label = "1"\npin', "knob: '1' is there twice"),
    "label of nothing": (
        'label = "2"\npin',
        'label = ""\npin',
        "knob: expected a label of at least one letter, found ''",
    ),
    "name of a path": (
        'title = "Mine"',
        'title = "Mine"\nname = "../mine"',
        "name: expected the name of a file, found '../mine'",
    ),
    "relay for nothing": (
        'kind = "relay"',
        'kind = "dsp"',
        'bypass.relay: expected beside kind = "relay", and only there',
    ),
    "no relay": (
        'relay = { pin = "D7" }\n',
        "",
        'bypass.relay: expected beside kind = "relay", and only there',
    ),
    "mute for nothing": (
        'kind = "relay"\nrelay = { pin = "D7" }',
        'mute = { pin = "D7" }',
        'bypass.mute: expected only beside kind = "relay"',
    ),
    "times": (
        "relay_ms = 10",
        "relay_ms = 30",
        "bypass.unmute_ms: expected relay_ms to 200 ms, found 20",
    ),
    "level of a relay": (
        '{ pin = "D7" }',
        '{ pin = "D7", active = "hi" }',
        "bypass.relay.active: expected one of 'high', 'low', found 'hi'; did you mean high?",
    ),
    "hold": (
        '["left"]',
        '["lefd"]',
        "update_mode.hold[0]: expected the label of a footswitch, left, found 'lefd'"
        "; did you mean left?",
    ),
    "hold nothing": ('["left"]', "[]", "update_mode.hold: expected at least one footswitch"),
    "hold twice": ('["left"]', '["left", "left"]', "update_mode.hold: 'left' is there twice"),
    "seconds": (
        '["left"]',
        '["left"]\nseconds = 0.1',
        "update_mode.seconds: expected 0.5 to 10, found 0.1",
    ),
    "dBu": ("in = 2.5", "in = 250", "full_scale_dbu.in: expected -40 to 40 dBu, found 250"),
    "no number": ("in = 2.5", "in = nan", "full_scale_dbu.in: expected a number, found nan"),
    "input": (
        'title = "Mine"',
        'title = "Mine"\ninput = "rigth"',
        "input: expected one of 'left', 'right', found 'rigth'; did you mean right?",
    ),
}


def told(tmp_path: Path, *changes: tuple[str, str]) -> tuple[str, ...]:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_pedal_board(path)
    return caught.value.lines


def test_the_file_is_good_without_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert len(read_pedal_board(path).wired()) == 12


@pytest.mark.parametrize(("old", "new", "line"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert told(tmp_path, (old, new)) == (f"mine.toml: {line}",)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    several = [MISTAKES[name] for name in ("curve", "set twice", "used twice", "hold", "does")]
    lines = told(tmp_path, *((old, new) for old, new, _ in several))
    assert sorted(lines) == sorted(f"mine.toml: {line}" for _, _, line in several)


def test_a_file_of_nothing_misses_what_every_board_has(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("knob = 1\nfootswitch = [2]\n", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_pedal_board(path)
    assert set(caught.value.lines) == {
        "mine.toml: title: expected text, found nothing",
        "mine.toml: module: expected text, found nothing",
        "mine.toml: knob: expected a list, found 1",
        "mine.toml: footswitch[0]: expected a table, found 2",
    }


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where something stands in a file, tables and lists included."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


JUNK = [-1, "", [], {"label": ["1"]}, [{"pin": 1}]]


@pytest.mark.parametrize("junk", JUNK, ids=str)
def test_any_value_at_any_place_is_read_or_refused(tmp_path: Path, junk: object) -> None:
    good = tmp_path / "mine.toml"
    good.write_text(GOOD, encoding="utf-8")
    for place in places(parse_toml(good)):
        data = parse_toml(good)
        *outer, last = place
        reduce(lambda inner, key: inner[key], outer, cast("Any", data))[last] = junk
        with suppress(FileError):
            read_table(good, {"name": "mine", **data}, PedalBoard, cross)
