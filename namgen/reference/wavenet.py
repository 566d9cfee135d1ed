"""WaveNet in NumPy, one operation per operation of the C."""

from __future__ import annotations

import numpy as np

from namgen import ir
from namgen.arithmetic import F32
from namgen.reference.activations import apply
from namgen.reference.arithmetic import fma
from namgen.reference.convolution import Convolution, Step, column
from namgen.reference.runner import Runner
from namgen.start_state import ArrayStart, Settled, WaveNetStart


class WaveNetRunner:
    """An `ir.WaveNet` with its memories; `condition` runs its condition network, if any."""

    def __init__(self, network: ir.WaveNet, condition: Runner | None, *, frames: int) -> None:
        self._condition = condition
        self._arrays = tuple(_Array(array, frames=frames) for array in network.arrays)
        self._head_scale = np.float32(network.head_scale)
        self._post_head = network.post_head
        convs = network.post_head.convs if network.post_head else ()
        self._post_convs = tuple(Convolution(conv, frames=frames) for conv in convs)

    def run(self, x: F32) -> F32:
        """Process x (in_channels, frames)."""
        condition = self._condition.run(x) if self._condition else x
        return self._forward(x, condition, Convolution.advance)

    def settle(self, x: F32) -> F32:
        """Take the state that endless x (in_channels, 1) leads to; returns the output then."""
        condition = self._condition.settle(x) if self._condition else x
        return self._forward(x, condition, Convolution.settle)

    def load(self, start: Settled) -> None:
        """Take the state `start`."""
        assert isinstance(start, WaveNetStart)
        if self._condition and start.condition:
            self._condition.load(start.condition)
        for array, histories in zip(self._arrays, start.arrays, strict=True):
            array.load(histories)
        for conv, constant in zip(self._post_convs, start.post_head, strict=True):
            conv.fill(constant)

    def state(self) -> WaveNetStart:
        """The constants the histories hold, after `settle`."""
        return WaveNetStart(
            arrays=tuple(array.state() for array in self._arrays),
            condition=self._condition.state() if self._condition else None,
            post_head=tuple(conv.constant for conv in self._post_convs),
        )

    def _forward(self, x: F32, condition: F32, step: Step) -> F32:
        residual, head = x, None
        for array in self._arrays:
            residual, head = array.run(residual, head, condition, step)
        assert head is not None
        out: F32 = head * self._head_scale
        for conv in self._post_convs:
            assert self._post_head is not None
            out = step(conv, apply(self._post_head.activation, out), None)
        return out


class _Array:
    """An `ir.LayerArray` with its histories."""

    def __init__(self, array: ir.LayerArray, *, frames: int) -> None:
        self._rechannel = _optional(array.rechannel, frames=frames)
        self._layers = tuple(_Layer(layer, frames=frames) for layer in array.layers)
        self._head = Convolution(array.head, frames=frames)

    def run(self, x: F32, head: F32 | None, condition: F32, step: Step) -> tuple[F32, F32]:
        """Return the residual and the head's output; `head` is the sum so far, None if empty."""
        residual = self._rechannel.advance(x) if self._rechannel else x
        for layer in self._layers:
            residual, contribution = layer.run(residual, condition, step)
            head = contribution if head is None else head + contribution
        assert head is not None
        return residual, step(self._head, head, None)

    def load(self, start: ArrayStart) -> None:
        for layer, constant in zip(self._layers, start.layers, strict=True):
            layer.conv.fill(constant)
        self._head.fill(start.head)

    def state(self) -> ArrayStart:
        return ArrayStart(tuple(layer.conv.constant for layer in self._layers), self._head.constant)


class _Layer:
    """An `ir.Layer` with the history of its convolution."""

    def __init__(self, layer: ir.Layer, *, frames: int) -> None:
        self._layer = layer
        self.conv = Convolution(layer.conv, frames=frames)
        self._mixin = Convolution(layer.mixin, frames=frames)
        self._layer1x1 = _optional(layer.layer1x1, frames=frames)
        self._carry = _optional(layer.carry, frames=frames)
        self._head1x1 = _optional(layer.head1x1, frames=frames)
        self._conv_pre = _Film(layer.conv_pre_film, frames=frames)
        self._conv_post = _Film(layer.conv_post_film, frames=frames)
        self._mixin_pre = _Film(layer.input_mixin_pre_film, frames=frames)
        self._mixin_post = _Film(layer.input_mixin_post_film, frames=frames)
        self._activation_pre = _Film(layer.activation_pre_film, frames=frames)
        self._activation_post = _Film(layer.activation_post_film, frames=frames)
        self._layer1x1_post = _Film(layer.layer1x1_post_film, frames=frames)
        self._head1x1_post = _Film(layer.head1x1_post_film, frames=frames)

    def run(self, x: F32, condition: F32, step: Step) -> tuple[F32, F32]:
        """Return the next layer's input and this layer's part of the head sum."""
        z = self._activation_pre(self._mixed(x, condition, step), condition)
        v = self._activation_post(self._activated(z), condition)
        return self._residual(x, v, condition), self._contribution(v, condition)

    def _mixed(self, x: F32, condition: F32, step: Step) -> F32:
        """The convolution plus the mixin: one sum, unless a FiLM acts on one of the two."""
        a = self._conv_pre(x, condition)
        mixin_input = self._mixin_pre(condition, condition)
        if not (self._conv_post or self._mixin_post):
            bias = column(self._layer.conv.bias)
            return step(self.conv, a, self._mixin.advance(mixin_input, bias))
        zc = self._conv_post(step(self.conv, a, None), condition)
        zm = self._mixin_post(self._mixin.advance(mixin_input), condition)
        return zc + zm

    def _activated(self, z: F32) -> F32:
        layer = self._layer
        if layer.secondary is None:
            return apply(layer.activation, z)
        primary_rows, secondary_rows = z[: layer.bottleneck], z[layer.bottleneck :]
        primary = apply(layer.activation, primary_rows)
        secondary = apply(layer.secondary, secondary_rows)
        if layer.gating is ir.Gating.GATED:
            return primary * secondary
        return fma(secondary, primary - primary_rows, primary_rows)

    def _residual(self, x: F32, v: F32, condition: F32) -> F32:
        if self._carry:
            x = self._carry.advance(x)
        if self._layer1x1 is None:
            return x
        if self._layer1x1_post:
            return x + self._layer1x1_post(self._layer1x1.advance(v), condition)
        bias = column(self._layer1x1.conv.bias)
        return self._layer1x1.advance(v, x if bias is None else x + bias)

    def _contribution(self, v: F32, condition: F32) -> F32:
        if self._head1x1 is None:
            return v
        return self._head1x1_post(self._head1x1.advance(v), condition)


class _Film:
    """An optional `ir.Film`: false, and the identity, when there is none."""

    def __init__(self, film: ir.Film | None, *, frames: int) -> None:
        self._film = film
        self._modulator = _optional(film.modulator if film else None, frames=frames)

    def __bool__(self) -> bool:
        return self._film is not None

    def __call__(self, x: F32, condition: F32) -> F32:
        if self._film is None or self._modulator is None:
            return x
        rows = self._modulator.advance(condition)
        scale = rows[: self._film.dim]
        return fma(x, scale, rows[self._film.dim :]) if self._film.shift else x * scale


def _optional(conv: ir.Conv1d | None, *, frames: int) -> Convolution | None:
    return None if conv is None else Convolution(conv, frames=frames)
