"""Which captures a player gets to with the controls of a board."""

from __future__ import annotations

from namgen.pedal_boards import PedalBoard

STEPS = ("next-capture", "previous-capture")


def steps_through(board: PedalBoard) -> bool:
    """Whether a press or a turn leads from capture to capture."""
    does = [switch.does for switch in board.footswitches]
    does += [encoder.does for encoder in board.encoders]
    turned = [encoder.turns for encoder in board.encoders]
    return any(word in STEPS for word in does) or "capture" in turned


def banks_of(board: PedalBoard) -> tuple[int, ...]:
    """The numbers of the banks that toggles choose, from 1, in order."""
    return tuple(sorted(_numbers(board, "bank-")))


def reached(board: PedalBoard, captures: int) -> frozenset[int]:
    """Numbers of the captures that can be chosen, from 1; the first plays in any case.

    With toggles for banks and nothing to step through one, it is at least one in every bank;
    which, the controls decide.
    """
    everything = frozenset(range(1, captures + 1))
    if steps_through(board):
        return everything
    banks = banks_of(board)
    if banks:
        return everything if captures <= len(banks) else frozenset(range(1, len(banks) + 1))
    return frozenset({1} | _numbers(board, "capture-")) & everything


def _numbers(board: PedalBoard, word: str) -> set[int]:
    places = (place.does for toggle in board.toggles for place in toggle.positions)
    return {int(does.removeprefix(word)) for does in places if does.startswith(word)}
