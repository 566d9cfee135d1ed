"""Which captures a player gets to with the controls of a board."""

from __future__ import annotations

from collections.abc import Sequence

from namgen.controls.banks import banks_of, plan_choice
from namgen.pedal_boards import PedalBoard

STEPS = ("next-capture", "previous-capture")


def steps_through(board: PedalBoard) -> bool:
    """Whether a press or a turn leads from capture to capture."""
    does = [switch.does for switch in board.footswitches]
    does += [encoder.does for encoder in board.encoders]
    turned = [encoder.turns for encoder in board.encoders]
    return any(word in STEPS for word in does) or "capture" in turned


def reached(board: PedalBoard, asked: Sequence[int | None]) -> frozenset[int]:
    """Return the numbers, from 1, of the captures that can be chosen; the first one plays anyway.

    `asked` has the bank that each capture asks for, as `plan_choice` takes it.
    """
    everything = frozenset(range(1, len(asked) + 1))
    if steps_through(board):
        return everything
    choice = plan_choice(asked, banks_of(board))
    firsts = (choice.first(number) for number in range(len(choice.banks)))
    first_of_banks = {first + 1 for first in firsts if first is not None}
    return frozenset({1} | first_of_banks | _numbers(board, "capture-")) & everything


def choice_problem(board: PedalBoard, asked: Sequence[int | None]) -> str:
    """Say that captures would only take room, for nothing chooses them; empty: they can be."""
    if len(asked) > 1 and len(reached(board, asked)) == 1:
        told = f"expected 1 capture, for no control chooses another, found {len(asked)}"
        return f"{told}; `namgen board` lists boards"
    return ""


def _numbers(board: PedalBoard, word: str) -> set[int]:
    places = (place.does for toggle in board.toggles for place in toggle.positions)
    return {int(does.removeprefix(word)) for does in places if does.startswith(word)}
