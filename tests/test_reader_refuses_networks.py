"""Every malformed LSTM, ConvNet, Linear, container and Sequential is refused, with its path."""

from __future__ import annotations

from pathlib import Path

import make_nam
import pytest
from make_nam import DELETE, a1, a1_array, a2, put
from refusals import ARCHITECTURES, CHILD, VERSIONS, Cases, only, problems

CONDITION = "config.condition_dsp"
LINEAR = {"receptive_field": 3, "bias": False}
ONE_RATE = "the models of a Sequential share one rate"
OLD_FORM = only(
    "config.models",
    "complete models (version, architecture, config and weights each)",
    "the old form, configs whose weights are one list outside: it does not say which architectures"
    " they are and where each one's weights end, so NAM Core and the trainer refuse it too; export"
    " the model again with a trainer newer than 23 August 2026",
)

CASES: Cases = {
    "LSTM keys missing": (
        put(make_nam.lstm(), "config", {}),
        only("config.hidden_size", "an integer >= 1", "nothing")
        + only("config.num_layers", "an integer >= 0", "nothing")
        + only("config.input_size", "an integer >= 1", "nothing"),
    ),
    "LSTM input size": (
        put(make_nam.lstm(), "config.input_size", 2),
        only("config.input_size", "1 (in_channels of the model)", "2"),
    ),
    "LSTM layers negative": (
        put(make_nam.lstm(), "config.num_layers", -1),
        only("config.num_layers", "an integer >= 0", "-1"),
    ),
    "LSTM layers huge": (
        put(make_nam.lstm(), "config.num_layers", 2**31),
        only("config.num_layers", "an integer <= 1024", "2147483648"),
    ),
    "ConvNet keys missing": (
        put(make_nam.convnet(), "config", {"channels": 2}),
        only("config.dilations", "a list of dilations", "nothing")
        + only("config.batchnorm", "true or false", "nothing")
        + only(
            "config.activation",
            "an activation: a name, or an object with the key type",
            "nothing",
        ),
    ),
    "ConvNet dilations empty": (
        put(make_nam.convnet(), "config.dilations", []),
        only("config.dilations", "a list of dilations", "an empty list"),
    ),
    "ConvNet groups do not divide": (
        put(make_nam.convnet(), "config.groups", 2),
        only("config.groups", "a divisor of in_channels (1)", "2"),
    ),
    "ConvNet PReLU slope count": (
        put(make_nam.convnet(), "config.activation", {"type": "PReLU", "negative_slopes": [1, 2]}),
        only(
            "config.activation.negative_slopes",
            "1 slope, or one for each of the 4 channels",
            "a list of 2",
        ),
    ),
    "ConvNet variance negative": (
        put(make_nam.convnet(), "weights[13]", -0.9),
        only(
            "weights[13]",
            "a batch norm variance that is positive after adding epsilon",
            "-0.8999999761581421",
        ),
    ),
    "Linear keys missing": (
        put(make_nam.linear(), "config", {}),
        only("config.receptive_field", "an integer >= 1", "nothing")
        + only("config.bias", "true or false", "nothing"),
    ),
    "Linear bias a number": (
        put(make_nam.linear(), "config.bias", 1),
        only("config.bias", "true or false", "1"),
    ),
    "Linear implementation unknown": (
        put(make_nam.linear(), "config.implementation", "gpu"),
        only(
            "config.implementation",
            "one of auto, direct, legacy, old, fft, partitioned_fft, partitioned-fft",
            '"gpu"',
        ),
    ),
    "Linear too dense": (
        put(
            put(put(make_nam.linear(), "config.in_channels", 64), "config.out_channels", 64),
            "config.receptive_field",
            4096,
        ),
        only("config", "at most 4194304 taps over all pairs of channels", "16777216"),
    ),
    "submodels missing": (
        put(make_nam.container(), "config.submodels", DELETE),
        only("config.submodels", "a list of submodels", "nothing"),
    ),
    "submodels empty": (
        put(make_nam.container(), "config.submodels", []),
        only("config.submodels", "a list of submodels", "an empty list"),
    ),
    "submodel without model": (
        put(make_nam.container(), "config.submodels[0]", {"max_value": 0.5}),
        only(CHILD, "an object", "nothing"),
    ),
    "max_value null": (
        put(make_nam.container(), "config.submodels[0].max_value", None),
        only("config.submodels[0].max_value", "a number", "null"),
    ),
    "max_value not ascending": (
        put(make_nam.container(), "config.submodels[0].max_value", 1.0),
        only("config.submodels[1].max_value", "more than the one before (1)", "1.0"),
    ),
    "last max_value below 1": (
        put(make_nam.container(), "config.submodels[1].max_value", 0.99),
        only("config.submodels[1].max_value", "at least 1 (the last submodel)", "0.99"),
    ),
    "submodel sample rate": (
        put(make_nam.container(), f"{CHILD}.sample_rate", 44100),
        only(f"{CHILD}.sample_rate", "48000, as in the model around it", "44100"),
    ),
    "submodel with two outputs": (
        make_nam.container(make_nam.lstm(channels=2), a2()),
        only(CHILD, "a mono model (1 in, 1 out)", "2 in and 2 out"),
    ),
    "container weights missing": (
        put(make_nam.container(), "weights", DELETE),
        only("weights", "a list of numbers", "nothing"),
    ),
    "training keys instead of exported ones": (
        put(a1(), "config", {"layers_configs": [a1_array(2)], "head_scale": 1.0}),
        only("config.layers", "a list of layer arrays", "nothing"),
    ),
    "Sequential models empty": (
        put(make_nam.sequential(), "config.models", []),
        only("config.models", "a list of models", "an empty list"),
    ),
    "Sequential models no list": (
        put(make_nam.sequential(), "config.models", {"0": a1()}),
        only("config.models", "a list of models", "an object"),
    ),
    "Sequential models missing": (
        put(make_nam.sequential(), "config", {}),
        only("config.models", "a list of models", "nothing"),
    ),
    "Sequential part unknown": (
        put(make_nam.sequential(), "config.models[0]", {"gain": 1}),
        [
            f"config.models[0].version: {VERSIONS}, three numbers with dots, found nothing",
            *only("config.models[0].architecture", ARCHITECTURES, "nothing"),
            *only("config.models[0].weights", "a list of numbers", "nothing"),
        ],
    ),
    "Sequential part without weights": (
        put(make_nam.sequential(), "config.models[1].weights", DELETE),
        only("config.models[1].weights", "a list of numbers", "nothing"),
    ),
    "Sequential part without architecture": (
        put(make_nam.sequential(), "config.models[1].architecture", DELETE),
        only("config.models[1].architecture", ARCHITECTURES, "nothing"),
    ),
    "Sequential outer weights": (
        put(make_nam.sequential(), "weights", [0.5]),
        only(
            "weights",
            "an empty list (each model of a Sequential has weights of its own)",
            "a list of 1",
        ),
    ),
    "Sequential in the old form": (
        make_nam.sequential_bare(make_nam.linear(3), a1(), make_nam.lstm()),
        OLD_FORM,
    ),
    "Sequential in the old form, with names": (
        put(make_nam.sequential(), "config.models[0]", {"name": "Linear", "config": LINEAR}),
        OLD_FORM,
    ),
    "Sequential in the old form, nested": (
        make_nam.sequential_bare(make_nam.sequential_bare(make_nam.linear(3)), a1()),
        OLD_FORM,
    ),
    "Sequential in lower case": (
        put(make_nam.sequential(), "architecture", "sequential"),
        only("architecture", ARCHITECTURES, '"sequential"'),
    ),
    "Sequential channels do not chain": (
        make_nam.sequential(a1(), make_nam.lstm(channels=2)),
        only("config.models[1]", "1 inputs (outputs of the model before)", "2"),
    ),
    "Sequential sample rates": (
        put(make_nam.sequential(), "config.models[1].sample_rate", 44100),
        only("config.models[1].sample_rate", f"48000 (sample_rate; {ONE_RATE})", "44100"),
    ),
    "Sequential sample rates of neighbours": (
        make_nam.sequential(a1(), make_nam.linear(sample_rate=44100), sample_rate=None),
        only(
            "config.models[1].sample_rate",
            f"48000 (config.models[0].sample_rate; {ONE_RATE})",
            "44100",
        ),
    ),
    "Sequential sample rate deep inside": (
        make_nam.sequential(
            a1(), make_nam.sequential(make_nam.linear(sample_rate=44100), sample_rate=None)
        ),
        only("config.models[1].sample_rate", f"48000 (sample_rate; {ONE_RATE})", "44100"),
    ),
    "submodel sample rate of a Sequential": (
        make_nam.container(
            make_nam.sequential(make_nam.linear(sample_rate=44100), sample_rate=None), a1()
        ),
        only(f"{CHILD}.sample_rate", "48000, as in the model around it", "44100"),
    ),
    "submodel is a stereo Sequential": (
        make_nam.container(make_nam.sequential(make_nam.linear(outputs=2)), a1()),
        only(CHILD, "a mono model (1 in, 1 out)", "1 in and 2 out"),
    ),
    "condition is a Sequential": (
        make_nam.conditioned(make_nam.sequential()),
        only(
            CONDITION, "a model that is no Sequential (NAM Core crashes on one here)", "an object"
        ),
    ),
    "Linear from two to three": (
        put(make_nam.linear(inputs=2, outputs=2), "config.out_channels", 3),
        only(
            "config.out_channels",
            "1 or 2 (a Linear has one input, one output or as many of both)",
            "3",
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_network_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    document, expected = CASES[name]
    assert problems(tmp_path, document) == expected
