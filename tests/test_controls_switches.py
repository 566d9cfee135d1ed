"""Presses, toggles and encoders do what a player means, whatever their contacts do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from chain_setups import plan_of
from controls_setups import Hands, bit_of, board_of, host, plan_of_board, told

from namgen.controls import ControlsPlan, plan_controls
from namgen.controls.twin import PanelOutputs

HOLD = 2000


def bypasses(outputs: Sequence[PanelOutputs]) -> list[tuple[str | float, ...]]:
    return told(outputs, "sound_bypass")


@pytest.fixture(name="hands")
def terrarium() -> Hands:
    """Two footswitches that make the combination, two toggles; the first tick is over."""
    hands = Hands(host(plan_of_board("terrarium")))
    hands.tick()
    return hands


def left(plan: ControlsPlan) -> int:
    return bit_of(plan, "footswitch left")


def right(plan: ControlsPlan) -> int:
    return bit_of(plan, "footswitch right")


def test_a_press_acts_once_and_within_three_milliseconds(hands: Hands) -> None:
    hands.closed = left(hands.engine.plan)
    assert bypasses(hands.wait(2)) == []
    assert bypasses(hands.wait(1)) == [(True,)]
    assert bypasses(hands.wait(500)) == []
    hands.closed = 0
    assert bypasses(hands.wait(500)) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_switch_that_bounces_is_pressed_once(hands: Hands, seed: int) -> None:
    """For 8 ms after it closes, and after it opens, it is as often open as closed."""
    rng, switch = np.random.default_rng(seed), left(hands.engine.plan)
    found = []
    for closed in (switch, 0, switch, 0):
        hands.closed = closed
        bounces = [switch if rng.random() < 0.5 else 0 for _ in range(8)]
        found += [hands.tick(bounce=bounce) for bounce in bounces]
        found += hands.wait(40)
    assert bypasses(found) == [(True,), (False,)]


def test_a_switch_that_is_pressed_at_the_start_is_no_press() -> None:
    plan = plan_of_board("terrarium")
    hands = Hands(host(plan), closed=left(plan))
    assert bypasses(hands.wait(20)) == [(False,)], "the start alone"
    hands.closed = 0
    hands.wait(20)
    assert bypasses(hands.press(left(plan))) == [(True,)]


def test_the_press_that_completes_the_combination_waits_until_one_is_let_go(hands: Hands) -> None:
    plan = hands.engine.plan
    hands.closed = left(plan)
    assert bypasses(hands.wait(20)) == [(True,)]
    hands.closed |= right(plan)
    assert told(hands.wait(HOLD // 2), "sound_choose") == []
    hands.closed = left(plan)
    found = hands.wait(20)
    assert told(found, "sound_choose") == [(1,)]
    assert bypasses(found) == []


def test_both_at_once_act_when_they_are_let_go(hands: Hands) -> None:
    plan = hands.engine.plan
    hands.closed = left(plan) | right(plan)
    assert not any(out.events for out in hands.wait(100))
    hands.closed = 0
    found = hands.wait(20)
    assert (bypasses(found), told(found, "sound_choose")) == ([(True,)], [(1,)])


def test_the_combination_starts_the_update_mode_and_nothing_else(hands: Hands) -> None:
    hands.closed = left(hands.engine.plan) | right(hands.engine.plan)
    found = hands.wait(HOLD + 10)
    assert not any(out.events for out in found)
    assert [out.update for out in found].index(True) == HOLD + 1  # two more for the switches
    assert found[-1].update


def test_a_combination_that_is_let_go_for_a_moment_begins_anew(hands: Hands) -> None:
    both = left(hands.engine.plan) | right(hands.engine.plan)
    for _ in range(3):
        assert not any(out.update for out in hands.press(both, HOLD - 20))


def test_a_combination_of_one_switch_acts_at_once() -> None:
    plan = plan_of_board("t3k")
    hands = Hands(host(plan))
    hands.tick()
    hands.closed = bit_of(plan, "footswitch 1")
    assert bypasses(hands.wait(3)) == [(True,)]
    assert hands.wait(HOLD)[-1].update


def test_a_footswitch_that_only_starts_the_update_mode(tmp_path: Path) -> None:
    board = board_of(
        tmp_path,
        '[[footswitch]]\nlabel = "a"\npin = "D1"\n[update_mode]\nhold = ["a"]\nseconds = 0.5\n',
    )
    hands = Hands(host(plan_controls(board, plan_of())))
    hands.tick()
    hands.closed = 1
    assert [out.update for out in hands.wait(503)].index(True) == 501


def gates(outputs: Sequence[PanelOutputs]) -> list[tuple[str | float, ...]]:
    return told(outputs, "sound_use_gate")


def test_toggles_count_as_they_stand_at_the_start() -> None:
    plan = plan_of_board("funbox")
    hands = Hands(host(plan), closed=bit_of(plan, "toggle 2, right"))
    assert gates([hands.tick()]) == [(False,)]
    assert gates(hands.wait(100)) == []


def test_a_toggle_on_its_way_through_the_middle_does_not_mean_it() -> None:
    """Toggle 3 has banks; a bank that is passed would change the capture twice."""
    plan = plan_of_board("funbox")
    hands = Hands(host(plan), closed=bit_of(plan, "toggle 3, left"))
    hands.tick()
    hands.closed = 0
    assert told(hands.wait(30), "sound_choose") == []
    hands.closed = bit_of(plan, "toggle 3, right")
    assert told(hands.wait(60), "sound_choose") == [(4,)]
    hands.closed = 0
    assert told(hands.wait(60), "sound_choose") == [(2,)], "the middle, where it stays"


def test_a_rotary_switch_between_two_positions_keeps_the_last() -> None:
    plan = plan_of_board("t3k")
    hands = Hands(host(plan), closed=bit_of(plan, "toggle preset, 3"))
    assert hands.tick().capture == 2
    hands.closed = 0
    assert hands.wait(200)[-1].capture == 2
    hands.closed = bit_of(plan, "toggle preset, 1") | bit_of(plan, "toggle preset, 2")
    assert hands.wait(200)[-1].capture == 2
    hands.closed = bit_of(plan, "toggle preset, 2")
    assert hands.wait(60)[-1].capture == 1


CLOCKWISE = ("B", "AB", "A", "")


def turn(hands: Hands, detents: int, *, ticks: int = 1) -> list[tuple[str | float, ...]]:
    """Turn the encoder, `ticks` for each quarter of a detent."""
    plan, found = hands.engine.plan, []
    quarters = CLOCKWISE if detents > 0 else (*CLOCKWISE[-2::-1], "")
    for _ in range(abs(detents)):
        for contacts in quarters:
            hands.closed = sum(bit_of(plan, f"encoder 1, {part}") for part in contacts)
            found += hands.wait(ticks)
    return told(found, "sound_choose")


@pytest.fixture(name="encoder")
def pod() -> Hands:
    """An encoder that chooses one of five captures; the first tick is over."""
    hands = Hands(host(plan_of_board("pod")))
    hands.tick()
    return hands


@pytest.mark.parametrize("ticks", [1, 3, 40])
def test_an_encoder_goes_on_with_each_detent(encoder: Hands, ticks: int) -> None:
    assert turn(encoder, 7, ticks=ticks) == [(1,), (2,), (3,), (4,), (0,), (1,), (2,)]
    assert turn(encoder, -3, ticks=ticks) == [(1,), (0,), (4,)]


def test_an_encoder_that_is_turned_so_fast_that_quarters_are_missed(encoder: Hands) -> None:
    plan = encoder.engine.plan
    assert turn(encoder, 1) == [(1,)]
    found = []
    for contacts in ("B", "A", "", "AB", "A", ""):  # AB and B have been missed
        encoder.closed = sum(bit_of(plan, f"encoder 1, {part}") for part in contacts)
        found += encoder.wait(1)
    assert told(found, "sound_choose") == [(2,), (3,)]


def test_an_encoder_that_bounces_or_is_turned_back_goes_nowhere(encoder: Hands) -> None:
    plan = encoder.engine.plan
    found = []
    for contacts in ("B", "", "B", "AB", "B", "AB", "B", "", "A", "", "A", ""):
        encoder.closed = sum(bit_of(plan, f"encoder 1, {part}") for part in contacts)
        found += encoder.wait(1)
    assert told(found, "sound_choose") == []
