"""Plans an LSTM: its cells step by step over the frames, its head as a dense map."""

from __future__ import annotations

import numpy as np

from namgen.activation_kernels import kernel as activation_kernel
from namgen.ir import F32, Activation, Lstm, LstmCell
from namgen.plan.builder import Builder
from namgen.plan.convolution import plan_convolution
from namgen.plan.program import CellKernel, CellPlan, LstmStage, Run
from namgen.plan.tiles import divisors
from namgen.start_state import LstmStart

MAX_UNITS = 4
"""Four units are sixteen accumulators, four gates each."""
MAX_UNROLL = 8


def plan_lstm(
    builder: Builder, net: Lstm, state: LstmStart, source: Run, target: Run, prefix: str
) -> None:
    """Plan `net` from `source` to `target`."""
    cells = tuple(
        _plan_cell(builder, cell, start, f"{prefix}cell{index}", fast_tanh=net.fast_tanh)
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
    builder: Builder, cell: LstmCell, start: tuple[F32, F32], symbol: str, *, fast_tanh: bool
) -> CellPlan:
    kernel = _cell_kernel(builder, cell, fast_tanh=fast_tanh)
    hidden, memory = start
    title = f"{symbol}: {cell.input_size} inputs, {cell.hidden_size} units"
    weights = builder.constant(symbol, cell_weights(cell, kernel.unit_tile), title)
    return CellPlan(
        symbol,
        kernel.name,
        cell.input_size,
        cell.hidden_size,
        weights,
        tuple(float(value) for value in hidden),
        tuple(float(value) for value in memory),
    )


def _cell_kernel(builder: Builder, cell: LstmCell, *, fast_tanh: bool) -> CellKernel:
    name = f"cell_{cell.input_size}to{cell.hidden_size}{'_fast' if fast_tanh else ''}"
    tanh, sigmoid = ("Fasttanh", "Fastsigmoid") if fast_tanh else ("Tanh", "Sigmoid")
    kernel = CellKernel(
        name,
        cell.input_size,
        cell.hidden_size,
        activation_kernel(Activation(tanh)).function,
        activation_kernel(Activation(sigmoid)).function,
        max(divisors(cell.hidden_size, MAX_UNITS)),
        max(divisors(cell.input_size, MAX_UNROLL)),
        max(divisors(cell.hidden_size, MAX_UNROLL)),
    )
    if kernel not in builder.cells:
        builder.cells.append(kernel)
    return kernel


def cell_weights(cell: LstmCell, unit_tile: int) -> F32:
    """Order a cell's weights as its kernel reads them.

    Units in tiles; in a tile the biases of the four gates, then per input and per hidden value the
    four gates' weights; within a gate the tile's units.
    """
    size = cell.hidden_size
    bias = cell.bias.reshape(4, size // unit_tile, unit_tile)
    weight = cell.weight.reshape(4, size // unit_tile, unit_tile, -1)
    parts = [
        np.concatenate([bias[:, tile].ravel(), weight[:, tile].transpose(2, 0, 1).ravel()])
        for tile in range(size // unit_tile)
    ]
    return np.concatenate(parts)
