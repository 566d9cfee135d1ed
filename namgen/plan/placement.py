"""Puts every static array into a memory region: the busiest bytes into the fastest memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """Whether the board's fastest memory holds all that may lie there; without a board, it does."""
    if board is None:
        return True
    fastest = board.region(board.model_regions[0])
    here = (buffer for buffer in buffers if fastest.section_of(constant=buffer.constant))
    return _aligned_bytes(here) <= fastest.free_bytes


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
    regions = [board.region(name) for name in board.model_regions]
    if all(region.section_of(constant=kind) for region in regions for kind in (False, True)):
        return _packed(buffers, regions, board)
    state = [buffer for buffer in buffers if not buffer.constant]
    places = {b.symbol: b for b in _packed(state, _holding(regions, constant=False), board)}
    left = [_without(region, places.values()) for region in _holding(regions, constant=True)]
    constants = [buffer for buffer in buffers if buffer.constant]
    places |= {b.symbol: b for b in _packed(constants, left, board)}
    return tuple(places[buffer.symbol] for buffer in buffers)


def _holding(regions: Iterable[Region], *, constant: bool) -> list[Region]:
    return [region for region in regions if region.section_of(constant=constant)]


def _without(region: Region, placed: Iterable[Buffer]) -> Region:
    """Return a region without what lies there already."""
    taken = _aligned_bytes(buffer for buffer in placed if buffer.region == region.name)
    return replace(region, reserved_bytes=region.reserved_bytes + taken)


def _aligned_bytes(buffers: Iterable[Buffer]) -> int:
    return sum(-(-buffer.size_bytes // ALIGNMENT) * ALIGNMENT for buffer in buffers)


def _packed(buffers: list[Buffer], regions: Sequence[Region], board: Board) -> tuple[Buffer, ...]:
    """Fill regions that may hold any of the arrays."""
    if not buffers:
        return ()
    _check_sizes(buffers, regions, board)
    items = [Item(-(-buffer.size_bytes // ALIGNMENT), buffer.reads_per_frame) for buffer in buffers]
    found = pack(items, [region.free_bytes // ALIGNMENT for region in regions])
    if found is None:
        raise BudgetError(
            f"memory: {_sizes(buffers, regions)}; no way to divide the arrays among "
            "the regions exists"
        )
    return tuple(
        replace(buffer, region=regions[number].name)
        for buffer, number in zip(buffers, found, strict=True)
    )


def regions_of(buffers: Iterable[Buffer], board: Board | None) -> tuple[Region, ...]:
    """List the regions that hold an array, the best first."""
    if board is None:
        return ()
    names = {buffer.region for buffer in buffers}
    return tuple(board.region(name) for name in board.model_regions if name in names)


def _check_sizes(buffers: list[Buffer], regions: Sequence[Region], board: Board) -> None:
    """Refuse what no packing can mend."""
    rooms = [region.free_bytes for region in regions]
    largest = max(buffers, key=lambda buffer: buffer.size_bytes)
    if largest.size_bytes > max(rooms):
        raise BudgetError(
            f"memory: {largest.symbol} needs {largest.size_bytes} bytes in one region of "
            f"{board.name}; {_sizes(buffers, regions)}"
        )
    if sum(buffer.size_bytes for buffer in buffers) > sum(rooms):
        raise BudgetError(f"memory: {_sizes(buffers, regions)}")


def _sizes(buffers: list[Buffer], regions: Sequence[Region]) -> str:
    need = sum(buffer.size_bytes for buffer in buffers)
    room = sum(region.free_bytes for region in regions)
    there = ", ".join(f"{region.name} {region.free_bytes}" for region in regions)
    return f"the whole model needs {need} of {room} bytes ({there})"
