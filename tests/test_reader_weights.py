"""Weight counts of every architecture, against NAM's published presets, and the cursor."""

from __future__ import annotations

import numpy as np
import pytest

from namgen.nam_file.counts import count
from namgen.nam_file.types import (
    ActivationConfig,
    ConvNetConfig,
    HeadConfig,
    LayerArrayConfig,
    LayerConfig,
    LinearConfig,
    LstmConfig,
    WaveNetConfig,
)
from namgen.weights import WeightStream

LONG = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
LITE = ((1, 2, 4, 8, 16, 32, 64), (128, 256, 512, *LONG))
A2_DILATIONS = (1, 3, 7, 17, 41, 101, 239)


def a1(first: int, second: int, dilations: tuple[tuple[int, ...], ...]) -> WaveNetConfig:
    def array(inputs: int, channels: int, outputs: int, which: int) -> LayerArrayConfig:
        tanh = ActivationConfig("Tanh")
        layers = tuple(LayerConfig(3, d, tanh, "none", None) for d in dilations[which])
        head = HeadConfig(outputs, 1, bias=which == 1, dilation=1)
        return LayerArrayConfig(inputs, 1, channels, channels, layers, head)

    return WaveNetConfig(1, (array(1, first, second, 0), array(first, second, 1, 1)))


def a2(channels: int) -> WaveNetConfig:
    dilations = A2_DILATIONS * 2 + (1, 13) + A2_DILATIONS
    kernels = (6,) * 14 + (15, 15) + (6,) * 7
    leaky = ActivationConfig("LeakyReLU", (0.01,))
    layers = tuple(
        LayerConfig(k, d, leaky, "none", None) for k, d in zip(kernels, dilations, strict=True)
    )
    head = HeadConfig(1, 16, bias=True, dilation=1)
    return WaveNetConfig(1, (LayerArrayConfig(1, 1, channels, channels, layers, head),))


RELU = ActivationConfig("ReLU")


@pytest.mark.parametrize(
    ("config", "weights"),
    [
        (a1(16, 8, (LONG, LONG)), 13802),
        (a1(12, 6, LITE), 6554),
        (a1(8, 4, LITE), 3026),
        (a1(4, 2, LITE), 842),
        (a1(2, 2, LITE), 454),
        (a2(8), 12146),
        (a2(3), 1871),
        (LstmConfig(1, 1, 24, 1), 2569),
        (LstmConfig(1, 1, 8, 2), 905),
        (LstmConfig(1, 1, 16, 1), 1201),
        (LstmConfig(1, 1, 18, 3), 6895),
        (ConvNetConfig(1, 1, 16, tuple(2**i for i in range(12)) * 2, True, RELU, 1), 13385),
        (LinearConfig(1, 1, 600, bias=True), 601),
    ],
)
def test_the_weight_count_of_a_preset_is_the_published_one(
    config: WaveNetConfig | LstmConfig | ConvNetConfig | LinearConfig, weights: int
) -> None:
    assert count(config) == weights


def test_the_stream_hands_out_blocks_in_order() -> None:
    stream = WeightStream(np.arange(10, dtype=np.float32))
    np.testing.assert_array_equal(stream.take(2, 3), [[0, 1, 2], [3, 4, 5]])
    assert stream.remaining == 4
    np.testing.assert_array_equal(stream.take(4), [6, 7, 8, 9])
    assert stream.remaining == 0


def test_the_stream_does_not_run_past_its_end_or_share_memory() -> None:
    values = np.zeros(3, dtype=np.float32)
    stream = WeightStream(values)
    stream.take(1)[:] = 1
    assert not values.any()
    with pytest.raises(IndexError, match="3 weights wanted, 2 left"):
        stream.take(3)
