"""Rewrites a network into the equal one that takes less work; the order of sums is the new one's.

Two identities, both exact in real numbers and applied once, in float64:

* A constant on the residual path (the bias of a layer1x1) passes through every later layer
  unchanged. It is left out, and each later convolution gets what it would have contributed as part
  of its bias.
* The first array's rechannel is linear, and so is the convolution behind it: the first layer reads
  the input itself, with the product of the two as its weights.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32
from namgen.ir import Conv1d, Layer, LayerArray, Network, Sequential, WaveNet

F64: TypeAlias = npt.NDArray[np.float64]


def fold(network: Network) -> Network:
    """Return the form of `network` that is computed; a folded form stays as it is."""
    if isinstance(network, Sequential):
        return replace(network, networks=tuple(fold(part) for part in network.networks))
    if not isinstance(network, WaveNet):
        return network
    condition = fold(network.condition) if network.condition else None
    arrays = []
    constant = np.zeros(network.arrays[0].layers[0].channels)
    for index, array in enumerate(network.arrays):
        folded, constant = _fold_array(array, constant, is_first=index == 0)
        arrays.append(folded)
    return replace(network, arrays=tuple(arrays), condition=condition)


def _fold_array(array: LayerArray, constant: F64, *, is_first: bool) -> tuple[LayerArray, F64]:
    """Fold one array whose input lacks `constant`; return it and what its output lacks."""
    if array.rechannel is None:
        return array, np.zeros(_width(array.layers[-1]))
    if not is_first:
        constant = array.rechannel.weight[:, :, 0].astype(np.float64) @ constant
    else:
        constant = np.zeros(array.rechannel.out_channels)
    if any(layer.conv_pre_film for layer in array.layers):
        return replace(array, rechannel=_with_bias(array.rechannel, constant)), constant * 0.0
    layers = []
    for layer in array.layers:
        folded, constant = _fold_layer(layer, constant)
        layers.append(folded)
    array = replace(array, layers=tuple(layers))
    return (_without_rechannel(array) if is_first else array), constant


def _fold_layer(layer: Layer, constant: F64) -> tuple[Layer, F64]:
    """Fold one layer whose input lacks `constant`; return it and what its output lacks."""
    if constant.any():
        layer = replace(
            layer,
            conv=_with_bias(layer.conv, _response(layer.conv, constant)),
            rest=_float32(-constant),
        )
    dense = layer.layer1x1
    if dense is None or dense.bias is None or layer.layer1x1_post_film:
        return layer, constant
    return replace(layer, layer1x1=replace(dense, bias=None)), constant + dense.bias


def _width(layer: Layer) -> int:
    """Channels the layer hands on."""
    if layer.carry:
        return layer.carry.out_channels
    return layer.channels


def _without_rechannel(array: LayerArray) -> LayerArray:
    """Let the first layer read the array's input, where that is narrower."""
    first, rechannel = array.layers[0], array.rechannel
    if rechannel is None or not _reads_input(first, rechannel):
        return array
    weight = np.einsum(
        "oik,ic->ock", first.conv.weight.astype(np.float64), rechannel.weight[:, :, 0]
    )
    layer = replace(first, conv=replace(first.conv, weight=_float32(weight)), carry=rechannel)
    return replace(array, rechannel=None, layers=(layer, *array.layers[1:]))


def _reads_input(first: Layer, rechannel: Conv1d) -> bool:
    """Whether the first layer can take the array's input as it is, and gains by it."""
    simple = first.conv.groups == rechannel.groups == 1 and rechannel.bias is None
    narrower = rechannel.in_channels < rechannel.out_channels
    residual = first.layer1x1 is not None and first.layer1x1_post_film is None
    return simple and narrower and residual and first.rest is None


def _with_bias(conv: Conv1d, more: F64) -> Conv1d:
    """Add `more` to a convolution's bias."""
    if not more.any():
        return conv
    bias = more if conv.bias is None else conv.bias + more
    return replace(conv, bias=_float32(bias))


def _response(conv: Conv1d, constant: F64) -> F64:
    """Return what the convolution makes of a constant input, its bias left out."""
    per_input = conv.weight.astype(np.float64).sum(axis=2)
    grouped = constant.reshape(conv.groups, -1).repeat(conv.out_channels // conv.groups, axis=0)
    return np.asarray((per_input * grouped).sum(axis=1))


def _float32(values: F64) -> F32:
    """Round; what is too large becomes infinite, and is refused when it is planned."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)
