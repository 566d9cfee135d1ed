"""Plans an LSTM frame by frame: each layer over the whole block, a few units at a time."""

from __future__ import annotations

from dataclasses import replace

from namgen.activation_kernels import cell_sigmoid
from namgen.arithmetic import Elements
from namgen.ir import Lstm, LstmCell
from namgen.plan.layouts.cells import cell_name, cell_title, cell_weights, gate_functions
from namgen.plan.layouts.divisors import divisors
from namgen.plan.memory import Run
from namgen.plan.parts import Parts
from namgen.plan.stages import Cell, CellKernel, LstmStage, Name
from namgen.start_state import LstmStart

MAX_UNITS = 4
"""Four units are sixteen accumulators, one a gate."""


def plan_cells(parts: Parts, net: Lstm, start: LstmStart, source: Run, of: str) -> Run:
    """Plan layer after layer; return where the hidden states of the last one go."""
    place = source
    for index, (cell, states) in enumerate(zip(net.cells, start.cells, strict=True)):
        kernel = _cell_kernel(net, cell)
        place = _plan_cell(parts, cell, kernel, states, place, Name(of, "cell", index))
    return place


def _plan_cell(
    parts: Parts,
    cell: LstmCell,
    kernel: CellKernel,
    start: tuple[Elements, Elements],
    source: Run,
    part: Name,
) -> Run:
    """Plan one layer; return where its hidden states go, the one before the block included."""
    hidden = parts.history(replace(part, detail="hidden"), 1, start[0], contiguous=True)
    title = cell_title(part, cell)
    weights = parts.constant(part, cell_weights(cell, kernel), title)
    memory = parts.state(replace(part, detail="state"), start[1])
    planned = Cell(part, kernel, weights, (memory,))
    parts.stages.append(LstmStage(part, title, kernel.name, (planned,), source, hidden))
    return hidden


def _cell_kernel(net: Lstm, cell: LstmCell) -> CellKernel:
    """Choose the function of layers of one size."""
    tanh, sigmoid = gate_functions(net)
    units = max(divisors(cell.hidden_size, MAX_UNITS))
    return CellKernel(
        cell_name(net, cell),
        cell.input_size,
        cell.hidden_size,
        units=cell.hidden_size,
        unit_tile=units,
        tanh=tanh,
        sigmoid=cell_sigmoid(sigmoid, units),
    )
