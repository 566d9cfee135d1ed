"""What a network's memories hold at reset: one constant per convolution input, one state per cell.

Silence keeps every signal of a feed-forward network constant, so a whole convolution history is
one number per input channel. The trees below mirror the IR node by node; all vectors are float32.
A vector that belongs to a convolution without lookback is there for symmetry and holds zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from namgen import ir
from namgen.arithmetic import F32
from namgen.passes.fold import fold


@dataclass(frozen=True, slots=True, eq=False)
class ArrayStart:
    """Histories of one `ir.LayerArray`."""

    layers: tuple[
        F32, ...
    ]  # per layer (channels,): the input of `Layer.conv`, conv_pre_film applied
    head: F32  # (head width,): the skip sum that `LayerArray.head` reads


@dataclass(frozen=True, slots=True, eq=False)
class WaveNetStart:
    """Histories of an `ir.WaveNet`."""

    arrays: tuple[ArrayStart, ...]
    condition: Settled | None = None  # present exactly when the network has a condition network
    post_head: tuple[F32, ...] = ()  # per conv (in,): its input, activation applied


@dataclass(frozen=True, slots=True, eq=False)
class LstmStart:
    """States of an `ir.Lstm`."""

    cells: tuple[tuple[F32, F32], ...]  # per layer (hidden state, cell state), each (hidden,)


@dataclass(frozen=True, slots=True, eq=False)
class ConvNetStart:
    """Histories of an `ir.ConvNet`."""

    blocks: tuple[F32, ...]  # per block (in,): the input of its conv


@dataclass(frozen=True, slots=True, eq=False)
class LinearStart:
    """History of an `ir.Linear`."""

    conv: F32  # (in,)


@dataclass(frozen=True, slots=True, eq=False)
class SequentialStart:
    """States of an `ir.Sequential`."""

    networks: tuple[Settled, ...]


Settled: TypeAlias = WaveNetStart | LstmStart | ConvNetStart | LinearStart | SequentialStart


def cold(network: ir.Network) -> Settled:
    """Return the start without prewarm: zero histories, and the cell states the file gives.

    Of the folded form, whose residual path lacks a constant: there zero is `ir.Layer.rest`.
    """
    return _cold(fold(network))


def _cold(network: ir.Network) -> Settled:
    match network:
        case ir.WaveNet():
            return _cold_wavenet(network)
        case ir.Lstm():
            return LstmStart(tuple((cell.hidden, cell.cell) for cell in network.cells))
        case ir.ConvNet():
            return ConvNetStart(tuple(_silence(block.conv) for block in network.blocks))
        case ir.Linear():
            return LinearStart(_silence(network.conv))
        case ir.Sequential():
            return SequentialStart(tuple(_cold(part) for part in network.networks))


def _cold_wavenet(network: ir.WaveNet) -> WaveNetStart:
    return WaveNetStart(
        arrays=tuple(
            ArrayStart(tuple(map(_layer_silence, array.layers)), _silence(array.head))
            for array in network.arrays
        ),
        condition=_cold(network.condition) if network.condition else None,
        post_head=tuple(map(_silence, network.post_head.convs)) if network.post_head else (),
    )


def _layer_silence(layer: ir.Layer) -> F32:
    return _silence(layer.conv) if layer.rest is None else layer.rest


def _silence(conv: ir.Conv1d) -> F32:
    return np.zeros(conv.in_channels, np.float32)
