"""Plans an LSTM for a host: the units of a gate fill the vectors, since frames follow each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.ir import F32, Lstm, LstmCell
from namgen.plan.convolution import plan_convolution
from namgen.plan.host import HostBuilder
from namgen.plan.layout import VectorUnit
from namgen.plan.program import CellKernel, CellPlan, LstmStage, Run
from namgen.start_state import LstmStart

GATES = 4


@dataclass(frozen=True, slots=True)
class CellVectors:
    """How one LSTM layer is cut into vectors of units."""

    vectors: int  # of one gate
    at_once: int  # of one gate, in registers

    @property
    def tiles(self) -> int:
        """Turns of the loop over units."""
        return self.vectors // self.at_once


def cell_vectors(hidden_size: int, unit: VectorUnit) -> CellVectors:
    """Cut the units of a layer: the accumulators of four gates take half the registers at most."""
    vectors = -(-hidden_size // unit.lanes)
    most = max(1, unit.registers // (2 * GATES))
    tiles = -(-vectors // most)
    at_once = -(-vectors // tiles)
    return CellVectors(tiles * at_once, at_once)


def plan_host_lstm(
    builder: HostBuilder, net: Lstm, state: LstmStart, source: Run, target: Run, prefix: str
) -> None:
    """Plan `net` from `source` to `target`."""
    cells = tuple(
        _plan_cell(builder, cell, start, f"{prefix}cell{index}")
        for index, (cell, start) in enumerate(zip(net.cells, state.cells, strict=True))
    )
    hidden: Run = source
    if cells:
        hidden = builder.block(f"{prefix}lstm_out", net.cells[-1].hidden_size)
        title = f"{len(cells)} LSTM layer(s), width {net.cells[-1].hidden_size}"
        builder.stages.append(LstmStage(title, f"{prefix}lstm", source, cells, hidden))
    plan_convolution(
        builder,
        net.head,
        hidden,
        target,
        symbol=f"{prefix}head",
        title=f"{prefix}head: from the last hidden state",
        formula=("out = head(hidden)",),
    )


def _plan_cell(
    builder: HostBuilder, cell: LstmCell, start: tuple[F32, F32], symbol: str
) -> CellPlan:
    cut = cell_vectors(cell.hidden_size, builder.unit)
    kernel = CellKernel(
        f"cell_{cell.input_size}to{cell.hidden_size}",
        cell.input_size,
        cell.hidden_size,
        cut.at_once * builder.unit.lanes,
        1,
        1,
    )
    if kernel not in builder.cells:
        builder.cells.append(kernel)
    title = f"{symbol}: {cell.input_size} inputs, {cell.hidden_size} units"
    units = cut.vectors * builder.unit.lanes
    hidden, memory = (padded(values, units) for values in start)
    return CellPlan(
        symbol,
        kernel.name,
        cell.input_size,
        units,
        builder.constant(symbol, vector_weights(cell, kernel.unit_tile, units), title),
        tuple(float(value) for value in hidden),
        tuple(float(value) for value in memory),
    )


def padded(values: F32, units: int) -> F32:
    """Append units that do nothing."""
    return np.concatenate([values, np.zeros(units - len(values), np.float32)])


def vector_weights(cell: LstmCell, unit_tile: int, units: int) -> F32:
    """Order a cell's weights as its kernel reads them, its units filled up to `units` with zeros.

    Units in tiles; in a tile the biases of the four gates, then per input and per hidden value the
    four gates' weights; within a gate the tile's units.
    """
    inputs = cell.input_size + cell.hidden_size
    columns = np.zeros((1 + inputs, GATES, units), np.float32)
    columns[0, :, : cell.hidden_size] = cell.bias.reshape(GATES, -1)
    weight = cell.weight.T.reshape(inputs, GATES, cell.hidden_size)
    columns[1:, :, : cell.hidden_size] = weight
    tiles = columns.reshape(1 + inputs, GATES, units // unit_tile, unit_tile)
    return np.ascontiguousarray(tiles.transpose(2, 0, 1, 3)).ravel()
