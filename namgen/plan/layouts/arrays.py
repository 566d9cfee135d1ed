"""Lists the static arrays of the C: their bytes, and how often a frame of work reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from namgen.plan.layouts import Storage
from namgen.plan.memory import Buffer, OldestRun
from namgen.plan.parts import Parts
from namgen.plan.stages import KernelStage, LstmStage, Stage

WEIGHT_READS = 0.25
"""How often a frame reads a kernel's weights: tiles of about four frames share them."""


def static_arrays(
    parts: Parts, storage: Storage, memories: Mapping[str, int], tables: Iterable[Buffer] = ()
) -> list[Buffer]:
    """List weights, tables, memories and states; `memories` are elements by symbol."""
    element_bytes = parts.arithmetic.element_bytes
    weights = {weights.symbol: len(weights.values) for weights in parts.weights}
    states = {state.symbol: len(state.start) for state in parts.states}
    arrays = (
        *_buffers(weights, element_bytes, constant=not parts.is_loaded),
        *tables,
        *_buffers({**memories, **states}, element_bytes, constant=False),
    )
    traffic = _reads_per_frame(parts.stages, storage)
    return [
        replace(array, reads_per_frame=traffic.get(array.symbol, array.reads_per_frame))
        for array in arrays
    ]


def _buffers(
    elements: Mapping[str, int], element_bytes: int, *, constant: bool
) -> Iterator[Buffer]:
    for symbol, count in elements.items():
        yield Buffer(symbol, count * element_bytes, None, constant, 1.0)


def _reads_per_frame(stages: Iterable[Stage], storage: Storage) -> dict[str, float]:
    """Estimate the elements read of each array per frame of audio."""
    traffic: dict[str, float] = {}
    for stage in stages:
        for symbol, elements in _reads(stage, storage):
            traffic[symbol] = traffic.get(symbol, 0.0) + elements
    return traffic


def _reads(stage: Stage, storage: Storage) -> Iterator[tuple[str, float]]:
    if isinstance(stage, KernelStage):
        yield from _kernel_reads(stage, storage)
    elif isinstance(stage, LstmStage):
        yield from _lstm_reads(stage, storage)


def _kernel_reads(stage: KernelStage, storage: Storage) -> Iterator[tuple[str, float]]:
    if stage.weights:
        yield stage.weights.symbol, len(stage.weights.values) * WEIGHT_READS
    if stage.taps:
        history = stage.taps.history
        yield storage.place(history).array, float(stage.taps.kernel_size * history.channels)
    for argument in stage.arguments:
        run = argument.history if isinstance(argument, OldestRun) else argument
        yield storage.place(run).array, float(run.channels)


def _lstm_reads(stage: LstmStage, storage: Storage) -> Iterator[tuple[str, float]]:
    yield storage.place(stage.target).array, 4.0 * stage.target.channels
    for cell in stage.cells:
        yield cell.weights.symbol, float(len(cell.weights.values))
        for state in cell.states:
            yield state.symbol, 2.0 * len(state.start)
