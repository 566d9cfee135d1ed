"""Every malformed document is refused with the path, what was expected and what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import make_nam
import pytest
from make_nam import DELETE, a1, a1_array, a2, put

from namgen.errors import FileError
from namgen.nam_file import read

Json = dict[str, Any]

ACTIVATIONS = (
    "one of Tanh, Fasttanh, Hardtanh, ReLU, LeakyReLU, PReLU, Sigmoid, SiLU, Hardswish,"
    " LeakyHardtanh, Softsign, LeakyHardTanh"
)
ARCHITECTURES = "one of WaveNet, LSTM, ConvNet, Linear, SlimmableContainer, Sequential"
VERSIONS = "expected a version from 0.5.0 to 0.7.x"


def problems(folder: Path, document: object) -> list[str]:
    """The lines the reader prints, without the file name."""
    path = make_nam.write(folder, document)
    with pytest.raises(FileError) as caught:
        read(path)
    prefix = f"{path}: "
    assert all(line.startswith(prefix) for line in caught.value.lines)
    return [line.removeprefix(prefix) for line in caught.value.lines]


def only(path: str, expected: str, found: str) -> list[str]:
    return [f"{path}: expected {expected}, found {found}"]


L0 = "config.layers[0]"
CHILD = "config.submodels[0].model"
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

CASES: dict[str, tuple[Json, list[str]]] = {
    "root key missing": (
        put(a1(), "weights", DELETE),
        only("weights", "a list of numbers", "nothing"),
    ),
    "architecture unknown": (
        put(a1(), "architecture", "CatLSTM"),
        only("architecture", ARCHITECTURES, '"CatLSTM"'),
    ),
    "architecture in other case": (
        put(a1(), "architecture", "wavenet"),
        only("architecture", ARCHITECTURES, '"wavenet"'),
    ),
    "architecture not text": (
        put(a1(), "architecture", 3),
        only("architecture", ARCHITECTURES, "3"),
    ),
    "config null": (put(a1(), "config", None), only("config", "an object", "null")),
    "config list": (put(a1(), "config", []), only("config", "an object", "an empty list")),
    "sample rate null": (
        put(a1(), "sample_rate", None),
        only("sample_rate", "a number", "null"),
    ),
    "sample rate text": (
        put(a1(), "sample_rate", "48000"),
        only("sample_rate", "a number", '"48000"'),
    ),
    "sample rate bool": (put(a1(), "sample_rate", True), only("sample_rate", "a number", "true")),
    "sample rate huge": (
        put(a1(), "sample_rate", 1e30),
        only("sample_rate", "a sample rate of at most 768000 Hz", "1e+30"),
    ),
    "sample rate fraction": (
        put(a1(), "sample_rate", 44100.5),
        only("sample_rate", "a whole number of Hz", "44100.5"),
    ),
    "weights object": (
        put(a1(), "weights", {}),
        only("weights", "a list of numbers", "an object"),
    ),
    "weight null": (put(a1(), "weights[7]", None), only("weights[7]", "a number", "null")),
    "weight bool": (put(a1(), "weights[7]", True), only("weights[7]", "a number", "true")),
    "weight text": (put(a1(), "weights[7]", "1"), only("weights[7]", "a number", '"1"')),
    "weight list": (put(a1(), "weights[7]", [1]), only("weights[7]", "a number", "a list of 1")),
    "weight beyond float32": (
        put(a1(), "weights[7]", -3.5e38),
        only("weights[7]", "a number that fits a float32", "-3.5e+38"),
    ),
    "layers missing": (
        put(a1(), "config.layers", DELETE),
        only("config.layers", "a list of layer arrays", "nothing"),
    ),
    "layers empty": (
        put(a1(), "config.layers", []),
        only("config.layers", "a list of layer arrays", "an empty list"),
    ),
    "layers object": (
        put(a1(), "config.layers", {}),
        only("config.layers", "a list of layer arrays", "an object"),
    ),
    "layer array null": (put(a1(), L0, None), only(L0, "an object", "null")),
    "head scale missing": (
        put(a1(), "config.head_scale", DELETE),
        only("config.head_scale", "a number", "nothing"),
    ),
    "head scale text": (
        put(a1(), "config.head_scale", "0.02"),
        only("config.head_scale", "a number", '"0.02"'),
    ),
    "in_channels differs": (
        put(a1(), "config.in_channels", 2),
        only(f"{L0}.input_size", "2 (in_channels of the model)", "1")
        + only(f"{L0}.condition_size", "2 (in_channels of the model)", "1")
        + only("config.layers[1].condition_size", "2 (in_channels of the model)", "1"),
    ),
    "channels text": (
        put(a1(), f"{L0}.channels", "16"),
        only(f"{L0}.channels", "an integer >= 1", '"16"'),
    ),
    "channels bool": (
        put(a1(), f"{L0}.channels", True),
        only(f"{L0}.channels", "an integer >= 1", "true"),
    ),
    "channels fraction": (
        put(a1(), f"{L0}.channels", 4.5),
        only(f"{L0}.channels", "an integer >= 1", "4.5"),
    ),
    "channels null": (
        put(a1(), f"{L0}.channels", None),
        only(f"{L0}.channels", "an integer >= 1", "null"),
    ),
    "channels zero": (
        put(a1(), f"{L0}.channels", 0),
        only(f"{L0}.channels", "an integer >= 1", "0"),
    ),
    "channels huge": (
        put(a1(), f"{L0}.channels", 10**12),
        only(f"{L0}.channels", "an integer <= 1024", "1000000000000"),
    ),
    "channels of a thousand digits": (
        put(a1(), f"{L0}.channels", 10**1000),
        only(f"{L0}.channels", "an integer >= 1", "an infinite number"),
    ),
    "input size of the second array": (
        put(a1(), "config.layers[1].input_size", 3),
        only("config.layers[1].input_size", "4 (channels of layers[0])", "3"),
    ),
    "channels of the second array": (
        put(a1(), "config.layers[1].channels", 3),
        only("config.layers[1].channels", "2 (head outputs of layers[0])", "3")
        + only("config.layers[1].bottleneck", "2 (head outputs of layers[0])", "3"),
    ),
    "head width of the second array": (
        put(a1(), "config.layers[1].bottleneck", 1),
        only("config.layers[1].bottleneck", "2 (head outputs of layers[0])", "1"),
    ),
    "head1x1 of the second array": (
        put(a1(), "config.layers[1].head1x1", {"active": True, "out_channels": 5, "groups": 1}),
        only("config.layers[1].head1x1.out_channels", "2 (head outputs of layers[0])", "5"),
    ),
    "condition size": (
        put(a1(), f"{L0}.condition_size", 2),
        only(f"{L0}.condition_size", "1 (in_channels of the model)", "2"),
    ),
    "dilations missing": (
        put(a1(), f"{L0}.dilations", DELETE),
        only(f"{L0}.dilations", "a list of dilations", "nothing"),
    ),
    "dilations empty": (
        put(a1(), f"{L0}.dilations", []),
        only(f"{L0}.dilations", "a list of dilations", "an empty list"),
    ),
    "dilation negative": (
        put(a1(), f"{L0}.dilations[1]", -1),
        only(f"{L0}.dilations[1]", "an integer >= 0", "-1"),
    ),
    "dilation null": (
        put(a1(), f"{L0}.dilations[1]", None),
        only(f"{L0}.dilations[1]", "an integer >= 0", "null"),
    ),
    "dilation beyond memory": (
        put(a1(), f"{L0}.dilations[1]", 2**24),
        only("config", "at most 67108864 bytes of past samples", "536870992"),
    ),
    "kernel size zero": (
        put(a1(), f"{L0}.kernel_size", 0),
        only(f"{L0}.kernel_size", "an integer >= 1", "0"),
    ),
    "kernel size missing": (
        put(a1(), f"{L0}.kernel_size", DELETE),
        only(f"{L0}.kernel_size", "an integer >= 1", "nothing"),
    ),
    "both kernel spellings": (
        put(a1(), f"{L0}.kernel_sizes", [3, 3]),
        only(L0, "either kernel_size or kernel_sizes", "both"),
    ),
    "kernel sizes too few": (
        put(a2(), f"{L0}.kernel_sizes", [6]),
        only(f"{L0}.kernel_sizes", "a list of 2 kernel sizes, one per dilation", "a list of 1"),
    ),
    "kernel sizes a number": (
        put(a2(), f"{L0}.kernel_sizes", 6),
        only(f"{L0}.kernel_sizes", "a list of kernel sizes", "6"),
    ),
    "activation missing": (
        put(a1(), f"{L0}.activation", DELETE),
        only(
            f"{L0}.activation",
            "an activation: a name, or an object with the key type",
            "nothing",
        ),
    ),
    "activation unknown": (
        put(a1(), f"{L0}.activation", "Softsigmoid"),
        only(f"{L0}.activation", ACTIVATIONS, '"Softsigmoid"'),
    ),
    "activation object without type": (
        put(a1(), f"{L0}.activation", {"name": "Tanh"}),
        only(f"{L0}.activation.type", ACTIVATIONS, "nothing"),
    ),
    "activations too many": (
        put(a1(), f"{L0}.activation", ["Tanh"] * 3),
        only(f"{L0}.activation", "a list of 2 activations, one per dilation", "a list of 3"),
    ),
    "slope null": (
        put(a2(), f"{L0}.activation[1].negative_slope", None),
        only(f"{L0}.activation[1].negative_slope", "a number", "null"),
    ),
    "slope beyond float32": (
        put(a2(), f"{L0}.activation[1].negative_slope", 1e39),
        only(f"{L0}.activation[1].negative_slope", "a number that fits a float32", "1e+39"),
    ),
    "LeakyHardtanh limit bool": (
        put(a1(), f"{L0}.activation", {"type": "LeakyHardtanh", "max_val": True}),
        only(f"{L0}.activation.max_val", "a number", "true"),
    ),
    "PReLU slope count": (
        put(a1(), f"{L0}.activation", {"type": "PReLU", "negative_slopes": [0.1, 0.2]}),
        only(
            f"{L0}.activation.negative_slopes",
            "1 slope, or one for each of the 4 channels",
            "a list of 2",
        ),
    ),
    "PReLU slopes empty": (
        put(a1(), f"{L0}.activation", {"type": "PReLU", "negative_slopes": []}),
        only(f"{L0}.activation.negative_slopes", "a list of slopes", "an empty list"),
    ),
    "PReLU slope text": (
        put(a1(), f"{L0}.activation", {"type": "PReLU", "negative_slopes": [0, 0, "0", 0]}),
        only(f"{L0}.activation.negative_slopes[2]", "a number", '"0"'),
    ),
    "PReLU slope count of a secondary": (
        put(
            put(a2(), f"{L0}.gating_mode", "blended"),
            f"{L0}.secondary_activation",
            {"type": "PReLU", "negative_slopes": [1, 2]},
        ),
        only(
            f"{L0}.secondary_activation.negative_slopes",
            "1 slope, or one for each of the 3 channels",
            "a list of 2",
        ),
    ),
    "gating mode unknown": (
        put(a1(), f"{L0}.gating_mode", "Gated"),
        only(f"{L0}.gating_mode", "one of none, gated, blended", '"Gated"'),
    ),
    "gating mode null": (
        put(a1(), f"{L0}.gating_mode", None),
        only(f"{L0}.gating_mode", "one of none, gated, blended", "null"),
    ),
    "gating modes too few": (
        put(a2(), f"{L0}.gating_mode", ["none"]),
        only(f"{L0}.gating_mode", "a list of 2 gating modes, one per dilation", "a list of 1"),
    ),
    "gated a number": (
        put(a1(), f"{L0}.gated", 1),
        only(f"{L0}.gated", "true or false", "1"),
    ),
    "secondary list for one mode": (
        put(put(a2(), f"{L0}.gating_mode", "gated"), f"{L0}.secondary_activation", ["Tanh"] * 2),
        only(
            f"{L0}.secondary_activation",
            "an activation: a name, or an object with the key type",
            "a list of 2",
        ),
    ),
    "secondary null where needed": (
        put(a2(), f"{L0}.gating_mode", ["none", "gated"]),
        only(
            f"{L0}.secondary_activation[1]",
            "an activation: a name, or an object with the key type",
            "null",
        ),
    ),
    "secondaries too few": (
        put(a2(), f"{L0}.secondary_activation", [None]),
        only(
            f"{L0}.secondary_activation",
            "a list of 2 activations, one per dilation",
            "a list of 1",
        ),
    ),
    "head missing": (
        put(a2(), f"{L0}.head", DELETE),
        only(
            f"{L0}.head",
            "an object with out_channels, kernel_size and bias (or head_size and head_bias)",
            "nothing",
        ),
    ),
    "head a list": (
        put(a1(), f"{L0}.head", [1]),
        only(
            f"{L0}.head",
            "an object with out_channels, kernel_size and bias (or head_size and head_bias)",
            "a list of 1",
        ),
    ),
    "head without kernel size and bias": (
        put(a1(), f"{L0}.head", {"out_channels": 2}),
        only(f"{L0}.head.kernel_size", "an integer >= 1", "nothing")
        + only(f"{L0}.head.bias", "true or false", "nothing"),
    ),
    "head dilation negative": (
        put(a2(), f"{L0}.head.head_dilation", -1),
        only(f"{L0}.head.head_dilation", "an integer >= 0", "-1"),
    ),
    "head bias missing": (
        put(a1(), f"{L0}.head_bias", DELETE),
        only(f"{L0}.head_bias", "true or false", "nothing"),
    ),
    "input groups do not divide": (
        put(a2(), f"{L0}.groups_input", 2),
        only(f"{L0}.groups_input", "a divisor of 3 (channels on one of its sides)", "2"),
    ),
    "mixin groups do not divide": (
        put(a2(), f"{L0}.groups_input_mixin", 3),
        only(f"{L0}.groups_input_mixin", "a divisor of 1 (channels on one of its sides)", "3"),
    ),
    "layer1x1 without groups": (
        put(a2(), f"{L0}.layer1x1", {"active": True}),
        only(f"{L0}.layer1x1.groups", "an integer >= 1", "nothing"),
    ),
    "layer1x1 null": (
        put(a2(), f"{L0}.layer1x1", None),
        only(f"{L0}.layer1x1", "an object", "null"),
    ),
    "layer1x1 groups do not divide": (
        put(a2(), f"{L0}.layer1x1.groups", 2),
        only(f"{L0}.layer1x1.groups", "a divisor of 3 (channels on one of its sides)", "2"),
    ),
    "layer1x1 off with a bottleneck": (
        put(put(a2(), f"{L0}.layer1x1.active", False), f"{L0}.bottleneck", 2),
        only(f"{L0}.bottleneck", "3 (channels, because layer1x1 is off)", "2"),
    ),
    "head1x1 incomplete": (
        put(a2(), f"{L0}.head1x1", {"active": False}),
        only(f"{L0}.head1x1.out_channels", "an integer >= 0", "nothing")
        + only(f"{L0}.head1x1.groups", "an integer >= 0", "nothing"),
    ),
    "head1x1 groups do not divide": (
        put(a2(), f"{L0}.head1x1", {"active": True, "out_channels": 2, "groups": 3}),
        only(f"{L0}.head1x1.groups", "a divisor of 2 (channels on one of its sides)", "3"),
    ),
    "film null": (
        put(a2(), f"{L0}.conv_pre_film", None),
        only(f"{L0}.conv_pre_film", "false or an object", "null"),
    ),
    "film true": (
        put(a2(), f"{L0}.conv_pre_film", True),
        only(f"{L0}.conv_pre_film", "false or an object", "true"),
    ),
    "film active a number": (
        put(a2(), f"{L0}.conv_pre_film", {"active": 1}),
        only(f"{L0}.conv_pre_film.active", "true or false", "1"),
    ),
    "film groups do not divide": (
        put(a2(), f"{L0}.conv_pre_film", {"groups": 2}),
        only(f"{L0}.conv_pre_film.groups", "a divisor of 1 (channels on one of its sides)", "2"),
    ),
    "layer1x1 film without layer1x1": (
        put(put(a2(), f"{L0}.layer1x1.active", False), f"{L0}.layer1x1_post_film", {}),
        only(f"{L0}.layer1x1_post_film", "false, because layer1x1 is off", "an object"),
    ),
    "head1x1 film without head1x1": (
        put(a2(), f"{L0}.head1x1_post_film", {}),
        only(f"{L0}.head1x1_post_film", "false, because head1x1 is off", "an object"),
    ),
    "slim method unknown": (
        put(a2(), f"{L0}.slimmable", {"method": "prune"}),
        only(f"{L0}.slimmable.method", "slice_channels_uniform", '"prune"'),
    ),
    "slim widths do not end at channels": (
        put(
            a2(),
            f"{L0}.slimmable",
            {"method": "slice_channels_uniform", "kwargs": {"allowed_channels": [1, 2]}},
        ),
        only(
            f"{L0}.slimmable.kwargs.allowed_channels",
            "ascending widths that end at channels (3)",
            "[1, 2]",
        ),
    ),
    "slim widths empty": (
        put(
            a2(),
            f"{L0}.slimmable",
            {"method": "slice_channels_uniform", "kwargs": {"allowed_channels": []}},
        ),
        only(f"{L0}.slimmable.kwargs.allowed_channels", "a list of widths", "an empty list"),
    ),
    "post-stack head a number": (
        put(a2(), "config.head", 1),
        only("config.head", "an object", "1"),
    ),
    "post-stack head kernel sizes empty": (
        put(
            a2(),
            "config.head",
            {"channels": 2, "out_channels": 1, "kernel_sizes": [], "activation": "Tanh"},
        ),
        only("config.head.kernel_sizes", "a list of kernel sizes", "an empty list"),
    ),
    "post-stack head as the trainer writes it": (
        put(
            a2(),
            "config.head",
            {
                "channels": 2,
                "out_channels": 1,
                "kernel_sizes": [1],
                "activation": {"name": "Tanh"},
            },
        ),
        only("config.head.activation.type", ACTIVATIONS, "nothing"),
    ),
    "post-stack head inputs": (
        put(
            a2(),
            "config.head",
            {
                "channels": 2,
                "out_channels": 1,
                "kernel_sizes": [1],
                "activation": "Tanh",
                "in_channels": 3,
            },
        ),
        only("config.head.in_channels", "1 (outputs of the last layer array)", "3"),
    ),
    "condition incomplete": (
        put(make_nam.conditioned(), f"{CONDITION}.weights", DELETE),
        only(f"{CONDITION}.weights", "a list of numbers", "nothing"),
    ),
    "condition version": (
        put(make_nam.conditioned(), f"{CONDITION}.version", "0.4.9"),
        [f'{CONDITION}.version: {VERSIONS}, found "0.4.9"'],
    ),
    "condition without the sample rate": (
        put(make_nam.conditioned(), f"{CONDITION}.sample_rate", DELETE),
        only(f"{CONDITION}.sample_rate", "48000, as in the model around it", "nothing"),
    ),
    "condition with a sample rate alone": (
        put(make_nam.conditioned(), "sample_rate", DELETE),
        only(f"{CONDITION}.sample_rate", "no sample rate, as in the model around it", "48000"),
    ),
    "condition is a container": (
        make_nam.conditioned(make_nam.container()),
        only(CONDITION, "a model of one width", "a slimmable SlimmableContainer"),
    ),
    "condition is slimmable": (
        make_nam.conditioned(a2(array={"slimmable": {"method": "slice_channels_uniform"}})),
        only(CONDITION, "a model of one width", "a slimmable WaveNet"),
    ),
    "condition has two inputs": (
        make_nam.conditioned(make_nam.lstm(channels=2)),
        only(CONDITION, "1 inputs (in_channels of the model)", "2 inputs"),
    ),
    "condition has two outputs": (
        make_nam.conditioned(
            put(
                put(make_nam.lstm(3, 1), "config.out_channels", 2),
                "weights",
                make_nam.weights(4 * 3 * 4 + 18 + 8),
            )
        ),
        only(f"{L0}.condition_size", "2 (outputs of condition_dsp)", "1")
        + only("config.layers[1].condition_size", "2 (outputs of condition_dsp)", "1"),
    ),
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
def test_a_malformed_document_is_refused_with_path_expected_and_found(
    tmp_path: Path, name: str
) -> None:
    document, expected = CASES[name]
    assert problems(tmp_path, document) == expected


@pytest.mark.parametrize(
    "version",
    [
        *["0.5", "v0.7.0", "0.7.0-rc1", "0.5.2.1", "", "0.4.99", "0.8.0", "1.0.0"],
        *["0.7.2147483648", "0.7.0\n", " 0.7.0", "0.-7.0", "0.٧.0", "0.7.1e1"],
        *[0.7, None, ["0.7.0"]],
    ],
)
def test_an_unsupported_version_is_refused(tmp_path: Path, version: object) -> None:
    (line,) = problems(tmp_path, put(a1(), "version", version))
    assert line.startswith(f"version: {VERSIONS}")


@pytest.mark.parametrize("kind", make_nam.all_kinds())
@pytest.mark.parametrize("change", [-1, 1])
def test_a_weight_too_many_or_too_few_is_refused_in_every_architecture(
    tmp_path: Path, kind: str, change: int
) -> None:
    document = make_nam.all_kinds()[kind]
    inner = {
        "container": "config.submodels[1].model.",
        "sequential": "config.models[1].",
        "sequential_nested": "config.models[1].config.models[0].",
    }
    where = f"{inner.get(kind, '')}weights"
    values = make_nam.get(document, where)
    count = len(values)
    bent = put(document, where, [*values, 0.5][: count + change])
    expected = f"{where}: config implies {count} values, the file has {count + change}"
    assert problems(tmp_path, bent) == [expected]


def test_all_problems_of_a_file_are_reported_in_one_run(tmp_path: Path) -> None:
    document = put(make_nam.container(), f"{CHILD}.config.layers[0].channels", "16")
    document = put(document, f"{CHILD}.config.layers[0].dilations[1]", -3)
    document = put(document, "config.submodels[1].model.weights[5]", None)
    document = put(document, "version", "0.9.0")
    assert problems(tmp_path, document) == [
        f'version: {VERSIONS}, found "0.9.0"',
        f'{CHILD}.config.layers[0].channels: expected an integer >= 1, found "16"',
        f"{CHILD}.config.layers[0].dilations[1]: expected an integer >= 0, found -3",
        "config.submodels[1].model.weights[5]: expected a number, found null",
    ]


def test_a_flood_of_problems_is_cut_short(tmp_path: Path) -> None:
    document = put(a1(), f"{L0}.dilations", ["x"] * 1000)
    lines = problems(tmp_path, document)
    assert len(lines) == 101
    assert lines[-1] == "stopped after 100 problems"


def test_a_flood_of_models_layers_or_nesting_is_cut_short(tmp_path: Path) -> None:
    many = make_nam.container(*[make_nam.linear(1)] * 257)
    assert problems(tmp_path, many) == only(
        "config.submodels", "a list of at most 256 submodels", "a list of 257"
    )
    layers = put(make_nam.lstm(), "config.num_layers", 800)
    both = make_nam.sequential(layers, layers)
    assert "config.models[1].config.num_layers: expected at most 1024 layers in the file" in str(
        problems(tmp_path, both)
    )
    deep = make_nam.linear(1)
    for _ in range(10):
        deep = make_nam.container(deep)
    (line,) = problems(tmp_path, deep)
    assert line.endswith("expected models nested at most 8 deep, found deeper")
