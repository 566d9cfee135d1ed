"""Sizes of a network, counted from what is compiled: multiply-adds, memory, receptive field."""

from __future__ import annotations

import math
from collections.abc import Iterator

from namgen import ir
from namgen.arithmetic import FLOAT32


def receptive_field(network: ir.Network) -> int | None:
    """Frames of input that one frame of output depends on, itself included; None: without end.

    ``1 + sum of lookbacks``; a condition network's lookback comes before the rest.
    """
    lookback = _lookback(network)
    return None if math.isinf(lookback) else 1 + int(lookback)


def macs(network: ir.Network) -> int:
    """Multiply-adds per frame: every weight that multiplies a signal, once.

    Biases, the head scale, gating and FiLM products are not counted; FiLM modulators are.
    """
    dense = sum(conv.macs for conv in convolutions(network))
    return dense + sum(cell.weight.size for cell in lstm_cells(network))


def activations_per_frame(network: ir.Network) -> int:
    """Nonlinear function values per frame; an LSTM cell takes five per hidden unit."""
    match network:
        case ir.WaveNet():
            own = sum(_layer_activations(layer) for layer in _layers(network))
            post = network.post_head.convs if network.post_head else ()
            own += sum(conv.in_channels for conv in post)
            return own + (activations_per_frame(network.condition) if network.condition else 0)
        case ir.Lstm():
            return sum(5 * cell.hidden_size for cell in network.cells)
        case ir.ConvNet():
            return sum(block.conv.out_channels for block in network.blocks)
        case ir.Linear():
            return 0
        case ir.Sequential():
            return sum(activations_per_frame(part) for part in network.networks)


def parameters(network: ir.Network) -> int:
    """Trained numbers that the compiled network holds, LSTM start states included.

    Less than the file holds: the last layer's unused 1x1 is gone, a batch norm is folded in, a
    container counts only the submodel taken. Activation parameters are not counted.
    """
    states = sum(2 * cell.hidden_size for cell in lstm_cells(network))
    return _constants(network) + states


def weight_bytes(network: ir.Network) -> int:
    """Bytes of constant data: weights, biases and head scales."""
    return _constants(network) * FLOAT32.element_bytes


def history_bytes(network: ir.Network) -> int:
    """Bytes of memory between frames: past inputs of convolutions, and LSTM states.

    Only what the mathematics needs; a layout may take more to keep its loops simple.
    """
    samples = sum(conv.lookback * conv.in_channels for conv in convolutions(network))
    samples += sum(2 * cell.hidden_size for cell in lstm_cells(network))
    return samples * FLOAT32.element_bytes


def convolutions(network: ir.Network) -> Iterator[ir.Conv1d]:
    """Every convolution and 1x1, in the order of the computation."""
    match network:
        case ir.WaveNet():
            if network.condition is not None:
                yield from convolutions(network.condition)
            for array in network.arrays:
                yield from (array.rechannel,) if array.rechannel else ()
                for layer in array.layers:
                    yield from layer.convolutions
                yield array.head
            yield from network.post_head.convs if network.post_head else ()
        case ir.Lstm():
            yield network.head
        case ir.ConvNet():
            yield from (block.conv for block in network.blocks)
            yield network.head
        case ir.Linear():
            yield network.conv
        case ir.Sequential():
            for part in network.networks:
                yield from convolutions(part)


def lstm_cells(network: ir.Network) -> Iterator[ir.LstmCell]:
    """Every LSTM layer, in the order of the computation."""
    match network:
        case ir.WaveNet():
            yield from lstm_cells(network.condition) if network.condition else ()
        case ir.Lstm():
            yield from network.cells
        case ir.Sequential():
            for part in network.networks:
                yield from lstm_cells(part)
        case _:
            return


def _lookback(network: ir.Network) -> float:
    if next(lstm_cells(network), None) is not None:
        return math.inf
    return sum(conv.lookback for conv in convolutions(network))


def _layers(network: ir.WaveNet) -> Iterator[ir.Layer]:
    return (layer for array in network.arrays for layer in array.layers)


def _layer_activations(layer: ir.Layer) -> int:
    return layer.bottleneck * (1 if layer.secondary is None else 2)


def _constants(network: ir.Network) -> int:
    count = _head_scales(network)
    for conv in convolutions(network):
        count += conv.weight.size + (0 if conv.bias is None else conv.bias.size)
    return count + sum(cell.weight.size + cell.bias.size for cell in lstm_cells(network))


def _head_scales(network: ir.Network) -> int:
    match network:
        case ir.WaveNet():
            return 1 + (_head_scales(network.condition) if network.condition else 0)
        case ir.Sequential():
            return sum(_head_scales(part) for part in network.networks)
        case _:
            return 0
