"""Lights that do not lie, a relay that does not click, captures in banks."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest
from chain_setups import plan_of
from controls_setups import Hands, bit_of, board_of, host, lamp_of, plan_of_board, told

from namgen.controls import plan_controls
from namgen.controls.lights import COLOURS
from namgen.errors import UnsupportedError
from namgen.pedal_boards import load_pedal_board


def runs(hands: Hands, lamp: int, ticks: int) -> list[tuple[bool, int]]:
    """How long a lamp is lit and dark in turn."""
    lit = [bool(out.lit & lamp) for out in hands.wait(ticks)]
    return [(is_lit, len(list(run))) for is_lit, run in groupby(lit)]


def test_the_relay_switches_in_silence_in_both_directions() -> None:
    """Muted at once, switched 10 ms after the press, heard again after 20 ms."""
    plan = plan_of_board("125b")
    hands = Hands(host(plan))
    begun = hands.wait(30)
    assert [out.effect for out in begun].index(True) == 10
    assert [out.mute for out in begun] == [True] * 20 + [False] * 10
    for effect in (False, True):
        hands.closed = bit_of(plan, "footswitch 1")
        found = hands.wait(60)
        hands.closed = 0
        hands.wait(30)
        pressed = next(number for number, out in enumerate(found) if out.events)
        assert told(found, "sound_bypass") == [(not effect,)]
        assert [out.mute for out in found[pressed:]].index(False) == 20
        assert [out.effect for out in found[pressed:]].index(effect) == 10
        assert not found[pressed - 1].mute


def test_a_press_within_the_sequence_begins_it_anew() -> None:
    plan = plan_of_board("125b")
    hands = Hands(host(plan))
    hands.wait(5)
    found = hands.press(bit_of(plan, "footswitch 1"), 60)
    pressed = next(number for number, out in enumerate(found) if out.events)
    assert all(out.mute for out in found[: pressed + 20])
    assert not any(out.effect for out in found)
    assert not found[pressed + 20].mute


def test_the_status_is_lit_while_the_effect_is_heard_and_flickers_when_late() -> None:
    plan = plan_of_board("terrarium")
    hands, status = Hands(host(plan)), lamp_of(plan, "1")
    hands.tick()
    assert runs(hands, status, 1000) == [(True, 1000)]
    hands.tick(late=True)
    late = runs(hands, status, 249)
    assert {is_lit for is_lit, _ in late} == {True, False}
    assert all(length == 63 for _, length in late[1:-1]), "8 Hz"
    assert runs(hands, status, 100) == [(True, 100)]
    hands.press(bit_of(plan, "footswitch left"))
    assert runs(hands, status, 100) == [(False, 100)]
    hands.tick(late=True)
    assert {is_lit for is_lit, _ in runs(hands, status, 249)} == {True, False}
    assert runs(hands, status, 100) == [(False, 100)]


def colour(lit: int, title: str, hands: Hands) -> list[str]:
    plan = hands.engine.plan
    parts = ("red", "green", "blue")
    return [part for part in parts if lit & lamp_of(plan, f"{title}, {part}")]


def test_a_status_of_three_colours() -> None:
    plan = plan_of_board("versio", 1)
    hands = Hands(host(plan))
    assert colour(hands.tick().lit, "1", hands) == ["green"]
    late = hands.tick(late=True).lit
    assert (colour(late, "1", hands), colour(late, "4", hands)) == (["red"], ["red"])
    assert all(colour(out.lit, "1", hands) == ["red"] for out in hands.wait(249))
    assert colour(hands.tick().lit, "4", hands) == []
    bypassed = hands.press(bit_of(plan, "footswitch tap"))[-1].lit
    assert colour(bypassed, "1", hands) == ["blue"]


def test_bypass_and_overrun_have_lights_of_their_own() -> None:
    plan = plan_of_board("petal-125b-sm")
    hands = Hands(host(plan))
    bypass, overrun = lamp_of(plan, "2"), lamp_of(plan, "4")
    assert hands.tick().lit & (bypass | overrun) == bypass
    hands.tick(late=True)
    assert runs(hands, overrun, 300) == [(True, 249), (False, 51)]
    assert not hands.press(bit_of(plan, "footswitch 1"))[-1].lit & bypass


def test_a_light_of_one_colour_counts_the_capture() -> None:
    plan = plan_of_board("terrarium")
    hands, lamp = Hands(host(plan), capture=2), lamp_of(plan, "2")
    cycle = [(True, 150), (False, 200)] * 2 + [(True, 150), (False, 200 + 900)]
    assert runs(hands, lamp, 2 * (3 * 350 + 900)) == [*cycle, *cycle]
    hands.press(bit_of(plan, "footswitch right"), 3)
    assert runs(hands, lamp, 4000)[:8].count((True, 150)) == 3, "anew, and already within"


def test_a_single_capture_is_lit_all_the_time() -> None:
    plan = plan_of_board("terrarium", 1)
    hands = Hands(host(plan))
    assert runs(hands, lamp_of(plan, "2"), 3000) == [(True, 3000)]


def test_captures_have_colours_and_blink_behind_the_seventh() -> None:
    plan = plan_of_board("pod", 8)
    shown = []
    for capture in range(8):
        hands = Hands(host(plan), capture=capture)
        shown.append((*colour(hands.wait(200)[100].lit, "2", hands),))
    assert len(set(shown[:7])) == 7
    assert () not in shown
    assert shown[7] == shown[0]
    dark = [not colour(out.lit, "2", hands) for out in hands.wait(1400)]
    assert dark.count(True) > 900


def test_a_light_of_one_capture_is_lit_while_that_is_chosen() -> None:
    plan = plan_of_board("t3k")
    for number in range(1, 5):
        hands = Hands(host(plan), closed=bit_of(plan, f"toggle preset, {number}"))
        lit = hands.wait(3)[-1].lit
        assert [n for n in range(1, 5) if lit & lamp_of(plan, f"preset {n}")] == [number]


def test_captures_are_spread_over_the_banks_in_order() -> None:
    def banks(captures: int, asked: dict[int, int] | None = None) -> list[int]:
        wanted = [(asked or {}).get(number) for number in range(captures)]
        plan = plan_controls(load_pedal_board("hothouse"), plan_of(), banks=wanted)
        return [plan.choice.banks[place.bank] for place in plan.choice.places]

    assert banks(3) == [1, 2, 3]
    assert banks(5) == [1, 1, 2, 2, 3]
    assert banks(2) == [1, 2]
    assert banks(4, {0: 3}) == [3, 1, 2, 3]
    with pytest.raises(UnsupportedError, match=r"capture 2: bank: .* 1, 2, 3, found 4"):
        banks(3, {1: 4})


def test_next_goes_around_within_the_bank_and_a_bank_remembers() -> None:
    plan = plan_of_board("hothouse")  # banks of 2, 2 and 1
    up, down = (bit_of(plan, f"toggle 3, {way}") for way in ("up", "down"))
    following = bit_of(plan, "footswitch left")
    hands = Hands(host(plan), closed=up)
    hands.tick()
    assert told(hands.press(following) + hands.press(following), "sound_choose") == [(1,), (0,)]
    hands.press(following)
    hands.closed = 0
    assert told(hands.wait(100), "sound_choose") == [(2,)]
    hands.closed = down
    assert told(hands.wait(100), "sound_choose") == [(4,)]
    assert told(hands.press(following), "sound_choose") == [], "it is alone in its bank"
    hands.closed = up
    assert told(hands.wait(100), "sound_choose") == [(1,)], "as it was left"


def test_an_empty_bank_keeps_the_capture() -> None:
    plan = plan_of_board("hothouse", 2)
    hands = Hands(host(plan))
    assert hands.tick().capture == 1, "the middle: bank 2"
    hands.closed = bit_of(plan, "toggle 3, down")
    assert told(hands.wait(100), "sound_choose") == []


@pytest.mark.parametrize(("stored", "begins"), [(0, 0), (3, 3), (4, 4), (5, 0), (2**32 - 1, 0)])
def test_it_begins_with_the_capture_that_was_chosen_last(stored: int, begins: int) -> None:
    hands = Hands(host(plan_of_board("terrarium")), capture=stored)
    first = hands.tick()
    assert (first.capture, told([first], "sound_choose")) == (begins, [(begins,)])


def test_a_toggle_is_stronger_than_what_was_chosen_last() -> None:
    plan = plan_of_board("hothouse")
    assert Hands(host(plan), capture=4).tick().capture == 2, "the middle: bank 2"
    assert Hands(host(plan), capture=3).tick().capture == 3, "of that bank"


def test_names_from_a_file_end_no_comment(tmp_path: Path) -> None:
    text = '[[footswitch]]\nlabel = "*/ int x; /*"\npin = "D1"\ndoes = "bypass"\n'
    hands = Hands(host(plan_controls(board_of(tmp_path, text), plan_of())))
    hands.tick()
    assert told(hands.press(1), "sound_bypass") == [(True,)]


def test_more_controls_than_can_be_served_are_refused(tmp_path: Path) -> None:
    leds = [f'[[led]]\nlabel = "{n}"\npin = "D{n}"\nshows = "status"\n' for n in range(33)]
    board = board_of(tmp_path, "".join(leds))
    with pytest.raises(UnsupportedError, match=r"expected at most 32 pins of LEDs .* found 33"):
        plan_controls(board, plan_of())


def test_what_the_page_says_of_colours_is_so() -> None:
    page = Path(__file__).parent.parent / "docs" / "boards.md"
    assert ", ".join(COLOURS) in page.read_text(encoding="utf-8")
