"""Spells what a frame-major schedule says: places, arguments, activations, calls of kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from namgen.activation_kernels import headers_of
from namgen.c_text import literal, plus
from namgen.emit.calls import (
    activation_arguments,
    further,
    group_start,
    newest,
    parameters_of,
    past,
    times,
)
from namgen.plan.layouts.frame_major import FrameMajor
from namgen.plan.layouts.frame_major.batches import Held, Load
from namgen.plan.layouts.frame_major.operations import apart, together
from namgen.plan.layouts.frame_major.storage import FrameMajorStorage, Ring
from namgen.plan.layouts.statements import (
    Argument,
    GroupOfRow,
    Pointer,
    RowPointer,
    Sample,
    Start,
    TapPointer,
)
from namgen.plan.memory import History, OldestRun, Run, TapPointers
from namgen.plan.passages import Passage
from namgen.plan.program import Plan
from namgen.plan.stages import KernelStage, LstmStage
from namgen.plan.steps import Activate, Kernel

PINS_AT_ONCE = 4
"""Registers that one of these macros names."""
KEPT_ROWS = 4
"""Up to so many rows of a frame GCC moves less where they are kept, more of them where pinned."""


def views(plan: Plan) -> Mapping[str, object]:
    """Return what the templates of this layout spell the plan with.

    Raises:
        TypeError: the plan is of another layout.

    """
    layout, storage = plan.layout, plan.storage
    if not isinstance(layout, FrameMajor) or not isinstance(storage, FrameMajorStorage):
        raise TypeError(f"{layout.name} is another layout")
    return {
        "paired_loads": layout.unit.paired_loads,
        "place": place,
        "element": lambda start: "float",
        "argument": argument,
        "pins": pins,
        "hold_of": hold_of,
        "row_names": row_names,
        "apply": apply,
        "together": together,
        "apart": apart,
        "activation_headers": headers_of(set(plan.parts.functions())),
        "parameters": parameters,
        "factor": factor,
        "activation_arguments": activation_arguments,
        "call_arguments": partial(call_arguments, storage),
        "lstm_arguments": lstm_arguments,
        "run_arguments": run_arguments,
        "run_parameters": run_parameters,
        "rings": storage.rings,
        "flat_histories": storage.flat,
        "ring_of": storage.ring,
        "frames_of": frames_of,
        "kept": storage.kept,
        "newest_place": partial(newest_place, storage),
        "oldest_tap": partial(oldest_tap, storage),
        "position": lambda history: storage.place(history).position,
        "kept_positions": [
            storage.place(history).position for history in plan.histories if storage.ring(history)
        ],
    }


def place(start: Start) -> str:
    """Spell the address that a pointer starts at."""
    if isinstance(start, RowPointer):
        raise TypeError("a row pointer is of another layout")
    if isinstance(start, TapPointer):
        tap = f"taps[{plus('tap', start.number)}]"
        return " + ".join([tap, times("frame", start.channels), *_group(start.group)])
    row = ["row"] if start.row else []
    return further(" + ".join([start.base, *row, *_group(start.group)]), start.offset)


def _group(group: GroupOfRow | None) -> list[str]:
    return [group_start(group)] if group else []


def argument(value: Argument) -> str:
    """Spell an argument of an operation."""
    if isinstance(value, Sample):
        raise TypeError(f"{type(value).__name__} is of another layout")
    return place(value) if isinstance(value, Pointer) else literal(value)


def row_names(sums: str, rows: int) -> list[str]:
    """Name the rows of one frame's sums."""
    return [f"{sums}_{row}" for row in range(rows)]


def pins(names: Sequence[str], verb: str = "PIN") -> list[str]:
    """Spell the macros that hold these registers at one point of the program."""
    groups = [names[n : n + PINS_AT_ONCE] for n in range(0, len(names), PINS_AT_ONCE)]
    return [f"NAM_{verb}_{len(group)}({', '.join(group)});" for group in groups]


def hold_of(rows: int) -> str:
    """Choose how the sums of a frame are closed behind a run of multiply-adds."""
    return "KEEP" if rows <= KEPT_ROWS else "PIN"


def apply(activation: Activate, value: str, own: str) -> str:
    """Spell an activation of `value`; `own` is the weight of its channel, where it has one."""
    arguments = [value, *parameters_of(activation, own)]
    return f"{activation.call.function}({', '.join(arguments)})"


def factor(value: Load | Held) -> str:
    """Spell the value of a product."""
    return f"({value.base})[{value.offset}]" if isinstance(value, Held) else value.name


def parameters(kernel: Kernel) -> list[str]:
    """Spell the parameter list of a kernel's C function."""
    found = ["const float *weights"] if kernel.needs_weights else []
    found += ["const float *const *taps"] if kernel.tap_rows else []
    for port in kernel.ports:
        constant = "" if port.writable else "const "
        found.append(f"{constant}float *restrict {port.rows.name}")
    return found


def call_arguments(storage: FrameMajorStorage, stage: KernelStage) -> list[str]:
    """Spell the arguments of a kernel's call."""
    found = [stage.weights.symbol] if stage.weights else []
    found += ["taps"] if stage.taps else []
    return found + [_bound(storage, run) for run in stage.arguments]


def lstm_arguments(stage: LstmStage) -> list[str]:
    """Spell the arguments of an LSTM layer's call, but the last."""
    (cell,) = stage.cells
    states = (state.symbol for state in cell.states)
    return [cell.weights.symbol, newest(stage.source), newest(stage.target), *states]


def _bound(storage: FrameMajorStorage, run: Run | OldestRun) -> str:
    """Spell what a kernel's port is bound to."""
    if isinstance(run, OldestRun):
        return _before(storage, run.history, run.history.lookback)
    return newest(run)


def newest_place(storage: FrameMajorStorage, history: History) -> str:
    """Spell where the newest block of a history with a past lies."""
    at = storage.place(history)
    frames = at.position or past(history)
    return f"{at.array} + {times(frames, at.frame_stride)}"


def oldest_tap(storage: FrameMajorStorage, taps: TapPointers) -> str:
    """Spell a pointer to the oldest run that the taps of a flat history read."""
    return _before(storage, taps.history, taps.oldest_frame)


def _before(storage: FrameMajorStorage, history: History, frames: int) -> str:
    """Spell where a frame of a flat history lies, so many frames before its newest block."""
    return further(history.symbol, storage.before(history, frames))


def run_arguments(passage: Passage, frames: str) -> list[str]:
    """Spell the arguments of a call of `run` or of a passage."""
    taps = ["taps"] if passage.points_at_taps else []
    return [*taps, *_counted(passage, frames)]


def run_parameters(passage: Passage) -> list[str]:
    """Spell the parameter list of a passage."""
    taps = ["const float **taps"] if passage.points_at_taps else []
    return [*taps, *_counted(passage, "int frames")]


def _counted(passage: Passage, frames: str) -> list[str]:
    return [frames] if passage.counts_frames else []


def frames_of(ring: Ring) -> str:
    """Name the constant with the frames of a ring."""
    return f"{ring.symbol.upper()}_FRAMES"
