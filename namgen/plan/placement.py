"""Puts every static array into a memory region: the busiest bytes into the fastest memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from namgen import measures
from namgen.activation_kernels import TANH_TABLE, TANH_TABLE_BYTES, reads_tanh_table
from namgen.errors import BudgetError
from namgen.ir import Network
from namgen.passes.fold import fold
from namgen.plan.builder import Builder
from namgen.plan.memory import FLOAT_BYTES, Buffer, OldestRun, Ring, Run
from namgen.plan.packing import Item, pack
from namgen.plan.program import CellStage, KernelStage, Stage
from namgen.plan.steps import Activate, Apply, Gate, Sum
from namgen.targets import Target

ANYWHERE = "host"
"""The region of every array when the target is not a board."""
ALIGNMENT = 8


def static_arrays(builder: Builder) -> list[Buffer]:
    """List every static array with its bytes and how often a frame of work reads it."""
    traffic = _reads_per_frame(builder.stages)
    flat = (history for history in builder.histories if not history.is_ring)
    arrays: tuple[Run | Ring, ...] = (*flat, *builder.rings.values(), *builder.blocks)
    mutable = {array.symbol: array.floats for array in arrays}
    for stage in builder.stages:
        if isinstance(stage, CellStage):
            mutable[stage.state] = len(stage.start)
    constant = {weights.symbol: len(weights.values) for weights in builder.weights}
    if any(map(reads_tanh_table, _functions(builder))):
        constant[TANH_TABLE] = TANH_TABLE_BYTES // FLOAT_BYTES
        traffic[TANH_TABLE] = math.inf  # its place is fixed: the first region
    return [
        Buffer(symbol, floats * FLOAT_BYTES, ANYWHERE, is_constant, traffic.get(symbol, 1.0))
        for arrays, is_constant in ((constant, True), (mutable, False))
        for symbol, floats in arrays.items()
    ]


def _functions(builder: Builder) -> Iterator[str]:
    """Yield the activation functions of every kernel."""
    for kernel in builder.kernels:
        for step in kernel.steps:
            if isinstance(step, Sum):
                yield from (tail.call.function for tail in step.tail if isinstance(tail, Activate))
            elif isinstance(step, Apply):
                yield step.activation.call.function
            elif isinstance(step, Gate):
                yield from (step.primary.call.function, step.secondary.call.function)
    for cell in builder.cells:
        yield from (cell.tanh, cell.sigmoid)


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


def _reads_per_frame(stages: Iterable[Stage]) -> dict[str, float]:
    """Estimate the floats read of each array per frame of audio."""
    traffic: dict[str, float] = {}

    def touch(symbol: str, floats: float) -> None:
        traffic[symbol] = traffic.get(symbol, 0.0) + floats

    for stage in stages:
        if isinstance(stage, KernelStage):
            if stage.weights:
                touch(stage.weights.symbol, len(stage.weights.values) / 4.0)
            if stage.taps:
                history = stage.taps.history
                touch(history.memory, float(stage.taps.kernel_size * history.channels))
            for argument in stage.arguments:
                run = argument.history if isinstance(argument, OldestRun) else argument
                touch(run.memory, float(run.channels))
        elif isinstance(stage, CellStage):
            touch(stage.weights.symbol, float(len(stage.weights.values)))
            touch(stage.hidden.memory, 4.0 * stage.hidden.channels)
            touch(stage.state, 2.0 * stage.hidden.channels)
    return traffic
