"""Every pedal's board is consistent data, and wired as its maker says."""

from __future__ import annotations

from pathlib import Path

import pytest

import namgen.pedal_boards
from namgen.errors import ChoiceError
from namgen.modules import load_module, module_names
from namgen.pedal_boards import PedalBoard, load_pedal_board, pedal_board_names

FOLDER = Path(namgen.pedal_boards.__file__).parent

SEED_PINS = (
    "PB12 PC11 PC10 PC9 PC8 PD2 PC12 PG10 PG11 PB4 PB5 PB8 PB9 PB6 PB7 PC0 PA3 PB1 PA7 PA6 PC1 "
    "PC4 PA5 PA4 PA1 PA0 PD11 PG9 PA2 PB14 PB15 PC2 PC3"
)
"""D0 to D32."""

SEED_ANALOG = {
    "A0": ("D15", 10),
    "A1": ("D16", 15),
    "A2": ("D17", 5),
    "A3": ("D18", 7),
    "A4": ("D19", 3),
    "A5": ("D20", 11),
    "A6": ("D21", 4),
    "A7": ("D22", 19),
    "A8": ("D23", 18),
    "A9": ("D24", 17),
    "A10": ("D25", 16),
    "A11": ("D28", 14),
    "A12": ("D31", 12),
    "A13": ("D32", 13),
}
"""Name and channel of ADC1."""

FACTS = {
    "seed": {},
    "pod": {
        "knob": "D21 D15",
        "footswitch": "D27 D28",
        "encoder": "D26 D25 D13",
        "led": "D20 D19 D18 D17 D24 D23",
        "other": "D14",
    },
    "petal": {
        "knob": "D16 D19 D17 D20 D18 D21",
        "expression": "D15",
        "footswitch": "D8 D9 D10 D13",
        "toggle": "D25 D26 D7",
        "encoder": "D28 D27 D14",
    },
    "terrarium": {
        "knob": "PA3 PB1 PA7 PA6 PC1 PC4",
        "footswitch": "PA0 PD11",
        "toggle": "D10 D9 D8 D7",
        "led": "PA5 PA4",
    },
    "hothouse": {
        "knob": "D16 D17 D18 D19 D20 D21",
        "footswitch": "D25 D26",
        "toggle": "D9 D10 D7 D8 D5 D6",
        "led": "D22 D23",
    },
    "funbox": {
        "knob": "D16 D17 D18 D19 D20 D21",
        "expression": "D15",
        "footswitch": "D26 D25",
        "toggle": "D14 D13 D7 D10 D2 D4 D1 D3 D5 D6",
        "led": "D23 D22",
        "other": "D30 D29",
    },
    "125b": {
        "knob": "PC0 PA3 PB1 PA7 PA6 PC1",
        "footswitch": "PC12 PD2",
        "encoder": "D3 D2 D4",
        "led": "D22 D23",
        "relay": "D1",
        "mute": "D12",
        "other": "D9 D11 D30 D29",
    },
    "1590b": {
        "knob": "D15 D16 D17 D18",
        "footswitch": "D6 D5",
        "led": "D22 D23",
        "other": "D30 D29",
    },
    "petal-125b-sm": {
        "knob": "PC4 PA7 PB1 PA6 PA2 PA3",
        "expression": "PC0",
        "footswitch": "PD13 PC6",
        "toggle": "PC12 PB4 PC7 PA8 PB14 PB15",
        "led": "PA5 PB6 PD7 PG14 PG10 PC10 PC11 PB5 PB7",
        "relay": "PG13",
    },
    "nucleo-h743": {"footswitch": "PC13", "led": "PE1 PB14"},
    "weact-h743": {"footswitch": "PC13"},
    "weact-h750": {"footswitch": "PC13"},
    "t3k": {
        "knob": "D15 D16 D17 D18 D19 D20",
        "footswitch": "PA4",
        "toggle": "D4 D3 D2 D1",
        "led": "PA2 PA1 PA0 PD11 PG9",
    },
    "versio": {
        "knob": "D21 D22 D28 D23 D16 D17 D19",
        "footswitch": "D30",
        "toggle": "D6 D5 D1 D0",
        "led": "D10 D3 D4 D12 D13 D11 D25 D26 D14 D29 D27 D15",
        "other": "D24",
    },
    "patch": {
        "knob": "D15 D16 D21 D18",
        "encoder": "D12 D11 D0",
        "other": "D9 D30 D13 D14",
    },
}
"""Pins of every kind of control in its order, of the makers' sources."""


def test_the_seed_has_the_pins_that_its_maker_says() -> None:
    seed = load_module("daisy-seed")
    assert [pin.name for pin in seed.pins] == [f"D{n}" for n in range(33)]
    assert [pin.chip for pin in seed.pins] == SEED_PINS.split()
    found = {pin.also: (pin.name, pin.adc1) for pin in seed.pins if pin.adc1 is not None}
    assert found == SEED_ANALOG
    headers = {pin.name: pin.header for pin in seed.pins}
    assert all(headers[f"D{n}"] == n + (1 if n < 15 else 7) for n in range(31))
    contacts = [item.header for item in (*seed.pins, *seed.contacts) if item.header]
    assert sorted(contacts) == list(range(1, 41))


def test_a_chip_has_the_same_channels_in_every_module() -> None:
    seed = {pin.chip: pin.adc1 for pin in load_module("daisy-seed").pins}
    for name in module_names():
        assert all(seed.get(p.chip, p.adc1) == p.adc1 for p in load_module(name).pins)


def test_no_pin_of_a_module_is_what_it_needs_itself() -> None:
    for name in module_names():
        module = load_module(name)
        taken = {pin.chip: module.use_of(pin.chip) for pin in module.pins}
        assert not any(taken.values()), taken


def pins_by_kind(board: PedalBoard) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for item in board.wired():
        found.setdefault(item.wire.kind, set()).add(item.pin.chip)
    return found


def test_every_board_has_its_facts() -> None:
    assert set(FACTS) == set(pedal_board_names())


@pytest.mark.parametrize("name", FACTS)
def test_a_board_is_wired_as_its_maker_says(name: str) -> None:
    board = load_pedal_board(name)
    module = board.carried
    expected = {
        kind: {pin.chip for word in words.split() if (pin := module.find(word))}
        for kind, words in FACTS[name].items()
    }
    assert pins_by_kind(board) == expected
    assert sum(map(len, expected.values())) == sum(len(w.split()) for w in FACTS[name].values())


@pytest.mark.parametrize("name", FACTS)
def test_knobs_and_footswitches_come_in_their_order(name: str) -> None:
    board = load_pedal_board(name)
    for kind, parts in (("knob", board.knobs), ("footswitch", board.footswitches)):
        expected = [board.carried.find(word) for word in FACTS[name].get(kind, "").split()]
        assert [board.carried.find(part.pin) for part in parts] == expected


def test_the_relay_and_the_mute_of_the_125b() -> None:
    bypass = load_pedal_board("125b").bypass
    assert bypass.relay is not None
    assert bypass.mute is not None
    assert (bypass.relay.pin, bypass.relay.active) == ("D1", "high")
    assert (bypass.mute.pin, bypass.mute.active) == ("D12", "high")
    assert (bypass.relay_ms, bypass.unmute_ms) == (10, 20)


def test_levels_that_light_an_led() -> None:
    low = {
        name: [led.label for led in load_pedal_board(name).leds if led.active == "low"]
        for name in FACTS
    }
    assert {name: found for name, found in low.items() if found} == {
        "pod": ["1", "2"],
        "petal-125b-sm": ["1", "3"],
        "versio": ["1", "2", "3", "4"],
    }


def test_nothing_measured_is_made_up() -> None:
    for name in pedal_board_names():
        level = load_pedal_board(name).full_scale
        assert level is None or level.unmeasured


def test_a_switch_that_starts_the_update_mode_is_there_where_a_foot_can_be() -> None:
    for name in pedal_board_names():
        board = load_pedal_board(name)
        can = bool(board.footswitches) and board.carried.has_update_mode
        assert can == (board.update_mode is not None), name
    assert not load_module("petal-125b-sm").has_update_mode
    hothouse = load_pedal_board("hothouse").update_mode
    assert hothouse is not None
    assert (hothouse.hold, hothouse.seconds) == (("left",), 2)


def test_a_board_is_found_in_any_case_and_by_its_file(tmp_path: Path) -> None:
    assert load_pedal_board("Terrarium").name == "terrarium"
    mine = tmp_path / "mine.toml"
    mine.write_text((FOLDER / "terrarium.toml").read_text(encoding="utf-8"), encoding="utf-8")
    board = load_pedal_board(str(mine))
    assert board.name == "mine"
    assert board.wired() == load_pedal_board("terrarium").wired()


def test_a_misspelt_board_gets_a_suggestion() -> None:
    with pytest.raises(ChoiceError, match="found 'terarium'; did you mean terrarium"):
        load_pedal_board("terarium")


def test_two_boards_differ_where_their_files_do() -> None:
    assert len({load_pedal_board(name).title for name in pedal_board_names()}) == len(FACTS)
