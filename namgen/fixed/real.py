"""The network as real numbers: what the integers approximate, and what can be approximated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen import ir
from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.passes.dead_end import without_dead_end
from namgen.passes.fold import fold

F64: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RealLayer:
    """One layer; its conv reads the residual, or the input in the first layer of all."""

    weight: F64  # (out, in, kernel), tap 0 oldest
    dilation: int
    bias: F64  # (out,)
    mixin: F64  # (out,)
    slope: F64 | None  # (out,) below 0; None: the activation is tanh
    carry: F64 | None  # (channels,) of x, in the first layer of all
    dense: F64 | None  # (channels, out); None: nobody reads the residual behind it

    @property
    def lookback(self) -> int:
        """Frames of history needed before the current one."""
        return (int(self.weight.shape[2]) - 1) * self.dilation


@dataclass(frozen=True, slots=True, eq=False)
class RealArray:
    """Layers of one width and the head over their sum."""

    rechannel: F64 | None  # (channels, channels before); None: the first array
    layers: tuple[RealLayer, ...]
    head: F64  # (out, width, kernel)
    head_bias: F64  # (out,)


@dataclass(frozen=True, slots=True, eq=False)
class RealNetwork:
    """Arrays in series, one sample in, one sample out."""

    arrays: tuple[RealArray, ...]
    scale: float  # of the last head


def real(network: ir.Network) -> RealNetwork:
    """Return the folded network in float64.

    Raises:
        UnsupportedError: it has what fixed point has not; one line per layer and feature.

    """
    if not isinstance(network, ir.WaveNet):
        kind = type(network).__name__
        raise UnsupportedError(f"fixed point: a WaveNet is supported, this is a {kind}")
    folded = without_dead_end(fold(network))
    assert isinstance(folded, ir.WaveNet)
    problems = [*_network_problems(folded), *_array_problems(folded)]
    if problems:
        raise UnsupportedError(*(f"fixed point: {problem}" for problem in problems))
    arrays = tuple(_array(a, first=i == 0) for i, a in enumerate(folded.arrays))
    return RealNetwork(arrays, float(folded.head_scale))


def _network_problems(network: ir.WaveNet) -> list[str]:
    """What is in the way outside the layers."""
    present = {
        "one input channel is supported": network.in_channels != 1,
        "one output channel is supported": network.out_channels != 1,
        "a condition network is not supported": network.condition is not None,
        "a post-stack head is not supported": network.post_head is not None,
    }
    return [problem for problem, found in present.items() if found]


def _array_problems(network: ir.WaveNet) -> list[str]:
    """What is in the way in the layers."""
    found = []
    for a, array in enumerate(network.arrays):
        if array.head.dilation != 1 or array.head.groups != 1:
            found.append(f"array {a}: a head with groups or dilation is not supported")
        if a == 0 and array.rechannel is not None:
            found.append("array 0: expected 2 channels or more, and no bias or groups before them")
        if a > 0 and (array.rechannel is None or array.rechannel.groups != 1):
            found.append(f"array {a}: a rechannel with groups is not supported")
        for i, layer in enumerate(array.layers):
            where = f"array {a}, layer {i}"
            found += [f"{where}: {what}" for what in _layer_problems(layer)]
    return found


def _layer_problems(layer: ir.Layer) -> list[str]:
    """What is in the way in one layer."""
    name = layer.activation.name
    groups = max(conv.groups for conv in layer.convolutions)
    present = {
        f"gating {layer.gating.value} is not supported": layer.gating is not ir.Gating.NONE,
        "FiLM is not supported": bool(layer.films),
        "a head1x1 is not supported": layer.head1x1 is not None,
        f"{groups} groups are not supported": groups > 1,
        f"activation {name}: expected LeakyReLU, ReLU, PReLU or Tanh": name not in _SLOPES,
        "layer1x1 with a bias of its own is not supported": _has_dense_bias(layer),
    }
    return [problem for problem, found in present.items() if found]


def _has_dense_bias(layer: ir.Layer) -> bool:
    return layer.layer1x1 is not None and layer.layer1x1.bias is not None


_SLOPES = {"LeakyReLU": 0.01, "ReLU": 0.0, "PReLU": None, "Tanh": None}
"""Slope below 0 where the file has none of its own."""


def _array(array: ir.LayerArray, *, first: bool) -> RealArray:
    rechannel = None if first or array.rechannel is None else _dense(array.rechannel)
    offset = array.rechannel.bias if array.rechannel and not first else None
    layers = tuple(map(_layer, array.layers))
    if offset is not None and np.any(offset):
        raise UnsupportedError("fixed point: a rechannel with a bias is not supported")
    head = _wide(array.head.weight)
    return RealArray(rechannel, layers, head, _bias(array.head))


def _layer(layer: ir.Layer) -> RealLayer:
    rows = layer.conv.out_channels
    return RealLayer(
        weight=_wide(layer.conv.weight),
        dilation=layer.conv.dilation,
        bias=_bias(layer.conv),
        mixin=_dense(layer.mixin)[:, 0],
        slope=_slope(layer.activation, rows),
        carry=None if layer.carry is None else _dense(layer.carry)[:, 0],
        dense=None if layer.layer1x1 is None else _dense(layer.layer1x1),
    )


def _slope(activation: ir.Activation, rows: int) -> F64 | None:
    if activation.name == "Tanh":
        return None
    params = activation.params or (_SLOPES[activation.name],)
    slopes = np.array(params if activation.name != "ReLU" else (0.0,), np.float64)
    return np.array(np.broadcast_to(slopes, (rows,)), np.float64)


def _dense(conv: ir.Conv1d) -> F64:
    return _wide(conv.weight)[:, :, 0]


def _bias(conv: ir.Conv1d) -> F64:
    return np.zeros(conv.out_channels) if conv.bias is None else _wide(conv.bias)


def _wide(values: F32) -> F64:
    wide: F64 = values.astype(np.float64)
    return wide
