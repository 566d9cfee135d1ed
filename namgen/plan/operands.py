"""What a sum adds up, before it is cut into tiles, and the weights of it in reading order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from namgen.arithmetic import F32
from namgen.ir import Conv1d
from namgen.plan.steps import READING_ORDER, Rows

STORED_ORDER = ("row", "input", "tap")
"""The axes of `Conv1d.weight`."""


@dataclass(frozen=True, slots=True, eq=False)
class CarryOf:
    """Start the sum with what a `Rows` holds."""

    source: Rows


@dataclass(frozen=True, slots=True, eq=False)
class ConvOperand:
    """What a sum takes from a convolution."""

    conv: Conv1d


@dataclass(frozen=True, slots=True, eq=False)
class BiasOf(ConvOperand):
    """Start the sum with a convolution's bias, or at zero when it has none."""


@dataclass(frozen=True, slots=True, eq=False)
class TapsOf(ConvOperand):
    """Add the products of a convolution read through tap pointers."""


@dataclass(frozen=True, slots=True, eq=False)
class DenseOf(ConvOperand):
    """Add the products of a 1x1 map over `source`."""

    source: Rows


@dataclass(frozen=True, slots=True, eq=False)
class WindowOf(ConvOperand):
    """Add the products of a convolution whose taps are neighbours in `source`."""

    source: Rows


Operand: TypeAlias = BiasOf | CarryOf | DenseOf | TapsOf | WindowOf


def inputs_of(conv: Conv1d) -> int:
    """Count the inputs of one group."""
    return int(conv.weight.shape[1])


def rows_of(conv: Conv1d) -> int:
    """Count the rows of one group."""
    return conv.out_channels // conv.groups


def group_sizes(operands: tuple[Operand, ...]) -> tuple[int, ...]:
    """List the rows of one group of every grouped map: no tile reaches across them."""
    convs = (o.conv for o in operands if not isinstance(o, BiasOf | CarryOf))
    return tuple(rows_of(conv) for conv in convs if conv.groups > 1)


def operand_weights(operand: Operand, rows: slice) -> F32:
    """Return the weights for some rows as `steps.term_shape` says they are read."""
    if isinstance(operand, CarryOf):
        return np.zeros(0, np.float32)
    if isinstance(operand, BiasOf):
        bias = operand.conv.bias
        return np.zeros(0, np.float32) if bias is None else bias[rows]
    axes = [STORED_ORDER.index(axis) for axis in READING_ORDER]
    return np.ascontiguousarray(operand.conv.weight[rows].transpose(axes))
