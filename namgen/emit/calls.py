"""Spells where things lie: runs of memory, arguments of kernels, places of arrays."""

from __future__ import annotations

from namgen.plan.layouts import Place, Storage
from namgen.plan.memory import OldestRun, Run, TapPointers
from namgen.plan.program import Plan
from namgen.plan.stages import KernelStage
from namgen.plan.steps import Kernel


def newest(storage: Storage, run: Run) -> str:
    """Spell a pointer to the newest block of `run`."""
    place = storage.place(run)
    if place.position:
        return f"{place.array} + {place.position} * {place.frame_stride}"
    return _before(place, 0)


def oldest_tap(storage: Storage, taps: TapPointers) -> str:
    """Spell a pointer to the oldest run that the taps of a flat history read."""
    return _before(storage.place(taps.history), taps.oldest_frame)


def _before(place: Place, frames: int) -> str:
    offset = place.offset - frames * place.frame_stride
    return f"{place.array} + {offset}" if offset else place.array


def argument(storage: Storage, run: Run | OldestRun) -> str:
    """Spell what a kernel's port is bound to."""
    if isinstance(run, OldestRun):
        return _before(storage.place(run.history), run.history.lookback)
    return newest(storage, run)


def parameters(kernel: Kernel) -> list[str]:
    """Spell the parameter list of a kernel's C function."""
    found = ["const float *weights"] if kernel.needs_weights else []
    found += ["const float *const *taps"] if kernel.tap_rows else []
    for port in kernel.ports:
        constant = "" if port.writable else "const "
        found.append(f"{constant}float *restrict {port.rows.name}")
    return found


def call_arguments(storage: Storage, stage: KernelStage) -> list[str]:
    """Spell the arguments of a kernel's call."""
    found = [stage.weights.symbol] if stage.weights else []
    found += ["taps"] if stage.taps else []
    return found + [argument(storage, run) for run in stage.arguments]


def region_macro(plan: Plan, symbol: str, *, constant: bool = False) -> str:
    """Spell the placement macro of a static array, with the space before it."""
    region = plan.region_of(symbol)
    if region == "host":
        return ""
    return f" NAM_{region.upper()}_{'DATA' if constant else 'BSS'}"
