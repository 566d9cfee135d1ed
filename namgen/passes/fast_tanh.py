"""Puts the rational formula of the NAM plug-in in the place of every tanh."""

from __future__ import annotations

from dataclasses import replace

from namgen.ir import (
    Activation,
    ConvBlock,
    ConvNet,
    Layer,
    LayerArray,
    Linear,
    Lstm,
    Network,
    PostHead,
    Sequential,
    WaveNet,
)


def with_fast_tanh(network: Network) -> Network:
    """Return the network with Fasttanh for Tanh; in an LSTM the sigmoids take it too."""
    match network:
        case WaveNet():
            return _wavenet(network)
        case Lstm():
            return replace(network, fast_tanh=True)
        case ConvNet():
            return replace(network, blocks=tuple(map(_block, network.blocks)))
        case Linear():
            return network
        case Sequential():
            return Sequential(tuple(map(with_fast_tanh, network.networks)))


def _wavenet(network: WaveNet) -> WaveNet:
    return replace(
        network,
        arrays=tuple(map(_array, network.arrays)),
        condition=network.condition and with_fast_tanh(network.condition),
        post_head=network.post_head and _post_head(network.post_head),
    )


def _array(array: LayerArray) -> LayerArray:
    return replace(array, layers=tuple(map(_layer, array.layers)))


def _layer(layer: Layer) -> Layer:
    secondary = layer.secondary and _fast(layer.secondary)
    return replace(layer, activation=_fast(layer.activation), secondary=secondary)


def _block(block: ConvBlock) -> ConvBlock:
    return replace(block, activation=_fast(block.activation))


def _post_head(head: PostHead) -> PostHead:
    return replace(head, activation=_fast(head.activation))


def _fast(activation: Activation) -> Activation:
    return Activation("Fasttanh") if activation.name == "Tanh" else activation
