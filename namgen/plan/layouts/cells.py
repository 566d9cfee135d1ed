"""Orders the numbers of an LSTM layer as its C reads them, in whichever layout."""

from __future__ import annotations

import numpy as np

from namgen.activation_kernels import kernel
from namgen.arithmetic import F32
from namgen.ir import Activation, Lstm, LstmCell
from namgen.plan.stages import GATES, CellKernel, Name


def gate_functions(net: Lstm) -> tuple[str, str]:
    """Name the functions of ``nam_tanh.h`` for tanh and sigmoid."""
    names = ("Fasttanh", "Fastsigmoid") if net.fast_tanh else ("Tanh", "Sigmoid")
    tanh, sigmoid = (kernel(Activation(name)).function for name in names)
    return tanh, sigmoid


def cell_name(net: Lstm, cell: LstmCell) -> str:
    """Name the function of layers of one size."""
    return f"cell_{cell.input_size}to{cell.hidden_size}{'_fast' if net.fast_tanh else ''}"


def cell_title(name: Name, cell: LstmCell) -> str:
    """Say what a layer is, for a comment."""
    return f"{name.symbol}: input size {cell.input_size}, hidden size {cell.hidden_size}"


def cell_weights(cell: LstmCell, kernel: CellKernel) -> F32:
    """Order a layer's weights, its units filled up with zeros.

    Units in tiles; in a tile the biases of the four gates, then per input and per hidden value the
    four gates' weights; within a gate the tile's units.
    """
    inputs = kernel.input_size + kernel.hidden_size
    gates = len(GATES)
    columns = np.zeros((1 + inputs, gates, kernel.units), np.float32)
    columns[0, :, : kernel.hidden_size] = cell.bias.reshape(gates, -1)
    columns[1:, :, : kernel.hidden_size] = cell.weight.T.reshape(inputs, gates, kernel.hidden_size)
    tiles = columns.reshape(1 + inputs, gates, kernel.units // kernel.unit_tile, kernel.unit_tile)
    return np.ascontiguousarray(tiles.transpose(2, 0, 1, 3)).ravel()
