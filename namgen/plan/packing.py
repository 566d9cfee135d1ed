"""Divides arrays among memories: all of them placed, the busiest in the fastest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namgen.errors import BudgetError

MAX_WORK = 200_000_000
"""Table cells the exact search may fill; two memories of the largest board need far less."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something to place: its size, and what is won where it lies in the first room."""

    size: int
    value: float  # infinite: it must lie there


def pack(items: Sequence[Item], rooms: Sequence[int]) -> list[int] | None:
    """Number the room of every item, or None where no packing exists.

    The rooms are filled in their order, the items with the most value for their size first. Only
    where that leaves an item over, all packings are searched for one with the most value in the
    first room.

    Raises:
        BudgetError: the search would take more than `MAX_WORK`; nothing is known then.

    """
    order = sorted(range(len(items)), key=lambda i: -items[i].value / max(1, items[i].size))
    quick = _first_fit(items, order, rooms)
    return _search(items, rooms) if quick is None else quick


def _first_fit(
    items: Sequence[Item], order: Sequence[int], rooms: Sequence[int]
) -> list[int] | None:
    left = list(rooms)
    found = [0] * len(items)
    for number in order:
        size = items[number].size
        fits = next((room for room, free in enumerate(left) if free >= size), None)
        if fits is None or (fits and math.isinf(items[number].value)):
            return None
        left[fits] -= size
        found[number] = fits
    return found


def _search(items: Sequence[Item], rooms: Sequence[int]) -> list[int] | None:
    """Search exhaustively where the tables are small enough, else largest first."""
    fixed = [number for number, item in enumerate(items) if math.isinf(item.value)]
    free = [number for number, item in enumerate(items) if not math.isinf(item.value)]
    first = rooms[0] - sum(items[number].size for number in fixed)
    if first < 0:
        return None
    left = [first, *rooms[1:]]
    work = len(free) * math.prod(room + 1 for room in left[:-1])
    chosen = [items[number] for number in free]
    if work <= MAX_WORK:
        found = _exhaustive(chosen, left)
    else:
        largest_first = sorted(range(len(chosen)), key=lambda i: -chosen[i].size)
        found = _first_fit(chosen, largest_first, left)
        if found is None:
            raise BudgetError(
                f"memory: {len(items)} arrays were not divided among {len(rooms)} regions by the "
                f"busiest first nor by the largest first, and trying all ways was given up: it "
                f"would take {work} steps of at most {MAX_WORK}; whether they fit is not known"
            )
    if found is None:
        return None
    places = [0] * len(items)
    for number, room in zip(free, found, strict=True):
        places[number] = room
    return places


def _exhaustive(items: Sequence[Item], rooms: Sequence[int]) -> list[int] | None:
    """Find the packing with the most value in the first room, by a table of all fillings.

    A cell is how full all rooms but the last are; it holds the most value of the items so far.
    What the last room holds follows from the sum of their sizes.
    """
    shape = tuple(room + 1 for room in rooms[:-1])
    best = np.full(shape, -np.inf)
    best[(0,) * len(shape)] = 0.0
    choices: list[npt.NDArray[np.uint8]] = []
    for item in items:
        best, choice = _with_item(best, item, last=len(rooms) - 1)
        choices.append(choice)
    filled = sum(np.indices(shape, sparse=True), np.zeros(shape))
    total = sum(item.size for item in items)
    best = np.where(total - filled <= rooms[-1], best, -np.inf)
    if not np.isfinite(best).any():
        return None
    cell = [int(place) for place in np.unravel_index(int(best.argmax()), shape)]
    return _traced(items, choices, cell)


def _with_item(
    best: npt.NDArray[np.float64], item: Item, *, last: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
    """Add one item: to the last room, or to another that its size still fits."""
    grown = best.copy()
    choice = np.full(best.shape, last, np.uint8)
    for room in range(best.ndim):
        if item.size >= best.shape[room]:
            continue
        behind = [slice(None)] * best.ndim
        before = [slice(None)] * best.ndim
        behind[room] = slice(item.size, None)
        before[room] = slice(None, best.shape[room] - item.size)
        value = best[tuple(before)] + (item.value if room == 0 else 0.0)
        better = value > grown[tuple(behind)]
        grown[tuple(behind)][better] = value[better]
        choice[tuple(behind)][better] = room
    return grown, choice


def _traced(
    items: Sequence[Item], choices: Sequence[npt.NDArray[np.uint8]], cell: list[int]
) -> list[int]:
    """Follow the choices back from the last item's cell."""
    found: list[int] = []
    for item, choice in zip(reversed(items), reversed(choices), strict=True):
        room = int(choice[tuple(cell)])
        if room < len(cell):
            cell[room] -= item.size
        found.append(room)
    return found[::-1]
