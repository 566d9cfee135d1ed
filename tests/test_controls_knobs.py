"""A knob's position is where it stands: still while nobody turns, exact at its ends."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from chain_setups import plan_of
from controls_setups import Hands, board_of, host, plan_of_board, told

from namgen.chain.plan import plan_chain
from namgen.controls import plan_controls
from namgen.controls.curves import CODES_OF_ROW, END_CODES, HIGHEST_CODE, ROWS, positions
from namgen.pedal_boards import load_pedal_board

KNOB = '[[knob]]\nlabel = "a"\npin = "D16"\nsets = "bass"\n'


def one_knob(tmp_path: Path, more: str = "") -> Hands:
    """A board with one knob."""
    return Hands(host(plan_controls(board_of(tmp_path, KNOB + more), plan_of())))


def moves(hands: Hands, codes: list[int]) -> list[float]:
    """Positions that the sound is told while the codes come in."""
    found = []
    for code in codes:
        hands.codes = [code]
        found.append(hands.tick())
    return [float(event[1]) for event in told(found, "sound_set")]


def test_it_jumps_to_where_it_stands_at_the_start(tmp_path: Path) -> None:
    assert moves(one_knob(tmp_path), [HIGHEST_CODE // 4] * 50) == [pytest.approx(0.25, abs=0.005)]


@pytest.mark.parametrize("centre", [0, 512, 20_000, 33_333, 65_000, HIGHEST_CODE])
def test_noise_does_not_shake_it(tmp_path: Path, centre: int) -> None:
    """Of 12 bits the lowest two, now and then the third: it may settle, but never goes back."""
    hands = one_knob(tmp_path)
    rng = np.random.default_rng(centre)
    noise = np.clip(centre + rng.normal(0, 60, 6000), 0, HIGHEST_CODE).astype(int).tolist()
    found = moves(hands, noise)
    assert len(found) < 20
    assert len(set(np.sign(np.diff(found)))) <= 1
    assert np.abs(np.subtract(found, found[-1])).max() < 0.004


def test_a_voltage_between_two_codes_moves_nothing(tmp_path: Path) -> None:
    """A comparator's threshold: every tick is one code above or below it."""
    for centre in range(30_000, 30_400, 7):
        hands = one_knob(tmp_path)
        hands.codes = [29_000]
        hands.tick()
        moves(hands, [centre] * 200)
        assert moves(hands, [centre - 1, centre + 1] * 100) == []


@pytest.mark.parametrize("flipped", ["", "flipped = true\n"])
@pytest.mark.parametrize("curve", ["linear", "log", "reverse"])
def test_the_ends_are_exact_and_the_way_has_no_step_back(
    tmp_path: Path, curve: str, flipped: str
) -> None:
    hands = one_knob(tmp_path, f'curve = "{curve}"\n{flipped}')
    ends = (300, HIGHEST_CODE - 300)  # no part reaches either quite
    up = np.linspace(*ends, 400).astype(int).tolist()
    there = moves(hands, [*up[:1] * 100, *up, *up[-1:] * 100])
    back = moves(hands, [*up[::-1], *up[:1] * 100])
    if flipped:
        there, back = back, there
    assert (max(there), min(back)) == (1.0, 0.0)
    assert back[-1] == 0.0
    assert np.all(np.diff(there) > 0) or flipped
    assert np.all(np.diff(back) < 0) or flipped
    assert np.abs(np.diff(there)).max() < 0.06, "no jump however steep the curve is"


@pytest.mark.parametrize("curve", ["linear", "log", "reverse"])
def test_what_a_part_does_is_undone(curve: str) -> None:
    """A voltage by the formula of the part, float64 against the table."""
    base = (1 / 0.15 - 1) ** 2

    def voltage(position: float) -> float:
        if curve == "linear":
            return position
        if curve == "log":
            return (base**position - 1) / (base - 1)
        return 1 - (base ** (1 - position) - 1) / (base - 1)

    rows = positions(curve)  # type: ignore[arg-type]
    assert (rows[0], rows[-1], len(rows)) == (0.0, 1.0, ROWS)
    for row, position in enumerate(rows):
        assert math.isclose(voltage(position), row / (ROWS - 1), abs_tol=1e-6)
    assert END_CODES * 2 + (ROWS - 1) * CODES_OF_ROW == HIGHEST_CODE + 1


def test_a_slow_turn_arrives_and_no_position_is_told_twice(tmp_path: Path) -> None:
    hands = one_knob(tmp_path)
    found = moves(hands, [code for code in range(0, HIGHEST_CODE, 37) for _ in range(2)])
    assert len(found) == len(set(found)) > 1000
    assert found[-1] == 1.0


def test_a_knob_that_sets_nothing_that_is_built_in_is_not_read() -> None:

    board = load_pedal_board("terrarium")
    some = plan_chain(names={"equaliser", "guard", "high_pass"})
    assert [knob.parameter for knob in plan_controls(board, some).knobs] == [
        "bass",
        "middle",
        "treble",
    ]
    assert len(plan_controls(board, plan_of()).knobs) == 6
    assert plan_of_board("versio").knobs[0].is_flipped
