"""The folded form of a network: the same function, with less work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_networks import Weights, convnet, linear, lstm, signal

from namgen import ir, measures
from namgen.arithmetic import F32
from namgen.passes.fold import fold
from namgen.reference import cold


def layers(count: int) -> ir.WaveNet:
    """Two arrays of plain layers with biases everywhere."""
    w = Weights(11)
    run = tuple(
        replace(w.layer(3, kernel=3, dilation=d + 1), layer1x1=w.conv(3, 3)) for d in range(count)
    )
    narrow = tuple(
        replace(w.layer(2, kernel=2, dilation=d + 1), layer1x1=w.conv(2, 2)) for d in range(count)
    )
    first = ir.LayerArray(w.conv(1, 3, bias=False), run, w.conv(3, 2))
    second = ir.LayerArray(w.conv(3, 2, bias=False), narrow, w.conv(2, 1))
    return ir.WaveNet(1, (first, second), 0.5)


def plain_run(network: ir.WaveNet, x: F32, *, rest: bool) -> np.ndarray:
    """Run plain layers in float64, histories at `Layer.rest` or zero."""
    residual, head = x.astype(np.float64), None
    for array in network.arrays:
        if array.rechannel:
            residual = conv64(array.rechannel, residual, None)
        for layer in array.layers:
            z = np.tanh(
                conv64(layer.conv, residual, layer.rest if rest else None)
                + conv64(layer.mixin, x.astype(np.float64), None)
            )
            head = z if head is None else head + z
            carried = conv64(layer.carry, residual, None) if layer.carry else residual
            residual = carried + conv64(layer.layer1x1, z, None)
        head = conv64(array.head, head, None)
    return head * network.head_scale


def conv64(conv: ir.Conv1d, x: np.ndarray, rest: F32 | None) -> np.ndarray:
    past = np.zeros((conv.in_channels, conv.lookback))
    if rest is not None:
        past += rest[:, None]
    padded = np.concatenate([past, x], axis=1)
    out = np.zeros((conv.out_channels, x.shape[1]))
    for tap in range(conv.kernel_size):
        at = tap * conv.dilation
        out += conv.weight[:, :, tap].astype(np.float64) @ padded[:, at : at + x.shape[1]]
    return out if conv.bias is None else out + conv.bias[:, None]


def test_the_folded_form_computes_the_same_function_from_a_cold_start() -> None:
    network, x = layers(4), signal(200)
    expected = plain_run(network, x, rest=False)
    np.testing.assert_allclose(plain_run(fold(network), x, rest=True), expected, atol=2e-6)


def test_folding_takes_biases_off_the_residual_path_and_the_rechannel_off_the_first_array() -> None:
    folded = fold(layers(3))
    first, second = folded.arrays
    assert first.rechannel is None
    assert first.layers[0].conv.in_channels == 1
    assert second.rechannel is not None
    every = [layer for array in folded.arrays for layer in array.layers]
    assert all(layer.layer1x1.bias is None for layer in every)
    assert measures.macs(folded) < measures.macs(layers(3))


def test_folding_twice_changes_nothing() -> None:
    once = fold(layers(3))
    for again, before in zip(fold(once).arrays, once.arrays, strict=True):
        for a, b in zip(again.layers, before.layers, strict=True):
            np.testing.assert_array_equal(a.conv.weight, b.conv.weight)
            np.testing.assert_array_equal(a.conv.bias, b.conv.bias)


def test_a_cold_start_of_the_folded_form_rests_where_zero_was() -> None:
    network = layers(2)
    start = cold(network)
    bias = network.arrays[0].layers[0].layer1x1.bias
    np.testing.assert_array_equal(start.arrays[0].layers[1], -bias)
    assert not start.arrays[0].layers[0].any()


@pytest.mark.parametrize("name", ["conv_pre_film", "layer1x1_post_film"])
def test_a_film_on_the_residual_path_keeps_its_constants(name: str) -> None:
    w, network = Weights(12), layers(1)
    film = w.film(1, 3, shift=True)
    layer = replace(network.arrays[0].layers[0], **{name: film})
    array = replace(network.arrays[0], layers=(layer,))
    kept = fold(replace(network, arrays=(array, *network.arrays[1:]))).arrays[0].layers[0]
    assert kept.layer1x1.bias is not None


def test_what_folding_does_not_know_it_leaves_alone() -> None:
    for network in (lstm(), convnet(), linear()):
        assert fold(network) is network
