"""What lowering makes of each architecture, from configs built by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from namgen import ir
from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.lower import lower
from namgen.nam_file.counts import count
from namgen.nam_file.types import (
    ActivationConfig,
    Config,
    ContainerConfig,
    ConvNetConfig,
    FilmConfig,
    HeadConfig,
    LayerArrayConfig,
    LayerConfig,
    LinearConfig,
    LstmConfig,
    NamFile,
    NamModel,
    PostHeadConfig,
    SequentialConfig,
    Submodel,
    WaveNetConfig,
)
from namgen.reference import Reference

TANH = ActivationConfig("Tanh")
SIGMOID = ActivationConfig("Sigmoid")


def weights_for(config: Config) -> F32:
    """As many different numbers as the config implies."""
    return (np.arange(count(config)) / 64 - 0.5).astype(np.float32)


def model(config: Config, weights: F32 | None = None, rate: float | None = 48000) -> NamModel:
    values = weights_for(config) if weights is None else weights
    return NamModel("0.7.0", type(config).__name__.removesuffix("Config"), config, values, rate)


def file_of(content: NamModel, name: str = "tweed.nam") -> NamFile:
    return NamFile(name, sha256="0" * 64, size_bytes=1, model=content)


def network_of(
    config: Config, weights: F32 | None = None, rate: float | None = 48000
) -> ir.Network:
    return lower(file_of(model(config, weights, rate))).network


def plain(dilation: int = 1, activation: ActivationConfig = TANH) -> LayerConfig:
    return LayerConfig(3, dilation, activation, "none", None)


def array(
    layers: tuple[LayerConfig, ...] = (plain(1), plain(2)), **changes: object
) -> LayerArrayConfig:
    base = LayerArrayConfig(1, 1, 2, 2, layers, HeadConfig(1, 1, bias=True, dilation=1))
    return replace(base, **changes)  # type: ignore[arg-type]


def wavenet(*arrays: LayerArrayConfig, **changes: object) -> WaveNetConfig:
    return replace(WaveNetConfig(1, arrays or (array(),)), **changes)  # type: ignore[arg-type]


def lowered_wavenet(config: WaveNetConfig) -> ir.WaveNet:
    network = network_of(config)
    assert isinstance(network, ir.WaveNet)
    return network


def test_wavenet_weights_come_in_the_order_of_the_file() -> None:
    config = wavenet(post_head=PostHeadConfig(2, 1, (2, 1), TANH))
    values = weights_for(config)
    network = lowered_wavenet(config)
    conv = network.arrays[0].layers[0].conv
    mixin = network.arrays[0].layers[0].mixin
    np.testing.assert_array_equal(network.arrays[0].rechannel.weight.ravel(), values[:2])
    np.testing.assert_array_equal(conv.weight, values[2:14].reshape(2, 2, 3))
    np.testing.assert_array_equal(conv.bias, values[14:16])
    np.testing.assert_array_equal(mixin.weight.ravel(), values[16:18])
    assert network.post_head is not None
    np.testing.assert_array_equal(network.post_head.convs[-1].bias, values[-2:-1])
    assert network.head_scale == values[-1]


def test_only_the_last_layer_of_the_last_array_loses_its_1x1() -> None:
    second = array(input_size=2, head=HeadConfig(1, 1, bias=False, dilation=1))
    first = array(head=HeadConfig(2, 1, bias=False, dilation=1))
    network = lowered_wavenet(wavenet(first, second))
    present = [[layer.layer1x1 is not None for layer in a.layers] for a in network.arrays]
    assert present == [[True, True], [True, False]]


@pytest.mark.parametrize("gating", ["none", "gated", "blended"])
def test_layer1x1_post_film_is_kept_in_every_gating_mode(gating: str) -> None:
    layer = LayerConfig(2, 1, TANH, gating, None if gating == "none" else SIGMOID)
    films = (None,) * 6 + (FilmConfig(shift=True, groups=1), None)
    network = lowered_wavenet(wavenet(array((layer, layer), films=films)))
    first, last = network.arrays[0].layers
    assert first.layer1x1_post_film is not None
    assert last.layer1x1_post_film is None  # nothing reads what it would modulate


def test_prelu_with_one_slope_is_leaky_relu() -> None:
    one = ActivationConfig("PReLU", (0.3,))
    many = ActivationConfig("PReLU", (0.3, 0.4))
    layers = lowered_wavenet(wavenet(array((plain(1, one), plain(1, many))))).arrays[0].layers
    assert layers[0].activation == ir.Activation("LeakyReLU", (0.3,))
    assert layers[1].activation == ir.Activation("PReLU", (0.3, 0.4))


def test_fast_tanh_replaces_every_tanh_and_nothing_else() -> None:
    gated = LayerConfig(2, 1, SIGMOID, "gated", TANH)
    config = wavenet(array((plain(), gated)), post_head=PostHeadConfig(1, 1, (1,), TANH))
    network = lower(file_of(model(config)), tanh="fast").network
    assert isinstance(network, ir.WaveNet)
    assert network.post_head is not None
    first, second = network.arrays[0].layers
    assert first.activation == second.secondary == ir.Activation("Fasttanh")
    assert network.post_head.activation == ir.Activation("Fasttanh")
    assert second.activation == ir.Activation("Sigmoid")


def test_linear_weights_are_newest_first_in_the_file_and_oldest_first_in_the_network() -> None:
    config = LinearConfig(1, 1, receptive_field=3, bias=True)
    network = network_of(config, np.array([1, 2, 3, 0.5], np.float32))
    impulse = np.array([[1, 0, 0, 0]], np.float32)
    np.testing.assert_array_equal(Reference(network).process(impulse), [[1.5, 2.5, 3.5, 0.5]])


def impulses(network: ir.Network) -> F32:
    """Answers (input, output, frame) to an impulse at each input, the bias taken off."""
    silence = np.zeros((network.in_channels, 4), np.float32)
    answers = []
    for channel in range(network.in_channels):
        x = silence.copy()
        x[channel, 0] = 1
        answers.append(Reference(network).process(x) - Reference(network).process(silence))
    return np.stack(answers)


def test_a_linear_of_equal_channels_shares_one_response_and_one_bias() -> None:
    network = network_of(LinearConfig(2, 2, 3, bias=True), np.float32([1, 2, 3, 0.5]))
    response = [1, 2, 3, 0]
    np.testing.assert_array_equal(impulses(network), np.eye(2)[:, :, None] * response)
    np.testing.assert_array_equal(Reference(network).process(np.zeros((2, 1), np.float32)), 0.5)


def test_a_linear_from_one_to_many_has_a_response_and_a_bias_for_every_output() -> None:
    network = network_of(LinearConfig(1, 2, 2, bias=True), np.float32([1, 2, 3, 4, 0.25, 0.5]))
    np.testing.assert_array_equal(impulses(network), [[[1, 2, 0, 0], [3, 4, 0, 0]]])
    silence = Reference(network).process(np.zeros((1, 1), np.float32))
    np.testing.assert_array_equal(silence, [[0.25], [0.5]])


def test_a_linear_from_many_to_one_sums_its_paths_and_adds_one_bias() -> None:
    network = network_of(LinearConfig(2, 1, 2, bias=True), np.float32([1, 2, 3, 4, 0.25]))
    np.testing.assert_array_equal(impulses(network), [[[1, 2, 0, 0]], [[3, 4, 0, 0]]])
    np.testing.assert_array_equal(Reference(network).process(np.zeros((2, 1), np.float32)), 0.25)


def test_batch_norm_is_folded_in_float64() -> None:
    config = ConvNetConfig(1, 1, 2, (1,), batchnorm=True, activation=TANH, groups=1)
    taps = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
    mean, variance, weight, bias, epsilon = [0.5, -0.5], [2, 3], [1.5, 0.7], [0.1, 0.2], [1e-5]
    values = np.array([*taps, *mean, *variance, *weight, *bias, *epsilon, 1, 1, 0], np.float32)
    network = network_of(config, values)
    assert isinstance(network, ir.ConvNet)
    scale = values[8:10].astype(float) / np.sqrt(values[6:8].astype(float) + float(values[12]))
    expected = (taps.astype(float).reshape(2, 1, 2) * scale[:, None, None]).astype(np.float32)
    np.testing.assert_array_equal(network.blocks[0].conv.weight, expected)
    shift = values[10:12].astype(float) - scale * values[4:6].astype(float)
    np.testing.assert_array_equal(network.blocks[0].conv.bias, shift.astype(np.float32))


def test_a_batch_norm_of_negative_variance_is_refused() -> None:
    config = ConvNetConfig(1, 1, 1, (1,), batchnorm=True, activation=TANH, groups=1)
    values = np.array([1, 1, 0, -1, 1, 0, 0, 1, 0], np.float32)
    with pytest.raises(UnsupportedError, match="variance \\+ epsilon above 0"):
        network_of(config, values)


@pytest.mark.parametrize(
    ("rate", "frames"), [(48000, 24000), (44100, 22080), (96000, 48000), (None, 64), (1, 64)]
)
def test_an_lstm_prewarms_half_a_second_in_blocks_of_64(rate: float | None, frames: int) -> None:
    network = network_of(LstmConfig(1, 1, hidden_size=2, num_layers=2), rate=rate)
    assert isinstance(network, ir.Lstm)
    assert network.prewarm_frames == frames


def test_an_lstm_as_condition_prewarms_for_the_networks_around_it_too() -> None:
    lstm = model(LstmConfig(1, 1, hidden_size=2, num_layers=1))
    inner = model(wavenet(condition=lstm))  # lookback 2 + 4
    network = lowered_wavenet(wavenet(array((plain(100),)), condition=inner))  # lookback 200
    assert isinstance(network.condition, ir.WaveNet)
    assert isinstance(network.condition.condition, ir.Lstm)
    assert network.condition.condition.prewarm_frames == -(-(24000 + 206) // 64) * 64


def test_an_lstm_in_a_chain_prewarms_as_long_as_all_of_it() -> None:
    lstm = model(LstmConfig(1, 1, hidden_size=2, num_layers=1), rate=None)
    parts = (model(wavenet(array((plain(100),)))), model(LinearConfig(1, 1, 9, bias=False)), lstm)
    network = network_of(SequentialConfig((model(SequentialConfig(parts)),)))
    assert isinstance(network, ir.Sequential)
    (inner,) = network.networks
    assert isinstance(inner, ir.Sequential)
    assert isinstance(inner.networks[2], ir.Lstm)
    assert inner.networks[2].prewarm_frames == -(-(201 + 1) // 64) * 64


def test_a_chain_starts_as_after_endless_silence() -> None:
    parts = (model(wavenet()), model(LinearConfig(1, 1, 40, bias=True)), model(wavenet()))
    network = network_of(SequentialConfig(parts))
    long, x = np.zeros((1, 500), np.float32), np.linspace(-1, 1, 50, dtype=np.float32)[None]
    cold = Reference(network, start="cold").process(np.concatenate([long, x], axis=1))[:, 500:]
    np.testing.assert_array_equal(Reference(network).process(x), cold)


def test_an_lstm_without_layers_passes_its_input_through() -> None:
    network = network_of(LstmConfig(2, 1, hidden_size=3, num_layers=0))
    x = np.array([[0.1, 0.2], [5, 6]], np.float32)
    np.testing.assert_array_equal(Reference(network).process(x), x[:1])


def test_sequential_is_the_composition_of_its_parts() -> None:
    parts = (model(LinearConfig(1, 1, 3, bias=True)), model(wavenet()))
    network = network_of(SequentialConfig(parts))
    x = np.linspace(-1, 1, 50, dtype=np.float32)[None]
    first, second = (lower(file_of(part)).network for part in parts)
    expected = Reference(second, start="cold").process(Reference(first, start="cold").process(x))
    np.testing.assert_array_equal(Reference(network, start="cold").process(x), expected)


def test_the_model_says_where_it_came_from() -> None:
    found = lower(file_of(model(wavenet(), rate=44100), name="My Amp.nam"))
    assert (found.name, found.source, found.sample_rate_hz) == ("my_amp", "My Amp.nam", 44100)
    assert lower(file_of(model(wavenet(), rate=None))).sample_rate_hz == 48000
    assert lower(file_of(model(wavenet())), name="clean").name == "clean"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "2x"}, "name: expected lower-case"),
        ({"tanh": "slow"}, 'tanh: expected "exact" or "fast"'),
        ({"slim": 1.5}, "slim: expected a ratio from 0 to 1"),
        ({"slim": 0.5}, "needs a container or a slimmable WaveNet"),
        ({"submodel": "lite"}, "only full: the file holds one model"),
    ],
)
def test_a_choice_that_the_file_does_not_offer_is_refused(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(UnsupportedError, match=message):
        lower(file_of(model(wavenet())), **options)  # type: ignore[arg-type]


def test_a_chain_says_why_its_container_is_not_to_choose_from() -> None:
    box = model(ContainerConfig((Submodel(1.0, model(wavenet())),)))
    chain = file_of(model(SequentialConfig((box, model(LinearConfig(1, 1, 3, bias=False))))))
    with pytest.raises(UnsupportedError, match="only full: a chain plays what is in it at full"):
        lower(chain, submodel="lite")
