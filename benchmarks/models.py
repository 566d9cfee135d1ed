"""Networks to time: the presets' shapes and others, with random weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from namgen import ir

A1_FIRST = (1, 2, 4, 8, 16, 32, 64)
A1_SECOND = (128, 256, 512, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
A1_SHORT = (1, 2)
A1_LONG = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
A2_DILATIONS = (1, 3, 7, 17, 41, 101, 239)
A2_LAYERS = (
    *((6, dilation) for dilation in A2_DILATIONS),
    *((6, dilation) for dilation in A2_DILATIONS),
    (15, 1),
    (15, 13),
    *((6, dilation) for dilation in A2_DILATIONS),
)
"""Kernel size and dilation of each layer."""

TANH = ir.Activation("Tanh")
LEAKY = ir.Activation("LeakyReLU", (0.01,))


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A network to time, under a name."""

    name: str
    network: ir.Network

    def load(self) -> ir.Model:
        """The network as `lower` would give it."""
        return ir.Model("timed", f"{self.name}.nam", "0" * 64, 48_000, self.network)


def presets() -> tuple[Candidate, ...]:
    """The networks the trainers offer and this project has targets for."""
    return (
        Candidate("A2-Lite", a2(3)),
        Candidate("A1 nano", a1((4, A1_FIRST), (2, A1_SECOND))),
        Candidate("A1 feather", a1((8, A1_FIRST), (4, A1_SECOND))),
        Candidate("LSTM 1x16", lstm(16, 1)),
        Candidate("LSTM 2x8", lstm(8, 2)),
    )


def candidates() -> tuple[Candidate, ...]:
    """The presets, the large ones that do not keep up, and shapes in between."""
    names = ("ReLU", "Sigmoid", "SiLU", "Softsign", "Hardswish", "Fasttanh", "Fastsigmoid")
    activations = [ir.Activation(name) for name in names]
    return (
        *presets(),
        Candidate("A1 lite", a1((12, A1_FIRST), (6, A1_SECOND))),
        Candidate("A1 standard", a1((16, A1_LONG), (8, A1_LONG))),
        Candidate("A2-Full", a2(8)),
        *(Candidate(f"A2 of {width}", a2(width)) for width in (2, 4, 5, 6)),
        *(Candidate(f"A1 of {width}", a1((width, A1_LONG))) for width in (1, 3, 7, 10)),
        *(Candidate(f"A1 of 4, {a.name}", a1((4, A1_LONG), activation=a)) for a in activations),
        Candidate("A1 of 4, gated", a1((4, A1_LONG), gating=ir.Gating.GATED)),
        Candidate("A1 of 6, blended", a1((6, A1_FIRST), gating=ir.Gating.BLENDED)),
        *(Candidate(f"LSTM {n}x{size}", lstm(size, n)) for n, size in ((1, 3), (1, 8), (1, 12))),
        *(Candidate(f"LSTM {n}x{size}", lstm(size, n)) for n, size in ((1, 24), (3, 4), (2, 16))),
        Candidate("ConvNet of 4", convnet(4)),
        Candidate("ConvNet of 12", convnet(12)),
        *(
            Candidate(f"A1 of {n}, short", a1((n, A1_SHORT)))
            for n in (5, 11, 13, 16, 19, 24, 31, 37, 48)
        ),
        Candidate("A1 of 29 and 9, short", a1((29, A1_SHORT), (9, A1_SHORT))),
        Candidate("A1 of 23, ReLU, short", a1((23, A1_SHORT), activation=activations[0])),
        Candidate("A1 of 17, gated, short", a1((17, A1_SHORT), gating=ir.Gating.GATED)),
        Candidate("A2 of 7", a2(7)),
        Candidate("ConvNet of 13", convnet(13)),
        Candidate("LSTM 1x13", lstm(13, 1)),
        Candidate("impulse response of 256", ir.Linear(conv(1, 1, 256))),
        Candidate("impulse response of 1024", ir.Linear(conv(1, 1, 1024))),
    )


def conv(
    inputs: int, outputs: int, kernel: int = 1, dilation: int = 1, *, bias: bool = True
) -> ir.Conv1d:
    """A convolution whose sums stay near the size of its inputs."""
    random = np.random.default_rng((inputs, outputs, kernel, dilation))
    weight = random.standard_normal((outputs, inputs, kernel)) * (inputs * kernel) ** -0.5
    offset = random.standard_normal(outputs) * 0.1
    return ir.Conv1d(np.float32(weight), np.float32(offset) if bias else None, dilation)


def a1(
    *arrays: tuple[int, Sequence[int]],
    activation: ir.Activation = TANH,
    gating: ir.Gating = ir.Gating.NONE,
) -> ir.WaveNet:
    """Arrays of `channels` and dilations, kernel size 3; heads run from one to the next."""
    made, inputs = [], 1
    for index, (channels, dilations) in enumerate(arrays):
        is_last = index == len(arrays) - 1
        layers = [layer(channels, 3, d, activation, gating) for d in dilations]
        width = 1 if is_last else arrays[index + 1][0]
        head = conv(channels, width, bias=is_last)
        made.append(array(inputs, layers, head, is_last=is_last))
        inputs = channels
    return ir.WaveNet(1, tuple(made), head_scale=0.02)


def a2(channels: int) -> ir.WaveNet:
    """One array of 23 layers; A2-Lite has 3 channels, A2-Full 8."""
    layers = [layer(channels, kernel, dilation, LEAKY) for kernel, dilation in A2_LAYERS]
    only = array(1, layers, conv(channels, 1, 16), is_last=True)
    return ir.WaveNet(1, (only,), head_scale=0.01)


def layer(
    channels: int,
    kernel: int,
    dilation: int,
    activation: ir.Activation,
    gating: ir.Gating = ir.Gating.NONE,
) -> ir.Layer:
    """A layer with its 1x1, without FiLM."""
    rows = channels if gating is ir.Gating.NONE else 2 * channels
    return ir.Layer(
        conv=conv(channels, rows, kernel, dilation),
        mixin=conv(1, rows, bias=False),
        activation=activation,
        gating=gating,
        secondary=None if gating is ir.Gating.NONE else ir.Activation("Sigmoid"),
        layer1x1=conv(channels, channels),
    )


def array(
    inputs: int, layers: Sequence[ir.Layer], head: ir.Conv1d, *, is_last: bool
) -> ir.LayerArray:
    """An array; nothing reads the residual path behind the last layer of the last one."""
    last = layers[-1]
    kept = ir.Layer(last.conv, last.mixin, last.activation, last.gating, last.secondary)
    chosen = (*layers[:-1], kept) if is_last else tuple(layers)
    return ir.LayerArray(conv(inputs, last.channels, bias=False), chosen, head)


def lstm(hidden: int, layers: int) -> ir.Lstm:
    """An LSTM with a head of one output."""
    cells = tuple(cell(1 if index == 0 else hidden, hidden) for index in range(layers))
    return ir.Lstm(1, cells, conv(hidden, 1), prewarm_frames=2400)


def cell(inputs: int, hidden: int) -> ir.LstmCell:
    """One LSTM layer that starts at zero."""
    random = np.random.default_rng((inputs, hidden))
    weight = random.standard_normal((4 * hidden, inputs + hidden)) * (inputs + hidden) ** -0.5
    zero = np.zeros(hidden, np.float32)
    bias = random.standard_normal(4 * hidden) * 0.1
    return ir.LstmCell(np.float32(weight), np.float32(bias), zero, zero)


def convnet(channels: int) -> ir.ConvNet:
    """Seven blocks of kernel size 2."""
    sizes = [1, *[channels] * 7]
    blocks = tuple(
        ir.ConvBlock(conv(sizes[i], channels, 2, 2**i), ir.Activation("ReLU")) for i in range(7)
    )
    return ir.ConvNet(blocks, conv(channels, 1))
