"""Plans an LSTM for vectors: the units of a gate fill them, as frames must wait."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from namgen.arithmetic import Elements
from namgen.ir import Lstm, LstmCell
from namgen.plan.layouts.cells import cell_name, cell_title, cell_weights, gate_functions
from namgen.plan.layouts.planar.cut import VectorUnit
from namgen.plan.memory import Run
from namgen.plan.parts import Parts
from namgen.plan.stages import GATES, Cell, CellKernel, LstmStage, Name
from namgen.start_state import LstmStart


def plan_cells(
    parts: Parts, net: Lstm, start: LstmStart, unit: VectorUnit, source: Run, of: str
) -> Run:
    """Plan all layers as one stage, frame by frame; return where the last hidden states go.

    Each layer computes the frame before the one of the layer in front of it, so that none of them
    has to wait for another: a layer's own sums and activations alone are a long chain.
    """
    cells = []
    for index, (cell, states) in enumerate(zip(net.cells, start.cells, strict=True)):
        name = Name(of, "cell", index)
        kernel = _cell_kernel(net, cell, unit)
        cells.append(_plan_cell(parts, cell, kernel, states, name))
    part = Name(of, "lstm")
    width = net.cells[-1].hidden_size
    hidden = parts.block(Name(of, "lstm_out"), width)
    title = f"LSTM of hidden size {width} and depth {len(cells)}"
    parts.stages.append(LstmStage(part, title, f"{part.symbol}_run", tuple(cells), source, hidden))
    return hidden


def units_at_once(hidden_size: int, unit: VectorUnit) -> int:
    """Pick how many units to sum at once: four gates of them take half the registers at most."""
    vectors = -(-hidden_size // unit.lanes)
    turns = -(-vectors // max(1, unit.registers // (2 * len(GATES))))
    return -(-vectors // turns) * unit.lanes


def _cell_kernel(net: Lstm, cell: LstmCell, unit: VectorUnit) -> CellKernel:
    """Choose the function of layers of one size."""
    tanh, sigmoid = gate_functions(net)
    tile = units_at_once(cell.hidden_size, unit)
    return CellKernel(
        cell_name(net, cell),
        cell.input_size,
        cell.hidden_size,
        units=-(-cell.hidden_size // tile) * tile,
        unit_tile=tile,
        tanh=tanh,
        sigmoid=sigmoid,
        vectors=-(-cell.hidden_size // tile) * (tile // unit.lanes),
    )


def _plan_cell(
    parts: Parts, cell: LstmCell, kernel: CellKernel, start: tuple[Elements, Elements], name: Name
) -> Cell:
    hidden, memory = (_padded(values, kernel.units) for values in start)
    weights = parts.constant(name, cell_weights(cell, kernel), cell_title(name, cell))
    states = (
        parts.state(replace(name, detail="hidden"), hidden),
        parts.state(replace(name, detail="state"), memory),
    )
    return Cell(name, kernel, weights, states)


def _padded(values: Elements, units: int) -> Elements:
    """Append units that do nothing."""
    return np.pad(values, (0, units - len(values)))
