"""From floats to integers: near, proven, quiet in silence, always the same; or refused by name."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from small_networks import LEAKY, TANH, Weights, signal

from namgen import ir
from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.fixed.adversary import adversarial_inputs
from namgen.fixed.bounds import bounds, wrapping
from namgen.fixed.evaluate import evaluate
from namgen.fixed.ir import IntegerLayer, IntegerNetwork, LongTanh, ShortTanh, Slopes, Word
from namgen.fixed.precision import FixedPrecision
from namgen.fixed.quality import measure
from namgen.fixed.quantise import Quantised, quantise
from namgen.fixed.quantise.places import places
from namgen.fixed.quantise.selection import MOST_SHAPES, PLAIN, shapes
from namgen.fixed.quantise.setting import Setting
from namgen.fixed.real import real
from namgen.fixed.reference import FixedReference
from namgen.fixed.report import bounds_lines, quality_lines, words_lines
from namgen.reference import Reference

LAYERS = 6


def a2_like(activation: ir.Activation = LEAKY, width: int = 4) -> ir.WaveNet:
    """The shape of the A2 presets, small: every second kernel another, a head of many taps."""
    w = Weights(21)
    layers = [
        replace(w.layer(width, kernel=6 if i % 2 else 4, dilation=2 * i + 1), activation=activation)
        for i in range(LAYERS)
    ]
    array = ir.LayerArray(w.conv(1, width, bias=False), tuple(layers), w.conv(width, 1, kernel=8))
    return ir.WaveNet(1, (array,), 0.02)


def a1_like(activation: ir.Activation = TANH) -> ir.WaveNet:
    w = Weights(22)
    arrays = []
    for inputs, width, out in ((1, 4, 2), (4, 2, 1)):
        layers = [w.layer(width, kernel=3, dilation=2**i) for i in range(4)]
        layers = [replace(layer, activation=activation) for layer in layers]
        head = w.conv(width, out, bias=out == 1)
        arrays.append(ir.LayerArray(w.conv(inputs, width, bias=False), tuple(layers), head))
    return ir.WaveNet(1, tuple(arrays), 0.02)


NETWORKS = {
    "leaky": a2_like,
    "relu": lambda: a2_like(ir.Activation("ReLU")),
    "prelu": lambda: a2_like(ir.Activation("PReLU", (0.1, -0.2, 0.3, 0.0))),
    "odd width": lambda: a2_like(width=3),
    "one channel": lambda: a2_like(width=1),
    "groups": lambda: changed(layer1x1=Weights(3).conv(4, 4, groups=2)),
    "no 1x1": lambda: changed(layer1x1=None),
    "tanh": a1_like,
    "relu in two arrays": lambda: a1_like(ir.Activation("ReLU")),
}

CASES: tuple[tuple[str, FixedPrecision], ...] = (
    *((name, "fixed16") for name in NETWORKS),
    *((name, "fixed32") for name in NETWORKS),
)

LEAST_SNR_DB = {"fixed16": 62.0, "fixed32": 80.0}


@cache
def played() -> F32:
    """Loud and soft noise, for both to be heard."""
    return np.concatenate((signal(9000)[0], np.float32(0.05) * signal(9000, seed=2)[0]))


@cache
def made(name: str, precision: FixedPrecision = "fixed16") -> Quantised:
    return quantise(NETWORKS[name](), precision, calibration=played())


def snr(quantised: Quantised, x: F32) -> float:
    wanted = evaluate(quantised.real, x.astype(np.float64))
    heard = FixedReference(quantised.network, check=True).process(x[None, :])[0].astype(np.float64)
    about_rest = wanted - evaluate(quantised.real, np.zeros(1))
    return float(10 * np.log10((about_rest**2).sum() / ((heard - wanted) ** 2).sum()))


@pytest.mark.parametrize(("name", "precision"), CASES)
def test_the_integers_are_near_on_what_they_were_not_made_from(
    name: str, precision: FixedPrecision
) -> None:
    x = np.float32(0.8) * signal(5000, seed=77)[0]
    assert snr(made(name, precision), x) > LEAST_SNR_DB[precision]
    assert snr(made(name, precision), np.float32(0.1) * x) > LEAST_SNR_DB[precision] - 17.0


@pytest.mark.parametrize("name", NETWORKS)
def test_the_float_evaluation_is_the_network(name: str) -> None:
    x = signal(3000, seed=5)
    wanted = Reference(NETWORKS[name]()).process(x)[0].astype(np.float64)
    assert np.abs(evaluate(real(NETWORKS[name]()), x[0].astype(np.float64)) - wanted).max() < 1e-5


@pytest.mark.parametrize(("name", "precision"), CASES)
def test_no_sum_can_wrap(name: str, precision: FixedPrecision) -> None:
    quantised = made(name, precision)
    assert quantised.bounds == bounds(quantised.network)
    assert wrapping(quantised.network) == ()
    assert {bound.what for bound in quantised.bounds} >= {"z", "residual", "head sum", "output"}


@pytest.mark.parametrize(("name", "precision"), CASES)
def test_inputs_made_to_hurt_wrap_nothing(name: str, precision: FixedPrecision) -> None:
    quantised = made(name, precision)
    for _, x in adversarial_inputs(quantised.real, every=2):
        FixedReference(quantised.network, check=True).process(x[None, :])
    rough = np.concatenate((np.full(300, 3e38), np.full(300, -3e38), np.full(9, np.nan)))
    FixedReference(quantised.network, check=True).process(rough[None, :].astype(np.float32))


def test_a_network_that_could_wrap_is_told_by_its_bounds() -> None:
    network = made("leaky").network
    layer = network.arrays[0].layers[2]
    large = replace(layer, weight=np.sign(layer.weight) * np.int32(32767))
    told = wrapping(with_layer(network, 2, large))
    assert any("layer 2: z" in str(bound) for bound in told)
    inputs = [x for _, x in adversarial_inputs(made("leaky").real)]
    sums = FixedReference(with_layer(network, 2, large), check=True)
    with pytest.raises(OverflowError):
        sums.process(np.concatenate(inputs)[None, :])


def with_layer(network: IntegerNetwork, index: int, layer: object) -> IntegerNetwork:
    array = network.arrays[0]
    layers = list(array.layers)
    layers[index] = layer  # type: ignore[call-overload]
    return replace(network, arrays=(replace(array, layers=tuple(layers)),))


@pytest.mark.parametrize(("name", "precision"), CASES)
def test_silence_is_constant_after_playing(name: str, precision: FixedPrecision) -> None:
    x = np.concatenate((signal(2000, seed=8)[0], np.zeros(1500, np.float32)))
    heard = FixedReference(made(name, precision).network).process(x[None, :])[0]
    assert np.ptp(heard[:2000]) > 0
    assert np.ptp(heard[-500:]) == 0


def test_feedback_is_there_and_leaves_no_remainder_at_rest() -> None:
    everything = Setting(
        long_denses=frozenset((0,)),
        fed_convs=frozenset(range(1, LAYERS)),
        fed_denses=frozenset(range(1, LAYERS - 1)),
    )
    quantised = quantise(a2_like(), calibration=played(), setting=everything)
    layers = quantised.network.arrays[0].layers
    words = [layer.word for layer in layers[1:]] + [y.dense.word for y in layers[1:-1] if y.dense]
    masks = np.concatenate([word.masks for word in words if word and word.masks is not None])
    assert np.count_nonzero(masks) > 0.7 * masks.size
    x = np.concatenate((signal(2000, seed=8)[0], np.zeros(1500, np.float32)))
    assert np.ptp(FixedReference(quantised.network).process(x[None, :])[0][-500:]) == 0


def test_no_more_cycles_are_spent_than_there_are() -> None:
    spent = [
        quantise(a2_like(), calibration=played(), extra_cycles=most).extra_cycles
        for most in (0.0, 40.0, 200.0)
    ]
    assert spent[0] == 0
    assert 0 < spent[1] <= 40 < spent[2] <= 200


def test_it_is_made_alike_every_time() -> None:
    again = quantise(a2_like(), calibration=played()).network.arrays[0].layers
    for one, other in zip(made("leaky").network.arrays[0].layers, again, strict=True):
        assert np.array_equal(one.weight, other.weight)
        assert np.array_equal(one.bias, other.bias)


def test_activations_become_what_the_processor_has() -> None:
    assert isinstance(made("relu").network.arrays[0].layers[0].activation, Slopes)
    curves = [y.activation for a in made("tanh", "fixed32").network.arrays for y in a.layers]
    assert all(curve is curves[0] and isinstance(curve, LongTanh) for curve in curves)


def changed(**what: object) -> ir.WaveNet:
    network = a2_like()
    array = network.arrays[0]
    layer = replace(array.layers[1], **what)  # type: ignore[arg-type]
    layers = (array.layers[0], layer, *array.layers[2:])
    return replace(network, arrays=(replace(array, layers=layers),))


def test_words_are_long_everywhere_in_32_bits() -> None:
    for name in NETWORKS:
        layers = [y for a in made(name, "fixed32").network.arrays for y in a.layers]
        words = [y.word for y in layers] + [y.dense.word for y in layers if y.dense]
        assert not any(word.is_short for word in words if word)


@pytest.mark.parametrize("layer", range(1, LAYERS))
def test_any_convolution_alone_may_read_long_words(layer: int) -> None:
    setting = replace(PLAIN, long_convs=frozenset((layer,)))
    quantised = quantise(a2_like(), calibration=played(), setting=setting)
    assert snr(quantised, np.float32(0.8) * signal(5000, seed=77)[0]) > LEAST_SNR_DB["fixed16"]


def test_tanh_in_16_bits_reads_short_words_everywhere() -> None:
    layers = [y for array in made("tanh").network.arrays for y in array.layers]
    assert all(isinstance(y.activation, ShortTanh) for y in layers)
    assert all(word.is_short for y in layers for word in _words_of(y))
    assert all(y.dense.drop > 0 for y in layers if y.dense)


def _words_of(layer: IntegerLayer) -> list[Word]:
    dense = layer.dense.word if layer.dense else None
    return [word for word in (layer.word, dense) if word]


def test_weights_too_large_for_the_table_of_tanh_are_refused() -> None:
    network = a1_like()
    array = network.arrays[0]
    conv = array.layers[1].conv
    large = replace(array.layers[1], conv=replace(conv, weight=conv.weight * np.float32(1e6)))
    layers = (array.layers[0], large, *array.layers[2:])
    network = replace(network, arrays=(replace(array, layers=layers), network.arrays[1]))
    with pytest.raises(
        UnsupportedError, match=r"config.layers\[0\]: expected weights small enough for tanh"
    ):
        quantise(network, "fixed16", calibration=played())


def test_what_is_not_supported_is_refused_by_name() -> None:
    w = Weights(3)
    film = w.film(1, 4, shift=True)
    refused = {
        "layer 1: expected activation LeakyReLU, ReLU, PReLU or Tanh, found Softsign": changed(
            activation=ir.Activation("Softsign")
        ),
        "layer 1: expected no FiLM, found 1": changed(conv_post_film=film),
        "layer 1: expected no head1x1, found one": changed(head1x1=w.conv(4, 4)),
        "expected LeakyReLU, ReLU and PReLU together, or tanh alone, found tanh beside": changed(
            activation=TANH
        ),
        "config: expected no condition network, found one": replace(a2_like(), condition=a1_like()),
        "architecture: expected a WaveNet, found Linear": ir.Linear(w.conv(1, 1, kernel=3)),
    }
    for words, network in refused.items():
        with pytest.raises(UnsupportedError) as told:
            quantise(network)
        (line,) = told.value.lines
        assert words in line.replace("fixed point: ", "")


def test_biases_that_film_keeps_from_folding_are_not_refused_beside_it() -> None:
    w = Weights(3)
    array = a2_like().arrays[0]
    first = replace(array.layers[0], conv_pre_film=w.film(1, 4, shift=True))
    network = replace(a2_like(), arrays=(replace(array, layers=(first, *array.layers[1:])),))
    with pytest.raises(UnsupportedError) as told:
        quantise(network)
    assert told.value.lines == (
        "config.layers[0], layer 0: fixed point: expected no FiLM, found 1",
    )


def test_all_that_is_refused_is_told_at_once() -> None:
    w = Weights(3)
    network = changed(activation=ir.Activation("SiLU"), head1x1=w.conv(4, 4))
    with pytest.raises(UnsupportedError) as told:
        quantise(replace(network, condition=a1_like()))
    assert len(told.value.lines) == 3


def test_a_report_names_words_bounds_and_every_signal() -> None:
    quantised = made("leaky")
    quality = measure(quantised.network, quantised.real, frames=2000)
    assert quality.silence_dbfs is None
    assert quality.normal.held_out
    text = "\n".join((*words_lines(quantised.setting), *quality_lines(quality)))
    assert text.count("SNR") == 5
    assert "silence: constant" in text
    shares = [line for line in bounds_lines(quantised) if "of 2^31" in line]
    assert len(shares) == len({bound.what for bound in quantised.bounds})


def test_kernels_of_layers_stay_few() -> None:
    quantised = made("leaky")
    assert quantised.setting is not None
    assert len(shapes(quantised.setting, places(quantised.real))) <= MOST_SHAPES


def test_a_head_sum_that_would_wrap_is_shifted_by_less() -> None:
    asked = replace(PLAIN, long_denses=frozenset((0,)), head_shift=12)
    network = quantise(a2_like(), calibration=played(), setting=asked).network
    assert 0 < network.arrays[0].head.shift < 12
    assert wrapping(network) == ()
