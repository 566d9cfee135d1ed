"""The order of sums, against loops over single numbers that are written as the contract reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from small_networks import SIGMOID, TANH, Weights, everything, lstm, signal

from namgen import ir
from namgen.arithmetic import F32
from namgen.passes.fold import fold
from namgen.reference import Reference
from namgen.reference.activations import sigmoid
from namgen.reference.convolution import Convolution
from namgen.reference.float32 import IN_FLOAT32
from namgen.reference.fma import fma
from namgen.reference.recurrence import Recurrence
from namgen.reference.tanh import tanh

Vector = list[np.float32]


def one_fma(a: float, b: float, c: float) -> np.float32:
    return np.float32(fma(a, b, c))


def conv_frame(conv: ir.Conv1d, x: F32, t: int, start: Vector | None = None) -> Vector:
    """One output frame: the beginning, taps from the oldest, inputs ascending."""
    height, width = conv.out_channels // conv.groups, conv.in_channels // conv.groups
    out = []
    for o in range(conv.out_channels):
        acc = start[o] if start else np.float32(0) if conv.bias is None else conv.bias[o]
        for tap in range(conv.kernel_size):
            at = t - (conv.kernel_size - 1 - tap) * conv.dilation
            for i in range(width):
                value = x[o // height * width + i, at] if at >= 0 else np.float32(0)
                weight = conv.weight[o, i, tap]
                acc = one_fma(weight, value, acc)
        out.append(np.float32(acc))
    return out


def dense(conv: ir.Conv1d, v: Vector, start: Vector | None = None) -> Vector:
    return conv_frame(conv, np.array(v, np.float32)[:, None], 0, start)


def activated(activation: ir.Activation, v: Vector) -> Vector:
    return list(IN_FLOAT32.activation(activation)(np.array(v, np.float32)[:, None])[:, 0])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_a_convolution_sums_bias_then_taps_then_inputs(groups: int, bias: bool) -> None:
    conv = Weights(groups).conv(4, 8, kernel=3, dilation=2, groups=groups, bias=bias)
    x = signal(9, channels=4)
    expected = np.array([conv_frame(conv, x, t) for t in range(9)]).T
    np.testing.assert_array_equal(Convolution(conv, IN_FLOAT32, frames=9).advance(x), expected)


def test_reversing_the_order_of_the_taps_changes_bits() -> None:
    conv = Weights(3).conv(4, 4, kernel=3)
    x = signal(500, channels=4)
    backwards = replace(conv, weight=np.ascontiguousarray(conv.weight[:, :, ::-1]))
    tap = [np.pad(x, ((0, 0), (2 - k, 0)))[:, :500] for k in range(3)]
    stacked = np.concatenate(tap[::-1])
    as_dense = replace(conv, weight=backwards.weight.transpose(0, 2, 1).reshape(4, 12, 1))
    forward = Convolution(conv, IN_FLOAT32, frames=500).advance(x)
    reverse = Convolution(as_dense, IN_FLOAT32, frames=500).advance(stacked)
    np.testing.assert_allclose(forward, reverse, rtol=1e-5, atol=1e-6)
    assert (forward != reverse).mean() > 0.2


def wavenet_of(layer: ir.Layer) -> ir.WaveNet:
    """A network of one channel in which the layer's two outputs are audible."""
    w = Weights(5)
    reader = replace(w.layer(layer.channels, kernel=1, dilation=1), layer1x1=None)
    if layer.head1x1:
        reader = replace(reader, head1x1=w.conv(layer.channels, layer.head_width))
    array = ir.LayerArray(
        w.conv(1, layer.channels, bias=False), (layer, reader), w.conv(layer.head_width, 2)
    )
    return ir.WaveNet(1, (array,), 0.25)


def test_a_plain_layer_puts_the_mixin_between_bias_and_taps() -> None:
    w = Weights(6)
    network = fold(wavenet_of(replace(w.layer(3, kernel=2, dilation=1), layer1x1=w.conv(3, 3))))
    x = signal(6)
    array = network.arrays[0]
    layer, reader = array.layers
    assert layer.conv.bias is not None
    assert reader.conv.bias is not None
    assert layer.carry is not None
    assert layer.layer1x1 is not None
    for t in range(6):
        start = dense(layer.mixin, [x[0, t]], list(layer.conv.bias))
        v = activated(TANH, conv_frame(layer.conv, x, t, start))
        residual = dense(layer.layer1x1, v, dense(layer.carry, [x[0, t]]))
        start = dense(reader.mixin, [x[0, t]], list(reader.conv.bias))
        h = activated(TANH, dense(reader.conv, residual, start))
        head = [a + b for a, b in zip(v, h, strict=True)]
        expected = [y * np.float32(0.25) for y in dense(array.head, head)]
        found = Reference(network, start="cold").process(x)[:, t]
        np.testing.assert_array_equal(found, expected, err_msg=f"frame {t}")


def one_layer(layer: ir.Layer) -> ir.WaveNet:
    w = Weights(9)
    array = ir.LayerArray(w.conv(1, 2, bias=False), (layer,), w.conv(2, 1))
    return ir.WaveNet(1, (array,), 1.0)


def check_frames(network: ir.WaveNet, expected: Callable[[np.float32], Vector]) -> None:
    """`expected` gives the layer's v from one frame of input; kernels are 1."""
    x = signal(150)
    found = Reference(network, start="cold").process(x)
    wanted = [dense(network.arrays[0].head, expected(value)) for value in x[0]]
    np.testing.assert_array_equal(found, np.array(wanted).T)


def test_gated_multiplies() -> None:
    w = Weights(7)
    conv, mixin = w.conv(2, 4), w.conv(1, 4, bias=False)
    network = one_layer(ir.Layer(conv, mixin, TANH, ir.Gating.GATED, SIGMOID))

    def v(x: np.float32) -> Vector:
        z = plain_z(network, x)
        return [
            a * b for a, b in zip(activated(TANH, z[:2]), activated(SIGMOID, z[2:]), strict=True)
        ]

    check_frames(network, v)


def test_blended_is_one_fma_on_a_difference() -> None:
    w = Weights(7)
    conv, mixin = w.conv(2, 4), w.conv(1, 4, bias=False)
    network = one_layer(ir.Layer(conv, mixin, TANH, ir.Gating.BLENDED, SIGMOID))

    def v(x: np.float32) -> Vector:
        z = plain_z(network, x)
        u, s = activated(TANH, z[:2]), activated(SIGMOID, z[2:])
        return [one_fma(s[i], u[i] - z[i], z[i]) for i in range(2)]

    check_frames(network, v)


def plain_z(network: ir.WaveNet, x: np.float32) -> Vector:
    array, layer = network.arrays[0], network.arrays[0].layers[0]
    assert layer.conv.bias is not None
    start = dense(layer.mixin, [x], list(layer.conv.bias))
    return dense(layer.conv, dense(array.rechannel, [x]), start)


@pytest.mark.parametrize("shift", [True, False])
def test_film_is_one_fma_with_shift_and_a_product_without(shift: bool) -> None:
    w = Weights(8)
    film = w.film(1, 2, shift=shift)
    layer = ir.Layer(w.conv(2, 2), w.conv(1, 2, bias=False), TANH, conv_post_film=film)
    network = one_layer(layer)

    def v(x: np.float32) -> Vector:
        zc, zm = dense(layer.conv, dense(network.arrays[0].rechannel, [x])), dense(layer.mixin, [x])
        rows = dense(film.modulator, [x])
        f = [one_fma(zc[i], rows[i], rows[2 + i]) if shift else zc[i] * rows[i] for i in range(2)]
        return activated(TANH, [a + b for a, b in zip(f, zm, strict=True)])

    check_frames(network, v)


def test_an_lstm_sums_bias_inputs_hidden_and_updates_with_one_fma() -> None:
    network = lstm()
    x = signal(8)
    states = [(list(cell.hidden), list(cell.cell)) for cell in network.cells]
    found = Reference(network, start="cold").process(x)
    for t in range(8):
        v = [x[0, t]]
        for index, cell in enumerate(network.cells):
            n = cell.hidden_size
            hidden, memory = states[index]
            matrix = ir.Conv1d(cell.weight[:, :, None], cell.bias)
            rows = np.array(dense(matrix, v + hidden), np.float32)
            i, f, o = (sigmoid(IN_FLOAT32, rows[k * n : (k + 1) * n]) for k in (0, 1, 3))
            g = tanh(rows[2 * n : 3 * n])
            memory = [one_fma(f[k], memory[k], i[k] * g[k]) for k in range(n)]
            v = list(o * tanh(np.array(memory, np.float32)))
            states[index] = (v, memory)
        np.testing.assert_array_equal(found[:, t], dense(network.head, v), err_msg=f"frame {t}")


def test_a_hidden_sum_that_two_roundings_get_wrong_is_rounded_once() -> None:
    partial = np.array([1 + 2.0**-23, 0.5], np.float32)
    weight = np.array([[1 + 2.0**-23], [1]], np.float32)
    hidden = np.array([2.0**-24 * (1 - 2.0**-23)], np.float32)
    twice = (weight[0].astype(np.float64) * hidden + partial[0]).astype(np.float32)
    found = Recurrence(weight).add(partial, hidden)
    assert twice[0] == np.float32(1 + 2.0**-22)
    assert found[0] == partial[0]


def test_a_subnormal_hidden_sum_is_rounded_once() -> None:
    partial = np.array([2.0**-127 + 2.0**-149], np.float32)
    weight = np.array([[2.0**-75 * (1 + 2.0**-23)]], np.float32)
    hidden = np.array([2.0**-75 * (1 - 2.0**-23)], np.float32)
    twice = (weight[0].astype(np.float64) * hidden + partial).astype(np.float32)
    found = Recurrence(weight).add(partial, hidden)
    assert twice[0] == np.float32(2.0**-127 + 2.0**-148)
    assert found[0] == partial[0]


def test_the_condition_network_makes_what_the_mixin_reads() -> None:
    network = everything()
    assert network.condition is not None
    x = signal(50)
    layer = ir.Layer(Weights(9).conv(1, 2), Weights(10).conv(2, 2, bias=False), TANH)
    array = ir.LayerArray(Weights(11).conv(1, 1, bias=False), (layer,), Weights(12).conv(2, 1))
    small = replace(network, arrays=(array,))
    condition = Reference(network.condition, start="cold").process(x)
    found = Reference(small, start="cold").process(x)
    assert layer.conv.bias is not None
    for t in range(50):
        start = dense(layer.mixin, list(condition[:, t]), list(layer.conv.bias))
        v = activated(TANH, dense(layer.conv, dense(array.rechannel, [x[0, t]]), start))
        expected = [y * np.float32(1.5) for y in dense(array.head, v)]
        np.testing.assert_array_equal(found[:, t], expected, err_msg=f"frame {t}")
