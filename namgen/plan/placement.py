"""Puts every static array into a memory region: the busiest bytes into the fastest memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from namgen.activation_kernels import TANH_TABLE, TANH_TABLE_BYTES, reads_tanh_table
from namgen.errors import BudgetError
from namgen.plan.builder import Builder
from namgen.plan.program import (
    FLOAT_BYTES,
    Buffer,
    CellStage,
    KernelStage,
    OldestRun,
    Run,
    Stage,
)
from namgen.plan.steps import Activate, Apply, Gate, Sum
from namgen.targets import Target

ANYWHERE = "host"
"""The region of every array when the target is not a board."""
ALIGNMENT = 8


def static_arrays(builder: Builder) -> list[Buffer]:
    """List every static array with its bytes and how often a frame of work reads it."""
    traffic = _reads_per_frame(builder.stages)
    runs: tuple[Run, ...] = (*builder.histories, *builder.blocks)
    mutable = {run.symbol: run.floats for run in runs}
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


def place(buffers: Iterable[Buffer], target: Target | None) -> tuple[Buffer, ...]:
    """Fill the target's model regions in order of speed, busiest bytes first.

    Raises:
        BudgetError: when the arrays do not fit, with the bytes of every region.

    """
    buffers = list(buffers)
    if target is None or not target.model_regions:
        return tuple(buffers)
    room = {name: target.region(name).free_bytes for name in target.model_regions}
    placed = dict.fromkeys((buffer.symbol for buffer in buffers), "")
    left = dict(room)
    for buffer in sorted(buffers, key=lambda b: -b.reads_per_frame / b.size_bytes):
        size = -(-buffer.size_bytes // ALIGNMENT) * ALIGNMENT
        fits = next((name for name, free in left.items() if free >= size), None)
        if fits is None:
            raise BudgetError(_shortage(buffers, buffer, room, left, target))
        left[fits] -= size
        placed[buffer.symbol] = fits
    return tuple(replace(buffer, region=placed[buffer.symbol]) for buffer in buffers)


def _shortage(
    buffers: list[Buffer],
    buffer: Buffer,
    room: dict[str, int],
    left: dict[str, int],
    target: Target,
) -> str:
    need = sum(b.size_bytes for b in buffers)
    regions = ", ".join(f"{name} {left[name]} of {room[name]}" for name in room)
    return (
        f"memory: {buffer.symbol} needs {buffer.size_bytes} bytes in one region of {target.name}, "
        f"found free: {regions}; the whole model needs {need} of {sum(room.values())} bytes"
    )


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
                touch(history.symbol, float(stage.taps.kernel_size * history.channels))
            for argument in stage.arguments:
                run = argument.history if isinstance(argument, OldestRun) else argument
                touch(run.symbol, float(run.channels))
        elif isinstance(stage, CellStage):
            touch(stage.weights.symbol, float(len(stage.weights.values)))
            touch(stage.hidden.symbol, 4.0 * stage.hidden.channels)
            touch(stage.state, 2.0 * stage.hidden.channels)
    return traffic
