"""Spells what both layouts call alike: the names of memories, sizes, and places of arrays."""

from __future__ import annotations

from namgen.plan.memory import Block, History, Run
from namgen.plan.program import Plan


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
    return history.symbol.removesuffix("_history").upper()


def region_macro(plan: Plan, symbol: str, *, constant: bool = False) -> str:
    """Spell the placement macro of a static array, with the space before it."""
    region = plan.region_of(symbol)
    if region == "host":
        return ""
    return f" NAM_{region.upper()}_{'DATA' if constant else 'BSS'}"
