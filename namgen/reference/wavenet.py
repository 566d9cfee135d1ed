"""WaveNet in NumPy, one operation per operation of the C."""

from __future__ import annotations

from namgen import ir
from namgen.arithmetic import Elements
from namgen.reference.convolution import Convolution, Step
from namgen.reference.operations import Curve, Operations
from namgen.reference.runner import Runner
from namgen.start_state import ArrayStart, Settled, WaveNetStart


class WaveNetRunner:
    """An `ir.WaveNet` with its memories; `condition` runs its condition network, if any."""

    def __init__(
        self,
        network: ir.WaveNet,
        condition: Runner | None,
        operations: Operations,
        *,
        frames: int,
    ) -> None:
        self._operations = operations
        self._condition = condition
        self._arrays = tuple(_Array(array, operations, frames=frames) for array in network.arrays)
        self._head_scale = operations.constants(network.head_scale)
        self._post_head = _post_head(network.post_head, operations, frames=frames)

    def run(self, x: Elements) -> Elements:
        """Process x (in_channels, frames)."""
        condition = self._condition.run(x) if self._condition else x
        return self._forward(x, condition, Convolution.advance)

    def settle(self, x: Elements) -> Elements:
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
        for (_, conv), constant in zip(self._post_head, start.post_head, strict=True):
            conv.fill(constant)

    def state(self) -> WaveNetStart:
        """The constants the histories hold, after `settle`."""
        return WaveNetStart(
            arrays=tuple(array.state() for array in self._arrays),
            condition=self._condition.state() if self._condition else None,
            post_head=tuple(conv.constant for _, conv in self._post_head),
        )

    def _forward(self, x: Elements, condition: Elements, step: Step) -> Elements:
        residual, head = x, None
        for array in self._arrays:
            residual, head = array.run(residual, head, condition, step)
        assert head is not None
        out = self._operations.multiply(head, self._head_scale)
        for curve, conv in self._post_head:
            out = step(conv, curve(out), None)
        return out


def _post_head(
    head: ir.PostHead | None, operations: Operations, *, frames: int
) -> tuple[tuple[Curve, Convolution], ...]:
    """Every convolution after the stack, and what comes before it."""
    if head is None:
        return ()
    curve = operations.activation(head.activation)
    return tuple((curve, Convolution(conv, operations, frames=frames)) for conv in head.convs)


class _Array:
    """An `ir.LayerArray` with its histories."""

    def __init__(self, array: ir.LayerArray, operations: Operations, *, frames: int) -> None:
        self._operations = operations
        self._rechannel = _optional(array.rechannel, operations, frames=frames)
        self._layers = tuple(_Layer(layer, operations, frames=frames) for layer in array.layers)
        self._head = Convolution(array.head, operations, frames=frames)

    def run(
        self, x: Elements, head: Elements | None, condition: Elements, step: Step
    ) -> tuple[Elements, Elements]:
        """Return the residual and the head's output; `head` is the sum so far, None if empty."""
        residual = self._rechannel.advance(x) if self._rechannel else x
        for layer in self._layers:
            residual, contribution = layer.run(residual, condition, step)
            head = contribution if head is None else self._operations.add(head, contribution)
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

    def __init__(self, layer: ir.Layer, operations: Operations, *, frames: int) -> None:
        self._operations = operations
        self._bottleneck, self._gating = layer.bottleneck, layer.gating
        self._primary = operations.activation(layer.activation)
        secondary = layer.secondary
        self._secondary = None if secondary is None else operations.activation(secondary)
        self.conv = Convolution(layer.conv, operations, frames=frames)
        self._mixin = Convolution(layer.mixin, operations, frames=frames)
        self._layer1x1 = _optional(layer.layer1x1, operations, frames=frames)
        self._carry = _optional(layer.carry, operations, frames=frames)
        self._head1x1 = _optional(layer.head1x1, operations, frames=frames)
        self._conv_pre = _Film(layer.conv_pre_film, operations, frames=frames)
        self._conv_post = _Film(layer.conv_post_film, operations, frames=frames)
        self._mixin_pre = _Film(layer.input_mixin_pre_film, operations, frames=frames)
        self._mixin_post = _Film(layer.input_mixin_post_film, operations, frames=frames)
        self._activation_pre = _Film(layer.activation_pre_film, operations, frames=frames)
        self._activation_post = _Film(layer.activation_post_film, operations, frames=frames)
        self._layer1x1_post = _Film(layer.layer1x1_post_film, operations, frames=frames)
        self._head1x1_post = _Film(layer.head1x1_post_film, operations, frames=frames)

    def run(self, x: Elements, condition: Elements, step: Step) -> tuple[Elements, Elements]:
        """Return the next layer's input and this layer's part of the head sum."""
        z = self._activation_pre(self._mixed(x, condition, step), condition)
        v = self._activation_post(self._activated(z), condition)
        return self._residual(x, v, condition), self._contribution(v, condition)

    def _mixed(self, x: Elements, condition: Elements, step: Step) -> Elements:
        """The convolution plus the mixin: one sum, unless a FiLM acts on one of the two."""
        a = self._conv_pre(x, condition)
        mixin_input = self._mixin_pre(condition, condition)
        if not (self._conv_post or self._mixin_post):
            return step(self.conv, a, self._mixin.advance(mixin_input, self.conv.bias))
        zc = self._conv_post(step(self.conv, a, None), condition)
        zm = self._mixin_post(self._mixin.advance(mixin_input), condition)
        return self._operations.add(zc, zm)

    def _activated(self, z: Elements) -> Elements:
        if self._secondary is None:
            return self._primary(z)
        do, primary_rows = self._operations, z[: self._bottleneck]
        primary, secondary = self._primary(primary_rows), self._secondary(z[self._bottleneck :])
        if self._gating is ir.Gating.GATED:
            return do.multiply(primary, secondary)
        return do.fma(secondary, do.subtract(primary, primary_rows), primary_rows)

    def _residual(self, x: Elements, v: Elements, condition: Elements) -> Elements:
        if self._carry:
            x = self._carry.advance(x)
        if self._layer1x1 is None:
            return x
        if self._layer1x1_post:
            modulated = self._layer1x1_post(self._layer1x1.advance(v), condition)
            return self._operations.add(x, modulated)
        bias = self._layer1x1.bias
        return self._layer1x1.advance(v, x if bias is None else self._operations.add(x, bias))

    def _contribution(self, v: Elements, condition: Elements) -> Elements:
        if self._head1x1 is None:
            return v
        return self._head1x1_post(self._head1x1.advance(v), condition)


class _Film:
    """An optional `ir.Film`: false, and the identity, when there is none."""

    def __init__(self, film: ir.Film | None, operations: Operations, *, frames: int) -> None:
        self._film = film
        self._operations = operations
        modulator = film.modulator if film else None
        self._modulator = _optional(modulator, operations, frames=frames)

    def __bool__(self) -> bool:
        return self._film is not None

    def __call__(self, x: Elements, condition: Elements) -> Elements:
        if self._film is None or self._modulator is None:
            return x
        rows = self._modulator.advance(condition)
        scale, shift = rows[: self._film.dim], rows[self._film.dim :]
        if self._film.shift:
            return self._operations.fma(x, scale, shift)
        return self._operations.multiply(x, scale)


def _optional(conv: ir.Conv1d | None, operations: Operations, *, frames: int) -> Convolution | None:
    return None if conv is None else Convolution(conv, operations, frames=frames)
