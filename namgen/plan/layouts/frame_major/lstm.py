"""Plans an LSTM: each layer over the frames of the block, the head as a dense map."""

from __future__ import annotations

import numpy as np

from namgen.activation_kernels import kernel as activation_kernel
from namgen.arithmetic import F32
from namgen.ir import Activation, Lstm, LstmCell
from namgen.plan.builder import Builder
from namgen.plan.convolution import plan_convolution
from namgen.plan.layouts.divisors import divisors
from namgen.plan.layouts.frame_major.cut import REGISTERS, unroll
from namgen.plan.memory import Run
from namgen.plan.program import CellKernel, CellStage
from namgen.start_state import LstmStart

GATES = 4
MAX_UNITS = 4
"""Four units are sixteen accumulators, one a gate."""


def plan_lstm(
    builder: Builder, net: Lstm, state: LstmStart, source: Run, target: Run, prefix: str
) -> None:
    """Plan `net` from `source` to `target`, layer after layer over the whole block."""
    place = source
    for index, (cell, start) in enumerate(zip(net.cells, state.cells, strict=True)):
        symbol = f"{prefix}cell{index}"
        place = _plan_cell(builder, cell, start, place, symbol, fast_tanh=net.fast_tanh)
    plan_convolution(
        builder,
        net.head,
        place,
        target,
        symbol=f"{prefix}head",
        title=f"{prefix}head: from the last hidden state",
        formula=("out = head(hidden)",),
    )


def _plan_cell(
    builder: Builder,
    cell: LstmCell,
    start: tuple[F32, F32],
    source: Run,
    symbol: str,
    *,
    fast_tanh: bool,
) -> Run:
    """Plan one layer; return where its hidden states go, the one before the block included."""
    kernel = _cell_kernel(builder, cell, fast_tanh=fast_tanh)
    hidden = builder.history(f"{symbol}_hidden", 1, start[0], contiguous=True)
    title = f"{symbol}: {cell.input_size} inputs, {cell.hidden_size} units"
    weights = builder.constant(symbol, cell_weights(cell, kernel.unit_tile), title)
    memory = tuple(float(value) for value in start[1])
    builder.stages.append(CellStage(title, kernel.name, weights, source, hidden, symbol, memory))
    return hidden


def _cell_kernel(builder: Builder, cell: LstmCell, *, fast_tanh: bool) -> CellKernel:
    name = f"cell_{cell.input_size}to{cell.hidden_size}{'_fast' if fast_tanh else ''}"
    tanh, sigmoid = ("Fasttanh", "Fastsigmoid") if fast_tanh else ("Tanh", "Sigmoid")
    units = max(divisors(cell.hidden_size, MAX_UNITS))
    kernel = CellKernel(
        name,
        cell.input_size,
        cell.hidden_size,
        activation_kernel(Activation(tanh)).function,
        activation_kernel(Activation(sigmoid)).function,
        units,
        unroll(cell.input_size, GATES * units),
        unroll(cell.hidden_size, GATES * units),
        weights_per_batch(GATES * units),
    )
    if kernel not in builder.cells:
        builder.cells.append(kernel)
    return kernel


def weights_per_batch(rows: int) -> int:
    """Pick how many weights to load together beside `rows` accumulators and their inputs."""
    inputs = (REGISTERS - rows) // (rows + 1)
    return rows * inputs if inputs else (REGISTERS - rows - 2) // 4 * 4


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
