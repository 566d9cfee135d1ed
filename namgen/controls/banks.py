"""Which captures a player reaches from which: banks, and the circle in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from namgen.errors import UnsupportedError
from namgen.pedal_boards import PedalBoard

_NO_NAME = 0
"""Of the one bank where a board has no toggle for banks."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capture is among the others; all are counted from 0."""

    bank: int
    next: int
    previous: int


@dataclass(frozen=True, slots=True)
class Choice:
    """All captures, and the banks of a board."""

    places: tuple[Place, ...]  # of each capture
    banks: tuple[int, ...]  # their numbers on the board, from 1, in order

    def first(self, bank: int) -> int | None:
        """Return the first capture of a bank, counted from 0; None: it is empty."""
        found = (number for number, place in enumerate(self.places) if place.bank == bank)
        return next(found, None)


def banks_of(board: PedalBoard) -> tuple[int, ...]:
    """The numbers of the banks that toggles choose, from 1, in order."""
    places = (place.does for toggle in board.toggles for place in toggle.positions)
    found = (does.removeprefix("bank-") for does in places if does.startswith("bank-"))
    return tuple(sorted(set(map(int, found))))


def plan_choice(asked: Sequence[int | None], banks: Sequence[int]) -> Choice:
    """Put captures into the banks that a board's toggles have, in their order.

    `asked` has the bank that each capture asks for; the others are spread evenly, in order.

    Raises:
        UnsupportedError: a capture asks for a bank that the board does not have.

    """
    for number, bank in enumerate(asked, 1):
        if bank is not None and bank not in banks:
            there = ", ".join(map(str, banks)) or "none"
            raise UnsupportedError(
                f"capture {number}: bank: expected one of the board's, {there}, found {bank}"
            )
    spread = _spread(sum(bank is None for bank in asked), len(banks))
    numbers = [next(spread) if bank is None else banks.index(bank) for bank in asked]
    places = tuple(_place(number, numbers) for number in range(len(numbers)))
    return Choice(places, tuple(banks) or (_NO_NAME,))


def _spread(captures: int, banks: int) -> Iterator[int]:
    return (number * max(banks, 1) // captures for number in range(captures))


def _place(number: int, banks: Sequence[int]) -> Place:
    circle = [other for other, bank in enumerate(banks) if bank == banks[number]]
    here = circle.index(number)
    return Place(banks[number], circle[(here + 1) % len(circle)], circle[here - 1])
