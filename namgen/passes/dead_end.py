"""Leaves out the 1x1 of a WaveNet's last layer: nothing reads the residual it makes."""

from __future__ import annotations

from dataclasses import replace

from namgen.ir import LayerArray, Network, Sequential, WaveNet


def without_dead_end(network: Network) -> Network:
    """Return the network without what only leads to the last array's unused residual."""
    match network:
        case WaveNet():
            arrays = (*network.arrays[:-1], _shortened(network.arrays[-1]))
            condition = network.condition and without_dead_end(network.condition)
            return replace(network, arrays=arrays, condition=condition)
        case Sequential():
            return Sequential(tuple(map(without_dead_end, network.networks)))
        case _:
            return network


def _shortened(array: LayerArray) -> LayerArray:
    last = replace(array.layers[-1], layer1x1=None, layer1x1_post_film=None)
    return replace(array, layers=(*array.layers[:-1], last))
