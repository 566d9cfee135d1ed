"""Puts every static array into a memory region: the busiest bytes into the fastest memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from namgen import measures
from namgen.boards import Board, Region
from namgen.errors import BudgetError
from namgen.ir import Network
from namgen.passes.fold import fold
from namgen.plan.memory import Buffer
from namgen.plan.packing import Item, pack

ALIGNMENT = 8
FLOAT_BYTES = 4


def check_room(network: Network, board: Board | None, *, word_bytes: int = FLOAT_BYTES) -> None:
    """Refuse a network whose weights and past samples alone are more than the board holds.

    Raises:
        BudgetError: with the bytes there are at least.

    """
    if board is None:
        return
    room = sum(board.region(name).free_bytes for name in board.model_regions)
    if _least_bytes(network, word_bytes) <= room:
        return
    need = _least_bytes(fold(network), word_bytes)
    if need > room:
        raise BudgetError(
            f"memory: weights and histories need {need} bytes and more, {board.name} has {room}"
        )


def _least_bytes(network: Network, word_bytes: int) -> int:
    of_floats = measures.weight_bytes(network) + measures.history_bytes(network)
    return of_floats // FLOAT_BYTES * word_bytes


def fits_fastest(buffers: Iterable[Buffer], board: Board | None) -> bool:
    """Whether the board's fastest memory holds all arrays; without a board, it does."""
    if board is None:
        return True
    need = sum(-(-buffer.size_bytes // ALIGNMENT) * ALIGNMENT for buffer in buffers)
    return need <= board.region(board.model_regions[0]).free_bytes


def place(buffers: Iterable[Buffer], board: Board | None) -> tuple[Buffer, ...]:
    """Fill the board's model regions in order of speed, busiest bytes first.

    Where that leaves an array without a place, packings are searched: of those that hold
    everything, one with the most reads in the fastest regions.

    Raises:
        BudgetError: the arrays do not fit, and why that is certain; or how far the search went.

    """
    buffers = list(buffers)
    if board is None:
        return tuple(buffers)
    rooms = [board.region(name).free_bytes for name in board.model_regions]
    _check_sizes(buffers, rooms, board)
    items = [Item(-(-buffer.size_bytes // ALIGNMENT), buffer.reads_per_frame) for buffer in buffers]
    found = pack(items, [room // ALIGNMENT for room in rooms])
    if found is None:
        raise BudgetError(
            f"memory: {_sizes(buffers, rooms, board)}; no way to divide the arrays among "
            "the regions exists"
        )
    return tuple(
        replace(buffer, region=board.model_regions[number])
        for buffer, number in zip(buffers, found, strict=True)
    )


def regions_of(buffers: Iterable[Buffer], board: Board | None) -> tuple[Region, ...]:
    """List the regions that hold an array, the best first."""
    if board is None:
        return ()
    names = {buffer.region for buffer in buffers}
    return tuple(board.region(name) for name in board.model_regions if name in names)


def _check_sizes(buffers: list[Buffer], rooms: list[int], board: Board) -> None:
    """Refuse what no packing can mend."""
    largest = max(buffers, key=lambda buffer: buffer.size_bytes)
    if largest.size_bytes > max(rooms):
        raise BudgetError(
            f"memory: {largest.symbol} needs {largest.size_bytes} bytes in one region of "
            f"{board.name}; {_sizes(buffers, rooms, board)}"
        )
    if sum(buffer.size_bytes for buffer in buffers) > sum(rooms):
        raise BudgetError(f"memory: {_sizes(buffers, rooms, board)}")


def _sizes(buffers: list[Buffer], rooms: list[int], board: Board) -> str:
    need = sum(buffer.size_bytes for buffer in buffers)
    there = ", ".join(
        f"{name} {room}" for name, room in zip(board.model_regions, rooms, strict=True)
    )
    return f"the whole model needs {need} of {sum(rooms)} bytes ({there})"
