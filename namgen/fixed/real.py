"""The network as real numbers: what the integers approximate, and what can be approximated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen import ir
from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.fixed.ir import MOST_CHANNELS
from namgen.passes.dead_end import without_dead_end
from namgen.passes.fold import fold

F64: TypeAlias = npt.NDArray[np.float64]

MOST_HEAD_LOOKBACK = 63
"""Frames; a head with dilation is computed with zeros between its taps."""


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
        raise UnsupportedError(f"architecture: fixed point: expected a WaveNet, found {kind}")
    folded = without_dead_end(fold(network))
    assert isinstance(folded, ir.WaveNet)
    problems = [*_network_problems(folded), *_array_problems(folded)]
    if problems:
        raise UnsupportedError(*problems)
    return RealNetwork(tuple(_arrays(folded)), float(folded.head_scale))


def array_path(array: int) -> str:
    """Name an array of layers as the file does."""
    return f"config.layers[{array}]"


def layer_path(array: int, layer: int) -> str:
    """Name a layer."""
    return f"{array_path(array)}, layer {layer}"


def _network_problems(network: ir.WaveNet) -> list[str]:
    """What is in the way outside the layers."""
    inputs, outputs = network.in_channels, network.out_channels
    present = {
        f"expected one input channel, found {inputs}": inputs != 1,
        f"expected one output channel, found {outputs}": outputs != 1,
        "expected no condition network, found one": network.condition is not None,
        "expected no post-stack head, found one": network.post_head is not None,
    }
    return [f"config: fixed point: {problem}" for problem, found in present.items() if found]


def _array_problems(network: ir.WaveNet) -> list[str]:
    """What is in the way in the layers."""
    found = []
    for a, array in enumerate(network.arrays):
        if array.head.lookback > MOST_HEAD_LOOKBACK:
            found.append(
                f"{array_path(a)}: fixed point: expected a head that looks back at most "
                f"{MOST_HEAD_LOOKBACK} frames, found {array.head.lookback}"
            )
        has_film = any(layer.films for layer in array.layers)
        for i, layer in enumerate(array.layers):
            problems = _layer_problems(layer)
            if _has_dense_bias(layer) and not has_film:  # FiLM is what keeps biases from folding
                problems.append("expected a layer1x1 whose bias folds, found another")
            found += [f"{layer_path(a, i)}: fixed point: {what}" for what in problems]
    return found


def _layer_problems(layer: ir.Layer) -> list[str]:
    """What is in the way in one layer."""
    name, widest = layer.activation.name, max(_widths(layer))
    present = {
        f"expected at most {MOST_CHANNELS} channels, found {widest}": widest > MOST_CHANNELS,
        f"expected no gating, found {layer.gating.value}": layer.gating is not ir.Gating.NONE,
        f"expected no FiLM, found {len(layer.films)}": bool(layer.films),
        "expected no head1x1, found one": layer.head1x1 is not None,
        f"expected activation LeakyReLU, ReLU, PReLU or Tanh, found {name}": name not in _SLOPES,
    }
    return [problem for problem, found in present.items() if found]


def _widths(layer: ir.Layer) -> tuple[int, ...]:
    """Rows, channels read, channels of the residual."""
    return layer.conv.out_channels, layer.conv.in_channels, _behind(layer)


def _has_dense_bias(layer: ir.Layer) -> bool:
    return layer.layer1x1 is not None and layer.layer1x1.bias is not None


_SLOPES = {"LeakyReLU": 0.01, "ReLU": 0.0, "PReLU": None, "Tanh": None}
"""Slope below 0 where the file has none of its own."""


def _arrays(network: ir.WaveNet) -> Iterator[RealArray]:
    """Yield the arrays; a constant on the residual becomes part of the biases behind it."""
    constant, last = np.zeros(1), network.arrays[-1].layers[-1]
    for number, array in enumerate(network.arrays):
        entry = array.rechannel
        if entry is not None:
            before = constant if number else np.zeros(entry.in_channels)
            constant = (_dense(entry) * before).sum(axis=1) + _bias(entry)
        layers = [_layer(layer, is_last=layer is last) for layer in array.layers]
        if entry is not None:
            layers = [_shifted(layer, constant) for layer in layers]
        inner = None if number == 0 or entry is None else _dense(entry)
        if number == 0 and entry is not None:
            layers[0] = _reading_input(layers[0], _dense(entry)[:, 0])
        yield RealArray(inner, tuple(layers), _spread(array.head), _bias(array.head))


def _shifted(layer: RealLayer, constant: F64) -> RealLayer:
    """Return a layer that reads what lacks a constant."""
    return replace(layer, bias=layer.bias + (layer.weight.sum(axis=2) * constant).sum(axis=1))


def _reading_input(layer: RealLayer, entry: F64) -> RealLayer:
    """Return the first layer of all, with its array's rechannel in its weights."""
    weight = (layer.weight * entry[None, :, None]).sum(axis=1, keepdims=True)
    return replace(layer, weight=weight, carry=entry)


def _layer(layer: ir.Layer, *, is_last: bool) -> RealLayer:
    rows = layer.conv.out_channels
    dense = np.zeros((_behind(layer), rows)) if layer.layer1x1 is None else _dense(layer.layer1x1)
    return RealLayer(
        weight=_full(layer.conv),
        dilation=layer.conv.dilation,
        bias=_bias(layer.conv),
        mixin=_dense(layer.mixin)[:, 0],
        slope=_slope(layer.activation, rows),
        carry=None if layer.carry is None else _dense(layer.carry)[:, 0],
        dense=None if is_last else dense,
    )


def _behind(layer: ir.Layer) -> int:
    """Channels of the residual behind a layer."""
    return layer.channels if layer.carry is None else layer.carry.out_channels


def _slope(activation: ir.Activation, rows: int) -> F64 | None:
    if activation.name == "Tanh":
        return None
    params = activation.params or (_SLOPES[activation.name],)
    slopes = np.array(params if activation.name != "ReLU" else (0.0,), np.float64)
    return np.array(np.broadcast_to(slopes, (rows,)), np.float64)


def _dense(conv: ir.Conv1d) -> F64:
    return _full(conv)[:, :, 0]


def _full(conv: ir.Conv1d) -> F64:
    """Return the weight (out, in, kernel), zeros where groups do not meet."""
    weight, rows = _wide(conv.weight), conv.out_channels // conv.groups
    full = np.zeros((conv.out_channels, conv.in_channels, conv.kernel_size))
    inputs = conv.in_channels // conv.groups
    for group in range(conv.groups):
        of = slice(group * rows, (group + 1) * rows)
        full[of, group * inputs : (group + 1) * inputs] = weight[of]
    return full


def _spread(head: ir.Conv1d) -> F64:
    """Return the weight of a head without dilation: zeros lie between its taps."""
    full = _full(head)
    spread = np.zeros((*full.shape[:2], head.lookback + 1))
    spread[:, :, :: head.dilation] = full
    return spread


def _bias(conv: ir.Conv1d) -> F64:
    return np.zeros(conv.out_channels) if conv.bias is None else _wide(conv.bias)


def _wide(values: F32) -> F64:
    wide: F64 = values.astype(np.float64)
    return wide
