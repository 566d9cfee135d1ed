"""Spells what both layouts call alike: the names of memories, sizes, and places of arrays."""

from __future__ import annotations

from namgen.activation_kernels import TANH_TABLE
from namgen.c_text import literal
from namgen.plan.memory import Block, History, Run
from namgen.plan.program import Plan
from namgen.plan.steps import Activate


def times(factor: str | int, count: int) -> str:
    """Spell a product whose second part may be one."""
    return str(factor) if count == 1 else f"{factor} * {count}"


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


def region_macro(plan: Plan, symbol: str, *, constant: bool = False) -> str:
    """Spell the placement macro of a static array, with the space before it."""
    region = plan.region_of(symbol)
    return f" {region.macro}_{'DATA' if constant else 'BSS'}" if region else ""


def placements(plan: Plan) -> list[tuple[str, str]]:
    """Pair the placement macros that the C uses with the linker's sections behind them."""
    found = []
    for region in plan.regions:
        here = [buffer for buffer in plan.buffers if buffer.region == region.name]
        if not all(buffer.constant for buffer in here):
            found.append((f"{region.macro}_BSS", f"{region.section}_bss"))
        if any(buffer.constant and buffer.symbol != TANH_TABLE for buffer in here):
            found.append((f"{region.macro}_DATA", f"{region.section}_data"))
        if any(buffer.symbol == TANH_TABLE for buffer in here):
            found.append(("NAM_TABLE_SECTION", f"{region.section}_data.tables"))
    return found
