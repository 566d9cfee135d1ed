"""Every malformed head, group, FiLM, slimming and condition is refused, with its path."""

from __future__ import annotations

from pathlib import Path

import make_nam
import pytest
from make_nam import DELETE, a1, a2, put
from refusals import ACTIVATIONS, L0, VERSIONS, Cases, only, problems

CONDITION = "config.condition_dsp"

CASES: Cases = {
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
}


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_part_of_a_wavenet_is_refused(tmp_path: Path, name: str) -> None:
    document, expected = CASES[name]
    assert problems(tmp_path, document) == expected
