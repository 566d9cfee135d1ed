"""Runs the network of real numbers, fast, and shows what is in it on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from namgen.fixed import exact
from namgen.fixed.real import F64, RealLayer, RealNetwork

_CHUNK_FRAMES = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one layer had before it and made of it, in one chunk."""

    array: int
    layer: int
    kernel_size: int
    recent: F64  # (in, lookback + frames) what the convolution reads
    z: F64  # (out, frames)
    t: F64  # (out, frames)
    residual: F64  # (channels, frames) behind the layer
    head: F64  # (out, frames) the head sum with this layer in it


Probe: TypeAlias = Callable[[Seen], object]
"""Looks at every layer of every chunk."""


def evaluate(network: RealNetwork, x: F64, probe: Probe | None = None) -> F64:
    """Return what the settled network makes of x (frames,), the same bits on every machine."""
    runner = _Runner(network, None)
    runner.run(np.zeros((1, 1)), settle=True)
    runner.probe = probe
    chunks = [x[at : at + _CHUNK_FRAMES] for at in range(0, x.size, _CHUNK_FRAMES)]
    return np.concatenate([runner.run(chunk[None, :])[0] for chunk in chunks])


def at_rest(network: RealNetwork) -> list[Seen]:
    """Return every layer in silence, one frame of it."""
    seen: list[Seen] = []
    runner = _Runner(network, None)
    runner.run(np.zeros((1, 1)), settle=True)
    runner.probe = seen.append
    runner.run(np.zeros((1, 1)))
    return seen


class _Runner:
    """A network with its histories."""

    def __init__(self, network: RealNetwork, probe: Probe | None) -> None:
        self.network, self.probe = network, probe
        self.layers = [
            [_Taps(_flat(y.weight), y.dilation) for y in a.layers] for a in network.arrays
        ]
        self.heads = [_Taps(_flat(a.head), 1) for a in network.arrays]

    def run(self, x: F64, *, settle: bool = False) -> F64:
        """Run x (1, frames); returns the output (1, frames)."""
        residual, head = x, np.zeros((1, 1))
        for a, array in enumerate(self.network.arrays):
            if array.rechannel is not None:
                residual = exact.product(exact.factor(array.rechannel), exact.signal(residual))
            for i, layer in enumerate(array.layers):
                residual, head = self._layer(a, i, layer, residual, head, x, settle)
            head = self.heads[a].run(head, settle) + array.head_bias[:, None]
        return head * self.network.scale

    def _layer(
        self, a: int, i: int, layer: RealLayer, residual: F64, head: F64, x: F64, settle: bool
    ) -> tuple[F64, F64]:
        taps = self.layers[a][i]
        z = taps.run(residual, settle) + layer.bias[:, None] + layer.mixin[:, None] * x
        t = activated(layer, z)
        head = head + t
        residual = carried(layer, residual, t)
        if self.probe:
            self.probe(Seen(a, i, layer.weight.shape[2], taps.recent, z, t, residual, head))
        return residual, head


def activated(layer: RealLayer, z: F64) -> F64:
    """Apply the layer's activation to z (out, frames)."""
    if layer.slope is None:
        return exact.tanh(z)
    return np.where(z < 0.0, z * layer.slope[:, None], z)


def carried(layer: RealLayer, residual: F64, t: F64) -> F64:
    """Return the residual behind the layer; the one before it where nobody reads it."""
    if layer.dense is None:
        return residual
    if layer.carry is not None:
        residual = layer.carry[:, None] * residual
    return residual + exact.product(exact.factor(layer.dense), exact.signal(t))


def _flat(weight: F64) -> F64:
    """(out, in, kernel) as (out, kernel * in), taps oldest first."""
    flat: F64 = weight.transpose(0, 2, 1).reshape(weight.shape[0], -1)
    return flat


class _Taps:
    """A convolution with its history."""

    def __init__(self, flat: F64, dilation: int) -> None:
        self._flat, self._dilation = exact.factor(flat), dilation
        self._past: F64 | None = None
        self.recent = np.zeros((0, 0))

    def run(self, read: F64, settle: bool) -> F64:
        """Convolve read (in, frames)."""
        kernel_size, frames = self._flat.shape[1] // read.shape[0], read.shape[1]
        lookback = (kernel_size - 1) * self._dilation
        if settle or self._past is None:
            self._past = np.repeat(read[:, :1], lookback, axis=1)
        self.recent = np.concatenate((self._past, read), axis=1)
        self._past = self.recent[:, frames:]
        exactly = exact.signal(self.recent)
        taps = [exactly[:, k * self._dilation :][:, :frames] for k in range(kernel_size)]
        return exact.product(self._flat, np.concatenate(taps))
