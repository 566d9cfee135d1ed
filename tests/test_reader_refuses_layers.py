"""Every malformed layer array is refused with the path, what was expected and what was found."""

from __future__ import annotations

from pathlib import Path

import pytest
from make_nam import DELETE, a1, a2, put
from refusals import ACTIVATIONS, L0, Cases, only, problems

CASES: Cases = {
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
}


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_layer_array_is_refused(tmp_path: Path, name: str) -> None:
    document, expected = CASES[name]
    assert problems(tmp_path, document) == expected
