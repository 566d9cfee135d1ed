"""Spells what a planar schedule says: places, arguments, activations, calls of kernels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from namgen.activation_kernels import headers_of
from namgen.c_text import literal
from namgen.emit.calls import (
    activation_parameters,
    dilation,
    further,
    group_start,
    newest,
    parameters_of,
    window,
)
from namgen.plan.layouts.operations import ActivateTile
from namgen.plan.layouts.planar import Planar
from namgen.plan.layouts.planar.operations import Where
from namgen.plan.layouts.planar.storage import PlanarStorage
from namgen.plan.layouts.statements import Argument, Pointer, RowPointer, Sample, Start
from namgen.plan.memory import OldestRun, Run
from namgen.plan.passages import Passage
from namgen.plan.program import Plan
from namgen.plan.stages import Cell, KernelStage, LstmStage
from namgen.plan.steps import Activate, Kernel, Rows


@dataclass(frozen=True, slots=True)
class LayerCall:
    """An LSTM layer, and what the function of its sums is told but where they go."""

    cell: Cell
    arguments: list[str]


def views(plan: Plan) -> Mapping[str, object]:
    """Return what the templates of this layout spell the plan with.

    Raises:
        TypeError: the plan is of another layout.

    """
    layout, storage = plan.layout, plan.storage
    if not isinstance(layout, Planar) or not isinstance(storage, PlanarStorage):
        raise TypeError(f"{layout.name} is another layout")
    return {
        "lanes": layout.lanes,
        "kept_positions": ["newest"] if plan.has_past else [],
        "vector_unit": layout.vector,
        "activation_headers": list(activation_headers(plan, layout.vector)),
        "tries": not layout.unit.has_fma,
        "row": storage.row,
        "lead": storage.lead,
        "last_newest": storage.last_newest,
        "place": place,
        "element": element,
        "behind": behind,
        "place_names": place_names,
        "read_text": read_text,
        "write_text": write_text,
        "argument": argument,
        "apply": apply,
        "activation_arguments": splat_arguments,
        "twin": twin,
        "row_of": row_of,
        "before": before,
        "call_arguments": partial(call_arguments, plan),
        "parameters": parameters,
        "parameter_names": parameter_names,
        "advances": advances,
        "layer_calls": layer_calls,
        "has_frame": has_frame,
        "vectors_of": vectors_of,
        "units_of": units_of,
        "run_arguments": run_arguments,
        "run_parameters": run_parameters,
        "oldest": oldest,
        "oldest_place": partial(oldest_place, plan),
    }


def activation_headers(plan: Plan, vector_unit: str) -> Iterator[str]:
    """Name the headers that have the kernels for vectors, and what those look up."""
    for header in headers_of(set(plan.parts.functions())):
        if header == "nam_tanh.h" and vector_unit == "avx512":
            yield "nam_tanh_columns.h"
        yield header.replace("nam_", "nam_vector_", 1)


def place(start: Start) -> str:
    """Spell the address that a pointer starts at."""
    if isinstance(start, Pointer):
        return further(start.base, start.offset)
    if not isinstance(start, RowPointer):
        raise TypeError(f"{type(start).__name__} is of another layout")
    parts = [start.base]
    if start.group is not None:
        parts.append(group_start(start.group, start.stride))
    if start.tap_distance is not None:
        parts.append(f"tap * {start.tap_distance}" if start.tap_distance else "tap")
    return " + ".join(parts)


def behind(pointer: str, vector: int | str) -> str:
    """Spell the place of a vector behind a parameter of a macro."""
    return f"({pointer}) + {_lanes_of(vector)}" if vector else pointer


def place_names(name: str, where: Where, *, first: bool = False) -> str:
    """Name the parameters that say where rows are, with `first` which of them comes first."""
    found = [name]
    found += [f"{name}_row"] if where is Where.ROWS else []
    found += ["first"] if first and where is not Where.ROW else []
    return ", ".join(found)


def read_text(name: str, where: Where, channel: str, vector: int | str, vectors: int) -> str:
    """Spell a vector of one channel; arrays of the tile have `vectors` a channel."""
    if where is Where.HELD:
        return _held(name, channel, vector, vectors)
    return f"nam_v_load({_address(name, where, channel, vector)})"


def write_text(
    name: str, where: Where, channel: str, vector: int | str, vectors: int, value: str
) -> str:
    """Spell that a vector of one channel becomes `value`."""
    if where is Where.HELD:
        return f"{_held(name, channel, vector, vectors)} = {value};"
    return f"nam_v_store({_address(name, where, channel, vector)}, {value});"


def _address(name: str, where: Where, channel: str, vector: int | str) -> str:
    """Spell where a vector of one channel lies in memory."""
    if where is Where.ROW:
        return behind(name, vector)
    row = f"({name}) + {_factor(channel)} * ({name}_row)"
    return f"{row} + {_lanes_of(vector)}" if vector else row


def _held(name: str, channel: str, vector: int | str, vectors: int) -> str:
    """Spell a vector of one channel in an array of the tile, `vectors` a channel."""
    first = channel if vectors == 1 else f"{_factor(channel)} * {vectors}"
    return f"({name})[{first} + {vector}]" if vector else f"({name})[{first}]"


def _lanes_of(vectors: int | str) -> str:
    return "NAM_LANES" if vectors == 1 else f"{vectors} * NAM_LANES"


def _factor(text: str) -> str:
    return f"({text})" if " " in text else text


def element(start: Start) -> str:
    """Spell what a pointer points at."""
    return "nam_v" if isinstance(start, RowPointer) and start.held else "float"


def argument(value: Argument) -> str:
    """Spell an argument of an operation."""
    match value:
        case Pointer():
            return place(value)
        case Sample():
            channel = f"{value.channel} * {value.row}" if value.row else value.channel
            return f"nam_v_splat({value.pointer}[{channel}])"
    return literal(value)


def twin(function: str) -> str:
    """Name the twin for vectors of a function of ``nam_activations.h`` or ``nam_tanh.h``."""
    return function.replace("nam_", "nam_v_", 1)


def splat_arguments(operation: ActivateTile, row: int) -> list[str]:
    """Spell what follows the value in an activation of a tile."""
    if operation.per_row:
        return [f"nam_v_splat((own)[{row}])"]
    return [f"nam_v_splat({name})" for name in activation_parameters(operation)]


def apply(activation: Activate, value: str, own: str) -> str:
    """Spell an activation of `value`; `own` is the weight of its channel, where it has one."""
    splats = (f"nam_v_splat({param})" for param in parameters_of(activation, own))
    return f"{twin(activation.call.function)}({', '.join([value, *splats])})"


def row_of(run: Run) -> str:
    """Name the constant with the elements from one channel to the next."""
    return f"{run.name.upper()}_ROW"


def _kernel_of(plan: Plan, stage: KernelStage) -> Kernel:
    """Find the kernel that a stage calls."""
    return next(named.kernel for named in plan.kernels if named.name == stage.kernel)


def before(run: Run, frames: str = "0") -> str:
    """Spell a pointer to channel 0, so many frames before the newest block."""
    name = newest(run)
    return name if name == run.symbol else f"{name}({frames})"


def call_arguments(plan: Plan, stage: KernelStage) -> list[str]:
    """Spell the arguments of a kernel's call, but the last."""
    found = [stage.weights.symbol] if stage.weights else []
    if stage.taps:
        history = stage.taps.history
        found.append(oldest(stage))
        found += [row_of(history)] if history.channels > 1 else []
        found.append(dilation(stage))
    for port, run in zip(_kernel_of(plan, stage).ports, stage.arguments, strict=True):
        found += _port(port.rows, run, oldest(stage))
    return found


def oldest(stage: KernelStage) -> str:
    """Name where the oldest tap of a convolution lies."""
    return f"{stage.part.symbol.upper()}_OLDEST"


def oldest_place(plan: Plan, stage: KernelStage) -> str:
    """Spell where the oldest tap of a convolution lies."""
    lookback, whole = f"{_taps_of(plan, stage)} - 1", window(stage)
    if whole:
        return before(whole.history, lookback)
    if stage.taps is None:
        raise ValueError(f"{stage.part.symbol} reads no past")
    return before(stage.taps.history, f"({lookback}) * {dilation(stage)}")


def _taps_of(plan: Plan, stage: KernelStage) -> str:
    """Name the constant with the taps of the kernel that a stage calls."""
    kernels = (kernel for kernel in plan.schedule.kernels if kernel.named.name == stage.kernel)
    return next(kernel.taps.name for kernel in kernels if kernel.taps)


def _port(rows: Rows, run: Run | OldestRun, oldest_tap: str) -> list[str]:
    """Spell what a kernel's port is bound to; `oldest_tap` names where its window begins."""
    if isinstance(run, OldestRun):
        found, run = [oldest_tap], run.history
    else:
        found = [before(run)]
    return [*found, row_of(run)] if rows.channels > 1 else found


def _pointers(kernel: Kernel) -> Iterator[tuple[Rows, bool]]:
    if kernel.tap_rows:
        yield kernel.tap_rows, False
    yield from ((port.rows, port.writable) for port in kernel.ports)


def parameters(kernel: Kernel) -> list[str]:
    """Spell the parameter list of a kernel's C function, but the number of vectors."""
    found = ["const float *weights"] if kernel.needs_weights else []
    for rows, writable in _pointers(kernel):
        found.append(f"{'' if writable else 'const '}float *restrict {rows.name}")
        found += [f"int {rows.name}_row"] if rows.channels > 1 else []
        found += ["int dilation"] if rows is kernel.tap_rows else []
    return found


def parameter_names(kernel: Kernel) -> list[str]:
    """Name the parameters, to pass them on."""
    return [text.split()[-1].lstrip("*") for text in parameters(kernel)]


def advances(kernel: Kernel) -> list[str]:
    """Name the pointers that move from tile to tile."""
    return [rows.name for rows, _ in _pointers(kernel)]


def layer_calls(stage: LstmStage) -> Iterator[LayerCall]:
    """Spell what the functions of all layers are called with, the first layer first."""
    source = ["x + step", row_of(stage.source)]
    for cell in stage.cells:
        hidden = cell.states[0].symbol
        yield LayerCall(cell, [cell.weights.symbol, *source, hidden])
        source = [hidden, "1"]


def has_frame(call: LayerCall, stage: LstmStage) -> str:
    """Spell whether a layer has a frame to compute in a step: each is one behind the one before."""
    behind = call.cell.part.number
    found = [f"step >= {behind}"] if behind else []
    found += [f"step < frames + {behind}" if behind else "step < frames"]
    return " && ".join(found[:1] if call.cell is stage.cells[-1] else found)


def vectors_of(cell: Cell) -> str:
    """Name the constant with the vectors of one gate of an LSTM layer."""
    return f"{cell.part.symbol.upper()}_VECTORS"


def units_of(cell: Cell) -> str:
    """Name the constant with the units of an LSTM layer, in whole vectors."""
    return f"{cell.part.symbol.upper()}_UNITS"


def run_arguments(passage: Passage, frames: str) -> list[str]:
    """Spell the arguments of a call of `run` or of a passage."""
    return _of_run(passage, frames, "vectors")


def run_parameters(passage: Passage) -> list[str]:
    """Spell the parameter list of `run` or of a passage."""
    return _of_run(passage, "int frames", "int vectors")


def _of_run(passage: Passage, frames: str, vectors: str) -> list[str]:
    counted = [frames] if passage.counts_frames else []
    return [*counted, vectors] if passage.fills_tiles else counted
