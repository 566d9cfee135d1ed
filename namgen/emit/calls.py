"""Spells where things lie: runs of memory, arguments of kernels, places of arrays."""

from __future__ import annotations

from namgen.plan.memory import Block, History, OldestRun, Run, TapPointers
from namgen.plan.program import KernelStage, Plan
from namgen.plan.steps import Kernel


def newest(run: Run) -> str:
    """Spell a pointer to the newest block of `run`."""
    if isinstance(run, Block) or not run.lookback:
        return run.symbol
    if run.is_ring:
        return f"{run.memory} + {ring_position(run)} * {run.channels}"
    return f"{run.symbol} + {run.newest_offset}"


def oldest_tap(taps: TapPointers) -> str:
    """Spell a pointer to the oldest run that the taps of a flat history read."""
    symbol, offset = taps.history.symbol, taps.oldest_offset
    return f"{symbol} + {offset}" if offset else symbol


def ring_position(history: History) -> str:
    """Spell the variable that says where the newest block of a ring starts."""
    return f"{history.symbol}_newest"


def argument(run: Run | OldestRun) -> str:
    """Spell what a kernel's port is bound to."""
    return run.history.symbol if isinstance(run, OldestRun) else newest(run)


def parameters(kernel: Kernel) -> list[str]:
    """Spell the parameter list of a kernel's C function."""
    found = ["const float *weights"] if kernel.needs_weights else []
    found += ["const float *const *taps"] if kernel.tap_rows else []
    for port in kernel.ports:
        constant = "" if port.writable else "const "
        found.append(f"{constant}float *restrict {port.rows.name}")
    return found


def call_arguments(stage: KernelStage) -> list[str]:
    """Spell the arguments of a kernel's call."""
    found = [stage.weights.symbol] if stage.weights else []
    found += ["taps"] if stage.taps else []
    return found + [argument(run) for run in stage.arguments]


def region_macro(plan: Plan, symbol: str, *, constant: bool = False) -> str:
    """Spell the placement macro of a static array, with the space before it."""
    region = plan.region_of(symbol)
    if region == "host":
        return ""
    return f" NAM_{region.upper()}_{'DATA' if constant else 'BSS'}"
