"""Puts every static array into a memory region: the busiest bytes into the fastest memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from namgen import measures
from namgen.errors import BudgetError
from namgen.ir import Network
from namgen.passes.fold import fold
from namgen.plan.memory import Buffer
from namgen.plan.packing import Item, pack
from namgen.targets import Target

ALIGNMENT = 8


def check_room(network: Network, target: Target) -> None:
    """Refuse a network whose weights and past samples alone are more than the target holds.

    Raises:
        BudgetError: with the bytes there are at least.

    """
    if not target.model_regions:
        return
    room = sum(target.region(name).free_bytes for name in target.model_regions)
    if _least_bytes(network) <= room:
        return
    need = _least_bytes(fold(network))
    if need > room:
        raise BudgetError(
            f"memory: weights and histories need {need} bytes and more, {target.name} has {room}"
        )


def _least_bytes(network: Network) -> int:
    return measures.weight_bytes(network) + measures.history_bytes(network)


def fits_fastest(buffers: Iterable[Buffer], target: Target | None) -> bool:
    """Whether the target's fastest memory holds all arrays; without a target, it does."""
    if target is None or not target.model_regions:
        return True
    need = sum(-(-buffer.size_bytes // ALIGNMENT) * ALIGNMENT for buffer in buffers)
    return need <= target.region(target.model_regions[0]).free_bytes


def place(buffers: Iterable[Buffer], target: Target | None) -> tuple[Buffer, ...]:
    """Fill the target's model regions in order of speed, busiest bytes first.

    Where that leaves an array without a place, packings are searched: of those that hold
    everything, one with the most reads in the fastest regions.

    Raises:
        BudgetError: the arrays do not fit, and why that is certain; or how far the search went.

    """
    buffers = list(buffers)
    if target is None or not target.model_regions:
        return tuple(buffers)
    rooms = [target.region(name).free_bytes for name in target.model_regions]
    _check_sizes(buffers, rooms, target)
    items = [Item(-(-buffer.size_bytes // ALIGNMENT), buffer.reads_per_frame) for buffer in buffers]
    found = pack(items, [room // ALIGNMENT for room in rooms])
    if found is None:
        raise BudgetError(
            f"memory: {_sizes(buffers, rooms, target)}; no way to divide the arrays among "
            "the regions exists"
        )
    return tuple(
        replace(buffer, region=target.model_regions[number])
        for buffer, number in zip(buffers, found, strict=True)
    )


def _check_sizes(buffers: list[Buffer], rooms: list[int], target: Target) -> None:
    """Refuse what no packing can mend."""
    largest = max(buffers, key=lambda buffer: buffer.size_bytes)
    if largest.size_bytes > max(rooms):
        raise BudgetError(
            f"memory: {largest.symbol} needs {largest.size_bytes} bytes in one region of "
            f"{target.name}; {_sizes(buffers, rooms, target)}"
        )
    if sum(buffer.size_bytes for buffer in buffers) > sum(rooms):
        raise BudgetError(f"memory: {_sizes(buffers, rooms, target)}")


def _sizes(buffers: list[Buffer], rooms: list[int], target: Target) -> str:
    need = sum(buffer.size_bytes for buffer in buffers)
    there = ", ".join(
        f"{name} {room}" for name, room in zip(target.model_regions, rooms, strict=True)
    )
    return f"the whole model needs {need} of {sum(rooms)} bytes ({there})"
