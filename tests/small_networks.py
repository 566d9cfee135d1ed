"""Networks with random weights, small enough to run in a test, and every feature among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from namgen import ir
from namgen.arithmetic import F32

TANH = ir.Activation("Tanh")
LEAKY = ir.Activation("LeakyReLU", (0.01,))
SIGMOID = ir.Activation("Sigmoid")


class Weights:
    """A seeded source of weights; sums stay near the size of their inputs."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def array(self, *shape: int, scale: float = 0.5) -> F32:
        return (self._random.standard_normal(shape) * scale).astype(np.float32)

    def conv(
        self,
        inputs: int,
        outputs: int,
        *,
        kernel: int = 1,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> ir.Conv1d:
        products = inputs // groups * kernel
        weight = self.array(outputs, inputs // groups, kernel, scale=products**-0.5)
        return ir.Conv1d(weight, self.array(outputs, scale=0.1) if bias else None, dilation, groups)

    def film(self, condition: int, dim: int, *, shift: bool) -> ir.Film:
        return ir.Film(self.conv(condition, dim * (2 if shift else 1)), shift)

    def layer(self, channels: int, *, kernel: int, dilation: int, condition: int = 1) -> ir.Layer:
        return ir.Layer(
            conv=self.conv(channels, channels, kernel=kernel, dilation=dilation),
            mixin=self.conv(condition, channels, bias=False),
            activation=TANH,
            layer1x1=self.conv(channels, channels),
        )


def signal(frames: int, *, channels: int = 1, seed: int = 1) -> F32:
    """Noise, (channels, frames)."""
    return Weights(seed).array(channels, frames, scale=0.3)


def two_arrays() -> ir.WaveNet:
    """The shape of the A1 presets, small."""
    w = Weights(10)
    first = tuple(w.layer(4, kernel=3, dilation=d) for d in (1, 2, 4))
    second = tuple(w.layer(3, kernel=3, dilation=d) for d in (1, 8))
    arrays = (
        ir.LayerArray(w.conv(1, 4, bias=False), first, w.conv(4, 3, bias=False)),
        ir.LayerArray(w.conv(4, 3, bias=False), second, w.conv(3, 1)),
    )
    return ir.WaveNet(1, arrays, 0.5)


def conv_head() -> ir.WaveNet:
    """The shape of the A2 presets, small, with a post-stack head."""
    w = Weights(11)
    layers = [w.layer(3, kernel=k, dilation=d) for k, d in ((6, 1), (5, 3), (6, 7))]
    layers = [replace(layer, activation=LEAKY) for layer in layers]
    head = w.conv(3, 2, kernel=4, dilation=3)
    array = ir.LayerArray(w.conv(1, 3, bias=False), tuple(layers), head)
    post = ir.PostHead(TANH, (w.conv(2, 3, kernel=3), w.conv(3, 2, kernel=2)))
    return ir.WaveNet(1, (array,), 0.7, post_head=post)


def condition() -> ir.WaveNet:
    """Two signals from one, with every part of a network that makes a condition, and no more."""
    w = Weights(21)
    layer = replace(w.layer(2, kernel=2, dilation=3), activation=LEAKY)
    array = ir.LayerArray(w.conv(1, 2, bias=False), (layer,), w.conv(2, 2, kernel=2))
    return ir.WaveNet(1, (array,), 0.7, post_head=ir.PostHead(TANH, (w.conv(2, 2, kernel=2),)))


def everything() -> ir.WaveNet:
    """Gated, blended and plain layers with groups, FiLM everywhere, head1x1, two conditions."""
    w = Weights(22)
    plain = ir.Layer(
        conv=w.conv(2, 2, kernel=2, groups=2),
        mixin=w.conv(2, 2, bias=False),
        activation=ir.Activation("PReLU", (0.1, 0.3)),
        layer1x1=w.conv(2, 2, groups=2),
        head1x1=w.conv(2, 3),
        conv_pre_film=w.film(2, 2, shift=True),
        input_mixin_pre_film=w.film(2, 2, shift=False),
        head1x1_post_film=w.film(2, 3, shift=True),
    )
    gated = ir.Layer(
        conv=w.conv(2, 4, kernel=3, dilation=2),
        mixin=w.conv(2, 4, bias=False, groups=2),
        activation=TANH,
        gating=ir.Gating.GATED,
        secondary=SIGMOID,
        layer1x1=w.conv(2, 2),
        head1x1=w.conv(2, 3),
        conv_post_film=w.film(2, 4, shift=True),
        input_mixin_post_film=w.film(2, 4, shift=False),
    )
    blended = replace(
        gated,
        gating=ir.Gating.BLENDED,
        conv_post_film=None,
        input_mixin_post_film=None,
        activation_pre_film=w.film(2, 4, shift=True),
        activation_post_film=w.film(2, 2, shift=False),
        layer1x1_post_film=w.film(2, 2, shift=True),
    )
    array = ir.LayerArray(w.conv(1, 2, bias=False), (plain, gated, blended), w.conv(3, 1, kernel=2))
    return ir.WaveNet(1, (array,), 1.5, condition=condition())


def film_in_groups() -> ir.WaveNet:
    """Plain, gated and blended layers with all there is of FiLM, and every map in groups."""
    w = Weights(23)

    def layer(gating: ir.Gating) -> ir.Layer:
        rows = 4 if gating is ir.Gating.NONE else 8

        def film(values: int) -> ir.Film:
            return ir.Film(w.conv(2, 2 * values, groups=2), shift=True)

        return ir.Layer(
            conv=w.conv(4, rows, kernel=4, dilation=2, groups=2),
            mixin=w.conv(2, rows, bias=False, groups=2),
            activation=TANH,
            gating=gating,
            secondary=None if gating is ir.Gating.NONE else SIGMOID,
            layer1x1=w.conv(4, 4, groups=2),
            head1x1=w.conv(4, 4, groups=2),
            conv_pre_film=film(4),
            conv_post_film=film(rows),
            input_mixin_pre_film=film(2),
            input_mixin_post_film=film(rows),
            activation_pre_film=film(rows),
            activation_post_film=film(4),
            layer1x1_post_film=film(4),
            head1x1_post_film=film(4),
        )

    layers = tuple(map(layer, (*ir.Gating, ir.Gating.NONE)))
    array = ir.LayerArray(w.conv(1, 4, bias=False), layers, w.conv(4, 1))
    return ir.WaveNet(1, (array,), 1.5, condition=condition())


def lstm() -> ir.Lstm:
    w = Weights(13)

    def cell(inputs: int, hidden: int) -> ir.LstmCell:
        weight, bias = w.array(4 * hidden, inputs + hidden), w.array(4 * hidden, scale=0.1)
        return ir.LstmCell(weight, bias, w.array(hidden, scale=0.2), w.array(hidden, scale=0.2))

    return ir.Lstm(1, (cell(1, 5), cell(5, 5)), w.conv(5, 2), prewarm_frames=640)


def oscillating_lstm() -> ir.Lstm:
    """One whose state at silence goes round in a cycle of 3 frames."""
    w, zeros = Weights(19), np.zeros(2, np.float32)
    cell = ir.LstmCell(w.array(8, 3, scale=3.0), w.array(8), zeros, zeros)
    return ir.Lstm(1, (cell,), w.conv(2, 1), prewarm_frames=640)


def convnet() -> ir.ConvNet:
    w = Weights(14)
    convs = (w.conv(1, 4, kernel=2), w.conv(4, 4, kernel=2, dilation=5, groups=2, bias=False))
    return ir.ConvNet(tuple(ir.ConvBlock(conv, TANH) for conv in convs), w.conv(4, 1))


def linear() -> ir.Linear:
    return ir.Linear(Weights(15).conv(1, 2, kernel=40))


def sequential() -> ir.Sequential:
    return ir.Sequential((two_arrays(), convnet()))


def shared_input(condition: ir.Network, *, dilation: int) -> ir.WaveNet:
    """A network whose first layer (3 taps) reads the same input as its condition network."""
    w = Weights(16)
    layers = tuple(w.layer(3, kernel=3, dilation=d, condition=2) for d in (dilation, 2))
    array = ir.LayerArray(w.conv(1, 3, bias=False), layers, w.conv(3, 1))
    return ir.WaveNet(1, (array,), 0.5, condition=condition)


def dilation_zero() -> ir.ConvNet:
    """A first convolution whose taps all read the newest frame."""
    w = Weights(17)
    convs = (w.conv(1, 4, kernel=2, dilation=0), w.conv(4, 4, kernel=3, dilation=0))
    return ir.ConvNet(tuple(ir.ConvBlock(conv, TANH) for conv in convs), w.conv(4, 1))


READERS_OF_THE_INPUT: dict[str, Callable[[], ir.Network]] = {
    "longer past": lambda: shared_input(ir.Linear(Weights(18).conv(1, 2, kernel=9)), dilation=1),
    "same past": lambda: shared_input(ir.Linear(Weights(18).conv(1, 2, kernel=9)), dilation=4),
    "shorter taps": lambda: shared_input(
        replace(convnet(), head=Weights(19).conv(4, 2)), dilation=3
    ),
    "shorter window": lambda: shared_input(linear(), dilation=21),
    "window of a ring": lambda: shared_input(linear(), dilation=300),
    "dilation zero": dilation_zero,
    "condition of dilation zero": lambda: shared_input(
        replace(dilation_zero(), head=Weights(19).conv(4, 2)), dilation=1
    ),
    "dilation zero under a condition": lambda: shared_input(linear(), dilation=0),
}
"""What shares the model's input, or reads it without a past, in every way there is."""

FEED_FORWARD: dict[str, Callable[[], ir.Network]] = {
    make.__name__: make for make in (two_arrays, conv_head, everything, convnet, linear, sequential)
}
EVERY_NETWORK: dict[str, Callable[[], ir.Network]] = {**FEED_FORWARD, "lstm": lstm}
TO_READ: dict[str, Callable[[], ir.Network]] = {**EVERY_NETWORK, "film_in_groups": film_in_groups}
"""These, and one with more in a layer than any test needs to compile."""
