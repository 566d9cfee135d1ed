"""The counts of the trainer's presets, and of the features those do not have."""

from __future__ import annotations

import numpy as np
import pytest
from small_networks import LEAKY, TANH, Weights, everything, lstm, two_arrays

from namgen import ir, measures

A1_LONG = tuple(2**i for i in range(10))
A1_SHORT = tuple(2**i for i in range(7))
A1_SECOND = (128, 256, 512, *A1_LONG)
A2_DILATIONS = (1, 3, 7, 17, 41, 101, 239) * 2 + (1, 13) + (1, 3, 7, 17, 41, 101, 239)
A2_KERNELS = (6,) * 14 + (15, 15) + (6,) * 7


def layers(
    channels: int, kernels: tuple[int, ...], dilations: tuple[int, ...], activation: ir.Activation
) -> tuple[ir.Layer, ...]:
    w = Weights(0)
    made = []
    for kernel, dilation in zip(kernels, dilations, strict=True):
        conv = w.conv(channels, channels, kernel=kernel, dilation=dilation)
        mixin = w.conv(1, channels, bias=False)
        made.append(ir.Layer(conv, mixin, activation, layer1x1=w.conv(channels, channels)))
    return tuple(made)


def without_dead_end(made: tuple[ir.Layer, ...]) -> tuple[ir.Layer, ...]:
    last = made[-1]
    return (*made[:-1], ir.Layer(last.conv, last.mixin, last.activation))


def a1(channels: int, head: int, first: tuple[int, ...], second: tuple[int, ...]) -> ir.WaveNet:
    w = Weights(1)
    one = layers(channels, (3,) * len(first), first, TANH)
    two = without_dead_end(layers(head, (3,) * len(second), second, TANH))
    arrays = (
        ir.LayerArray(w.conv(1, channels, bias=False), one, w.conv(channels, head, bias=False)),
        ir.LayerArray(w.conv(channels, head, bias=False), two, w.conv(head, 1)),
    )
    return ir.WaveNet(1, arrays, 0.02)


def a2(channels: int) -> ir.WaveNet:
    w = Weights(2)
    made = without_dead_end(layers(channels, A2_KERNELS, A2_DILATIONS, LEAKY))
    array = ir.LayerArray(w.conv(1, channels, bias=False), made, w.conv(channels, 1, kernel=16))
    return ir.WaveNet(1, (array,), 0.01)


def recurrent(hidden: int, count: int) -> ir.Lstm:
    w, cells = Weights(3), []
    for inputs in [1] + [hidden] * (count - 1):
        state = np.zeros(hidden, np.float32)
        weight = w.array(4 * hidden, inputs + hidden)
        cells.append(ir.LstmCell(weight, w.array(4 * hidden), state, state))
    return ir.Lstm(1, tuple(cells), w.conv(hidden, 1), 24000)


PRESETS = {  # network, parameters in the file, unused ones in it, MACs, activations, field, bytes
    "A1 standard": (a1(16, 8, A1_LONG, A1_LONG), 13802, 72, 13256, 240, 4093, 196416),
    "A1 lite": (a1(12, 6, A1_SHORT, A1_SECOND), 6554, 42, 6192, 162, 4093, 104304),
    "A1 feather": (a1(8, 4, A1_SHORT, A1_SECOND), 3026, 20, 2792, 108, 4093, 69536),
    "A1 nano": (a1(4, 2, A1_SHORT, A1_SECOND), 842, 6, 728, 54, 4093, 34768),
    "A2 full": (a2(8), 12146, 72, 11712, 184, 6347, 203072),
    "A2 lite": (a2(3), 1871, 12, 1722, 69, 6347, 76152),
    "LSTM 1x24": (recurrent(24, 1), 2569, 0, 2424, 120, None, 192),
    "LSTM 2x8": (recurrent(8, 2), 905, 0, 808, 80, None, 128),
    "LSTM 3x18": (recurrent(18, 3), 6895, 0, 6570, 270, None, 432),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_its_published_sizes(name: str) -> None:
    network, parameters, unused, macs, activations, field, history = PRESETS[name]
    assert measures.parameters(network) == parameters - unused
    assert measures.macs(network) == macs
    assert measures.activations_per_frame(network) == activations
    assert measures.receptive_field(network) == field
    assert measures.history_bytes(network) == history


def test_lstm_start_states_are_parameters_but_not_weights() -> None:
    network = recurrent(24, 1)
    assert measures.parameters(network) * 4 - measures.weight_bytes(network) == 2 * 24 * 4


def test_a_condition_network_counts_in_everything() -> None:
    network = everything()
    assert network.condition is not None
    bare = ir.WaveNet(1, network.arrays, network.head_scale)
    counts = (
        measures.macs,
        measures.parameters,
        measures.activations_per_frame,
        measures.history_bytes,
        measures.weight_bytes,
    )
    for count in counts:
        assert count(network) == count(bare) + count(network.condition)


def test_anything_with_an_lstm_has_no_end_to_its_receptive_field() -> None:
    assert measures.receptive_field(ir.Sequential((two_arrays(), lstm()))) is None


def test_gated_layers_count_both_activations() -> None:
    w = Weights(4)
    conv, mixin = w.conv(2, 6), w.conv(1, 6, bias=False)
    layer = ir.Layer(conv, mixin, TANH, ir.Gating.GATED, ir.Activation("Sigmoid"))
    array = ir.LayerArray(w.conv(1, 2, bias=False), (layer,), w.conv(3, 1))
    assert measures.activations_per_frame(ir.WaveNet(1, (array,), 1.0)) == 6
