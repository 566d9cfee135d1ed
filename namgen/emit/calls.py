"""Spells what both layouts call alike: the names of memories, sizes, and places of arrays."""

from __future__ import annotations

from namgen.activation_kernels import TABLE_BYTES
from namgen.c_text import literal
from namgen.plan.layouts.kernel_steps import SumWeights
from namgen.plan.layouts.operations import ActivateTile
from namgen.plan.layouts.statements import Constant, Distance, Extent, For, GroupOfRow
from namgen.plan.memory import Block, History, OldestRun, Run
from namgen.plan.program import Plan
from namgen.plan.stages import KernelStage
from namgen.plan.steps import Activate


def times(factor: str | int, count: Distance) -> str:
    """Spell a product whose second part may be one."""
    return str(factor) if count == 1 else f"{factor} * {distance(count)}"


def distance(value: Distance) -> str:
    """Spell a distance: by its name, or as so many channels times frames."""
    match value:
        case Constant():
            return value.name
        case Extent():
            factors = [str(n) for n in (value.channels, value.frames) if n != 1]
            return " * ".join(factors) or "1"
    return str(value)


def further(base: str, by: Distance) -> str:
    """Spell a place so far behind another."""
    is_there = by.frames == 0 if isinstance(by, Extent) else by == 0
    return base if is_there else f"{base} + {distance(by)}"


def group_start(group: GroupOfRow, stride: str = "1") -> str:
    """Spell where the inputs of the group of `row` begin, `stride` from one to the next."""
    rows, inputs = group
    first = "row" if rows == 1 else f"row / {rows}"
    return " * ".join([first, *(factor for factor in (str(inputs), stride) if factor != "1")])


def weights_of(weights: SumWeights, loop: For | None) -> str:
    """Spell where the weights of a sum begin, in a loop those of its row."""
    first = further("weights", weights.first)
    return f"{first} + {times(loop.variable, weights.per_row)}" if loop else first


def tapped(plan: Plan) -> tuple[KernelStage, ...]:
    """Return the calls that read a history more than one frame deep."""
    stages = (stage for stage in plan.stages if isinstance(stage, KernelStage))
    return tuple(stage for stage in stages if stage.taps or window(stage))


def window(stage: KernelStage) -> OldestRun | None:
    """Return the run that a call reads from its oldest frame on, if it reads one so."""
    return next((run for run in stage.arguments if isinstance(run, OldestRun)), None)


def dilation(stage: KernelStage) -> str:
    """Name the constant with the frames from one tap of a convolution to the next."""
    return f"{stage.part.symbol.upper()}_DILATION"


def past(history: History) -> str:
    """Name the constant with the frames of a history's past."""
    return f"{_capitals(history)}_PAST"


def newest(run: Run) -> str:
    """Name the newest block of a run: its array where that is all there is in it."""
    if isinstance(run, Block) or not run.lookback:
        return run.symbol
    return _capitals(run)


def _capitals(history: History) -> str:
    return history.name.upper()


def parameters_of(activation: Activate, own: str) -> list[str]:
    """Spell what follows the value in a call; `own` is the weight of a channel that has one."""
    return [own] if activation.per_channel else [literal(p) for p in activation.call.params]


def activation_parameters(operation: ActivateTile) -> list[str]:
    """Name the parameters of a macro that activates a tile."""
    return ["own"] if operation.per_row else [f"p{n}" for n in range(operation.params)]


def activation_arguments(operation: ActivateTile, row: int) -> list[str]:
    """Spell what follows the value in a call within that macro; `row` is the value's."""
    if operation.per_row:
        return [f"(own)[{row}]"]
    return [f"({name})" for name in activation_parameters(operation)]


def region_macro(plan: Plan, symbol: str, *, constant: bool = False) -> str:
    """Spell the placement macro of a static array, with the space before it."""
    region = plan.region_of(symbol)
    return f" {region.macro}_{'DATA' if constant else 'BSS'}" if region else ""


def placements(plan: Plan) -> list[tuple[str, str]]:
    """Pair the placement macros that the C uses with the linker's sections behind them.

    Arrays of engines share their place, where the sections are the board's own.
    """
    found, loads = [], plan.parts.is_loaded
    for region in plan.regions:
        here = [buffer for buffer in plan.buffers if buffer.region == region.name]
        if not all(buffer.constant for buffer in here):
            shared = f"{region.section}_engine.nam_{plan.name}" if region.section else ""
            own = region.section_of(constant=False)
            found.append((f"{region.macro}_BSS", shared if shared and loads else own))
        if any(buffer.constant and buffer.symbol not in TABLE_BYTES for buffer in here):
            found.append((f"{region.macro}_DATA", region.section_of(constant=True)))
        if any(buffer.symbol in TABLE_BYTES for buffer in here):
            section = region.section_of(constant=True)
            found.append(("NAM_TABLE_SECTION", f"{section}.tables"))
    return found
