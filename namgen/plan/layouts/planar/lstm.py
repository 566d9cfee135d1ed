"""Plans an LSTM for a host: the units of a gate fill the vectors, as frames must wait."""

from __future__ import annotations

import numpy as np

from namgen.activation_kernels import kernel as activation_kernel
from namgen.arithmetic import F32
from namgen.ir import Activation, Lstm, LstmCell
from namgen.plan.convolution import plan_convolution
from namgen.plan.layouts.planar.builder import HostBuilder
from namgen.plan.layouts.planar.cut import VectorUnit
from namgen.plan.memory import Run
from namgen.plan.program import VectorCell, VectorLstmStage
from namgen.start_state import LstmStart

GATES = 4


def plan_host_lstm(
    builder: HostBuilder, net: Lstm, state: LstmStart, source: Run, target: Run, prefix: str
) -> None:
    """Plan `net` from `source` to `target`."""
    hidden: Run = source
    if net.cells:
        cells = tuple(
            _plan_cell(builder, net, index, start, f"{prefix}cell{index}")
            for index, start in enumerate(state.cells)
        )
        hidden = builder.block(f"{prefix}lstm_out", cells[-1].hidden_size)
        title = f"{len(cells)} LSTM layer(s), width {cells[-1].hidden_size}"
        builder.stages.append(VectorLstmStage(title, f"{prefix}lstm", source, cells, hidden))
    plan_convolution(
        builder,
        net.head,
        hidden,
        target,
        symbol=f"{prefix}head",
        title=f"{prefix}head: from the last hidden state",
        formula=("out = head(hidden)",),
    )


def units_at_once(hidden_size: int, unit: VectorUnit) -> int:
    """Pick how many units to sum at once: four gates of them take half the registers at most."""
    vectors = -(-hidden_size // unit.lanes)
    turns = -(-vectors // max(1, unit.registers // (2 * GATES)))
    return -(-vectors // turns) * unit.lanes


def _plan_cell(
    builder: HostBuilder, net: Lstm, index: int, start: tuple[F32, F32], symbol: str
) -> VectorCell:
    cell = net.cells[index]
    tanh, sigmoid = ("Fasttanh", "Fastsigmoid") if net.fast_tanh else ("Tanh", "Sigmoid")
    tile = units_at_once(cell.hidden_size, builder.unit)
    units = -(-cell.hidden_size // tile) * tile
    title = f"{symbol}: {cell.input_size} inputs, {cell.hidden_size} units"
    hidden, memory = (padded(values, units) for values in start)
    return VectorCell(
        symbol=symbol,
        input_size=cell.input_size,
        hidden_size=cell.hidden_size,
        units=units,
        unit_tile=tile,
        tanh=activation_kernel(Activation(tanh)).function,
        sigmoid=activation_kernel(Activation(sigmoid)).function,
        weights=builder.constant(symbol, vector_weights(cell, tile, units), title),
        hidden_start=hidden,
        state_start=memory,
    )


def padded(values: F32, units: int) -> F32:
    """Append units that do nothing."""
    return np.concatenate([values, np.zeros(units - len(values), np.float32)])


def vector_weights(cell: LstmCell, unit_tile: int, units: int) -> F32:
    """Order a cell's weights as its code reads them, its units filled up to `units` with zeros.

    Units in tiles; in a tile the biases of the four gates, then per input and per hidden value the
    four gates' weights; within a gate the tile's units.
    """
    inputs = cell.input_size + cell.hidden_size
    columns = np.zeros((1 + inputs, GATES, units), np.float32)
    columns[0, :, : cell.hidden_size] = cell.bias.reshape(GATES, -1)
    columns[1:, :, : cell.hidden_size] = cell.weight.T.reshape(inputs, GATES, cell.hidden_size)
    tiles = columns.reshape(1 + inputs, GATES, units // unit_tile, unit_tile)
    return np.ascontiguousarray(tiles.transpose(2, 0, 1, 3)).ravel()
