"""A fast guess at a plan's cycles on a Cortex-M7, from a table fitted to the cycle model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from namgen.activation_kernels import CELL_SIGMOID
from namgen.errors import ToolError
from namgen.plan.any_plan import AnyPlan
from namgen.plan.fixed import FixedPlan
from namgen.plan.memory import TapPointers
from namgen.plan.program import Plan
from namgen.plan.stages import GATES, CellKernel, KernelStage, LstmStage, PublishStage
from namgen.plan.steps import (
    Accumulate,
    Activate,
    Apply,
    Carry,
    Dense,
    Gate,
    Kernel,
    Modulate,
    Step,
    Store,
    Sum,
    Taps,
    Window,
    term_weights,
)
from namgen.prediction import Budget, Prediction
from namgen.processors import Processor, load_measured
from namgen.processors.margin import Margin

if TYPE_CHECKING:
    from namgen.boards import Region

FEATURES = (
    "blocks",
    "kernel_calls",
    "kernel_tiles",
    "sum_tiles",
    "products",
    "loads",
    "loop_turns",
    "stores",
    "nam_tanh",
    "nam_sigmoid",
    "nam_silu",
    "nam_fast_tanh",
    "nam_fast_sigmoid",
    "nam_softsign",
    "cheap_activations",
    "elements",
    "copied_floats",
    "cached_reads",
    "cell_steps",
    "cell_tiles",
    "cell_products",
)
"""What is counted in a plan, per block; `features` says how."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cycles per unit of each feature, and the error of the fit."""

    cycles: Mapping[str, float]
    margin: Margin


@cache
def load_table(processor: str) -> Table:
    """Read the table fitted for a processor; `benchmarks/fit_estimate.py` writes it.

    Raises:
        ToolError: there is none, or it is not complete.

    """
    data = load_measured(processor, "estimate")
    if data is None or set(data["cycles"]) != set(FEATURES):
        raise ToolError(
            f"processor {processor}: expected {processor}-estimate.toml with every feature"
        )
    return Table(data["cycles"], Margin(data["margin_low"], data["margin_high"]))


FIXED_MARGIN = Margin(0.14, 0.05)
"""Of code that a scheduler has ordered; as the cycle model's for integers."""

_BLOCK_CYCLES = 1500
_STAGE_CYCLES = 150
_PART_CYCLES = 55
_FRAME_CYCLES = 75
_CACHED_WORD_CYCLES = 1.3
_ENTRANCE_WEIGHT_CYCLES = 3.1
"""Around kernels in machine code: a block, a call with its taps, each further call for a part of a
wide layer, a frame, a word from a cache; and a weight between arrays of layers, which compilers
order."""


def estimate(plan: AnyPlan, processor: str, budget: Budget) -> Prediction:
    """Estimate the cycles of a whole audio interrupt beside those in a block's time.

    Raises:
        ToolError: nobody has fitted a table for the processor.

    """
    is_fixed = isinstance(plan, FixedPlan)
    margin = FIXED_MARGIN if is_fixed else load_table(processor).margin
    cycles = sum(cost_parts(plan, processor).values())
    return Prediction("estimate", round(cycles), budget, margin)


_PARTS = {
    "multiply-adds": "sum_tiles products loads loop_turns stores cell_products cell_tiles",
    "activations": "nam_tanh nam_sigmoid nam_silu nam_fast_tanh nam_fast_sigmoid nam_softsign "
    "cheap_activations",
    "moving samples": "elements copied_floats cached_reads cell_steps",
    "calls": "blocks kernel_calls kernel_tiles",
}
"""What features are about, for people."""


def cost_parts(plan: AnyPlan, processor: str) -> dict[str, float]:
    """Return the estimated cycles of a block by what they are for; `estimate` adds them up.

    Raises:
        ToolError: nobody has fitted a table for the processor.

    """
    if isinstance(plan, FixedPlan):
        return _fixed_parts(plan)
    cycles, counts = load_table(processor).cycles, features(plan)
    return {
        part: sum(counts[name] * cycles[name] for name in names.split())
        for part, names in _PARTS.items()
    }


def _fixed_parts(plan: FixedPlan) -> dict[str, float]:
    """Return what the scheduler counted and what is around it; activations are in the kernels."""
    moved = _FRAME_CYCLES + plan.cached_words_per_frame * _CACHED_WORD_CYCLES
    calls = len(plan.stages) * _STAGE_CYCLES + plan.further_calls * _PART_CYCLES
    products = plan.cycles_per_frame + plan.entrance_weights * _ENTRANCE_WEIGHT_CYCLES
    return {
        "multiply-adds": plan.block_frames * products,
        "moving samples": plan.block_frames * moved,
        "calls": calls + _BLOCK_CYCLES,
    }


def least(plan: AnyPlan, processor: Processor) -> Prediction | None:
    """Say what products alone take where the processor's clock is as fast as any; None: unknown."""
    if not processor.fastest_hz or isinstance(plan, FixedPlan):
        return None
    counts = features(plan)
    products = counts["products"] + counts["cell_products"]
    budget = Budget(processor.fastest_hz, plan.block_frames, plan.sample_rate_hz)
    return Prediction("least", round(products * processor.product_cycles), budget, Margin(0.0, 0.0))


def features(plan: Plan) -> dict[str, float]:
    """Count, per block, what costs time.

    Loads are those of the sums' batches: weights once per tile of frames, inputs once per tile of
    rows, but those of a window once for all frames of a tile. Loop turns are those of a sum's loops
    over inputs and taps. Cached reads are the floats that taps fetch from memory behind the data
    cache.
    """
    total = dict.fromkeys(FEATURES, 0.0)
    total["blocks"] = 1.0
    total["copied_floats"] = float(sum(_copied(plan)))
    kernels = {named.name: named.kernel for named in plan.kernels}
    for stage in plan.stages:
        if isinstance(stage, PublishStage):
            continue
        total["kernel_calls"] += 1
        for name, count in _stage_counts(stage, plan.padded_frames, kernels):
            total[name] += count
        if isinstance(stage, KernelStage) and stage.taps:
            region = plan.region_of(plan.storage.place(stage.taps.history).array)
            total["cached_reads"] += _cached_reads(stage.taps, plan.padded_frames, region)
    return total


def _copied(plan: Plan) -> Iterator[int]:
    """Floats moved per block beside the kernels: samples in and out, what histories keep."""
    yield plan.padded_frames * (plan.in_channels + plan.out_channels)
    yield from map(plan.storage.upkeep, plan.histories)


def _cached_reads(taps: TapPointers, frames: int, region: Region | None) -> float:
    if region is None or not region.is_cached:
        return 0.0
    return float(taps.kernel_size * frames * taps.history.channels)


def _stage_counts(
    stage: KernelStage | LstmStage, frames: int, kernels: Mapping[str, Kernel]
) -> Iterator[tuple[str, float]]:
    if isinstance(stage, KernelStage):
        yield from _kernel_counts(kernels[stage.kernel], frames)
    else:
        for cell in stage.cells:
            yield from _cell_counts(cell.kernel, frames)


def _cell_counts(cell: CellKernel, frames: int) -> Iterator[tuple[str, float]]:
    size = cell.hidden_size
    yield "cell_steps", frames
    yield "cell_tiles", frames * size / cell.unit_tile
    yield "cell_products", frames * len(GATES) * size * (cell.input_size + size)
    yield _activation(cell.tanh), 2.0 * frames * size
    yield _activation(cell.sigmoid), 3.0 * frames * size


def _kernel_counts(kernel: Kernel, frames: int) -> Iterator[tuple[str, float]]:
    tiles = frames / kernel.tile_frames
    yield "kernel_tiles", tiles
    for step in kernel.steps:
        for name, count in _step_counts(step, kernel.tile_frames):
            yield name, tiles * count


def _step_counts(step: Step, frames: int) -> Iterator[tuple[str, float]]:
    if isinstance(step, Sum):
        yield from _sum_counts(step, frames)
    elif isinstance(step, Apply):
        yield _activation_of(step.activation), frames * step.rows.channels
        yield "elements", frames * step.rows.channels
    else:
        elements = float(frames * step.target.channels)
        yield "elements", elements * (3 if isinstance(step, Modulate) else 2)
        if isinstance(step, Gate):
            yield _activation_of(step.primary), elements
            yield _activation_of(step.secondary), elements


def _sum_counts(step: Sum, frames: int) -> Iterator[tuple[str, float]]:
    yield "sum_tiles", step.tiles * frames / step.frame_tile
    for term in step.terms:
        weights = term_weights(term, step.rows)
        if isinstance(term, Dense | Taps | Window):
            once = weights * frames / step.frame_tile
            each_input = frames if not isinstance(term, Window) else frames / step.frame_tile
            yield "products", weights * frames
            yield "loads", once + weights * each_input / step.row_tile
            yield "loop_turns", once / step.row_tile / _spelled_out(term)
        else:
            yield "loads", frames * step.rows if isinstance(term, Carry) else weights
    for sink in step.sinks:
        if isinstance(sink, Accumulate):
            yield "loads", frames * step.rows
        if isinstance(sink, Accumulate | Store):
            yield "stores", frames * step.rows
    for tail in step.tail:
        if isinstance(tail, Activate):
            yield _activation_of(tail), frames * step.rows


def _spelled_out(term: Dense | Taps | Window) -> int:
    """Products of a row and frame per turn of the innermost loop."""
    return term.unroll * (term.tap_unroll if isinstance(term, Taps) else 1)


def _activation_of(activation: Activate) -> str:
    return _activation(activation.call.function)


def _activation(function: str) -> str:
    """The feature that counts an activation: its own, or that of the cheap ones."""
    known = "nam_sigmoid" if function == CELL_SIGMOID else function
    return known if known in FEATURES else "cheap_activations"
