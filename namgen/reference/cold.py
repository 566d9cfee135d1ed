"""The start without prewarm, as a fresh network has it."""

from __future__ import annotations

from namgen import ir
from namgen.arithmetic import Elements
from namgen.passes.fold import fold
from namgen.reference.float32 import IN_FLOAT32
from namgen.reference.operations import Operations
from namgen.start_state import (
    ArrayStart,
    ConvNetStart,
    LinearStart,
    LstmStart,
    SequentialStart,
    Settled,
    WaveNetStart,
)


def cold(network: ir.Network, operations: Operations = IN_FLOAT32) -> Settled:
    """Return the start without prewarm: zero histories, and the cell states the file gives.

    Of the folded form, whose residual path lacks a constant: there zero is `ir.Layer.rest`.
    """
    return _cold(fold(network), operations)


def _cold(network: ir.Network, do: Operations) -> Settled:
    match network:
        case ir.WaveNet():
            return _wavenet(network, do)
        case ir.Lstm():
            return LstmStart(tuple(_states(cell, do) for cell in network.cells))
        case ir.ConvNet():
            return ConvNetStart(tuple(_silence(block.conv, do) for block in network.blocks))
        case ir.Linear():
            return LinearStart(_silence(network.conv, do))
        case ir.Sequential():
            return SequentialStart(tuple(_cold(part, do) for part in network.networks))


def _wavenet(network: ir.WaveNet, do: Operations) -> WaveNetStart:
    post_head = network.post_head.convs if network.post_head else ()
    return WaveNetStart(
        arrays=tuple(_array(array, do) for array in network.arrays),
        condition=_cold(network.condition, do) if network.condition else None,
        post_head=tuple(_silence(conv, do) for conv in post_head),
    )


def _array(array: ir.LayerArray, do: Operations) -> ArrayStart:
    layers = tuple(_layer(layer, do) for layer in array.layers)
    return ArrayStart(layers, _silence(array.head, do))


def _layer(layer: ir.Layer, do: Operations) -> Elements:
    return _silence(layer.conv, do) if layer.rest is None else do.constants(layer.rest)


def _states(cell: ir.LstmCell, do: Operations) -> tuple[Elements, Elements]:
    return do.constants(cell.hidden), do.constants(cell.cell)


def _silence(conv: ir.Conv1d, do: Operations) -> Elements:
    return do.zeros(conv.in_channels)
