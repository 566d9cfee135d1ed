"""Everything NAM Core loads is read, with old spellings and defaults resolved."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import make_nam
import numpy as np
import pytest
from make_nam import DELETE, a1, a2, put

from namgen.nam_file import read, shapes
from namgen.nam_file.counts import count
from namgen.nam_file.types import (
    ActivationConfig,
    ContainerConfig,
    ConvNetConfig,
    FilmConfig,
    Head1x1Config,
    HeadConfig,
    LayerArrayConfig,
    LayerConfig,
    LinearConfig,
    LstmConfig,
    Metadata,
    NamFile,
    PostHeadConfig,
    SequentialConfig,
    WaveNetConfig,
)

Json = dict[str, Any]
L0 = "config.layers[0]"
LEAKY = ActivationConfig("LeakyReLU", (0.01,))


def load(folder: Path, document: object) -> NamFile:
    return read(make_nam.write(folder, document))


def array(file: NamFile) -> LayerArrayConfig:
    assert isinstance(file.model.config, WaveNetConfig)
    return file.model.config.arrays[0]


def test_every_fixture_is_read_and_its_weight_counts_match(fixtures_dir: Path) -> None:
    for path in sorted((fixtures_dir / "models").glob("*/*.nam")):
        for model in shapes.every_model(read(path).model):
            assert count(model.config) == model.weights.size, path.name


def test_the_channels_of_every_fixture_are_those_nam_core_reports(
    fixtures_dir: Path, fixture_manifest: Json
) -> None:
    for case in fixture_manifest["cases"]:
        config = read(fixtures_dir / case["model"]).model.config
        found = (shapes.in_channels(config), shapes.out_channels(config))
        assert found == (case["channels_in"], case["channels_out"]), case["model"]


@pytest.mark.parametrize("kind", make_nam.all_kinds())
def test_a_model_of_every_kind_is_read(tmp_path: Path, kind: str) -> None:
    document = make_nam.all_kinds()[kind]
    model = load(tmp_path, document).model
    assert model.architecture == document["architecture"]
    assert model.sample_rate_hz == 48000
    parts = list(shapes.every_model(model))
    assert all(count(part.config) == part.weights.size for part in parts)


def test_the_old_spelling_of_a_wavenet_is_resolved(tmp_path: Path) -> None:
    layer = LayerConfig(3, 1, ActivationConfig("Tanh"), "none", None)
    assert array(load(tmp_path, a1())) == LayerArrayConfig(
        input_size=1,
        condition_size=1,
        channels=4,
        bottleneck=4,
        layers=(layer, LayerConfig(3, 2, ActivationConfig("Tanh"), "none", None)),
        head=HeadConfig(2, 1, bias=False, dilation=1),
    )


def test_the_new_spelling_of_a_wavenet_is_read(tmp_path: Path) -> None:
    assert array(load(tmp_path, a2())) == LayerArrayConfig(
        input_size=1,
        condition_size=1,
        channels=3,
        bottleneck=3,
        layers=(LayerConfig(6, 1, LEAKY, "none", None), LayerConfig(15, 3, LEAKY, "none", None)),
        head=HeadConfig(1, 16, bias=True, dilation=1),
    )


def test_old_gated_means_a_sigmoid_whatever_the_secondary_activation_says(tmp_path: Path) -> None:
    document = put(put(a2(), f"{L0}.gating_mode", DELETE), f"{L0}.gated", True)
    document = put(document, f"{L0}.secondary_activation", "Tanh")
    document["weights"] += make_nam.weights(3 * (6 + 15) * 3 + 6 + 6)
    layers = array(load(tmp_path, document)).layers
    assert [layer.gating for layer in layers] == ["gated", "gated"]
    assert {layer.secondary for layer in layers} == {ActivationConfig("Sigmoid")}


def test_gating_mode_wins_over_old_gated(tmp_path: Path) -> None:
    document = put(put(a1(), f"{L0}.gated", True), f"{L0}.gating_mode", "none")
    assert {layer.gating for layer in array(load(tmp_path, document)).layers} == {"none"}


def test_gating_and_secondary_activations_may_differ_by_layer(tmp_path: Path) -> None:
    document = put(a2(), f"{L0}.gating_mode", ["none", "blended"])
    document = put(document, f"{L0}.secondary_activation", ["", {"type": "Softsign"}])
    document["weights"] += make_nam.weights(3 * 15 * 3 + 3 + 3)
    first, second = array(load(tmp_path, document)).layers
    assert (first.gating, first.secondary) == ("none", None)
    assert (second.gating, second.secondary) == ("blended", ActivationConfig("Softsign"))


def test_a_secondary_activation_without_gating_is_not_looked_at(tmp_path: Path) -> None:
    document = put(put(a2(), f"{L0}.gating_mode", "none"), f"{L0}.secondary_activation", 17)
    assert array(load(tmp_path, document)).layers[0].secondary is None


def test_the_new_head_wins_over_head_size(tmp_path: Path) -> None:
    document = put(a2(), f"{L0}.head_size", 7)
    assert array(load(tmp_path, document)).head == HeadConfig(1, 16, bias=True, dilation=1)


def test_a_null_head_falls_back_to_head_size(tmp_path: Path) -> None:
    assert array(load(tmp_path, put(a1(), f"{L0}.head", None))).head.out_channels == 2


def test_dilation_zero_is_accepted(tmp_path: Path) -> None:
    document = put(put(a2(), f"{L0}.dilations[0]", 0), f"{L0}.head.head_dilation", 0)
    config = array(load(tmp_path, document))
    assert (config.layers[0].dilation, config.head.dilation) == (0, 0)


def test_a_whole_number_written_with_a_point_is_an_integer(tmp_path: Path) -> None:
    channels = array(load(tmp_path, put(a1(), f"{L0}.channels", 4.0))).channels
    assert (channels, type(channels)) == (4, int)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Tanh", ActivationConfig("Tanh")),
        ({"type": "Fasttanh"}, ActivationConfig("Fasttanh")),
        ("Hardtanh", ActivationConfig("Hardtanh")),
        ("ReLU", ActivationConfig("ReLU")),
        ("LeakyReLU", LEAKY),
        ({"type": "LeakyReLU", "negative_slope": 1}, ActivationConfig("LeakyReLU", (1.0,))),
        ("PReLU", ActivationConfig("PReLU", (0.01,))),
        ({"type": "PReLU", "negative_slope": 0.5}, ActivationConfig("PReLU", (0.5,))),
        (
            {"type": "PReLU", "negative_slopes": [1, 2, 3, 4]},
            ActivationConfig("PReLU", (1.0, 2.0, 3.0, 4.0)),
        ),
        (
            {"type": "PReLU", "negative_slope": 0.5, "negative_slopes": "unread"},
            ActivationConfig("PReLU", (0.5,)),
        ),
        ("Sigmoid", ActivationConfig("Sigmoid")),
        ("SiLU", ActivationConfig("SiLU")),
        ("Hardswish", ActivationConfig("Hardswish")),
        ("LeakyHardTanh", ActivationConfig("LeakyHardtanh", (-1.0, 1.0, 0.01, 0.01))),
        (
            {"type": "LeakyHardtanh", "min_val": -2, "max_slope": 0.5},
            ActivationConfig("LeakyHardtanh", (-2.0, 1.0, 0.01, 0.5)),
        ),
        ("Softsign", ActivationConfig("Softsign")),
        ({"type": "Tanh", "negative_slope": None}, ActivationConfig("Tanh")),
    ],
)
def test_every_activation_is_read_with_its_parameters(
    tmp_path: Path, written: object, expected: ActivationConfig
) -> None:
    document = put(a1(), f"{L0}.activation", written)
    assert array(load(tmp_path, document)).layers[0].activation == expected


def test_switched_on_parts_are_read(tmp_path: Path) -> None:
    parts: Json = {
        "bottleneck": 2,
        "head1x1": {"active": True, "out_channels": 5, "groups": 1},
        "conv_pre_film": {},
        "head1x1_post_film": {"shift": False},
        "layer1x1_post_film": False,
    }
    document = a2(array=parts)
    per_layer = {
        "conv": lambda k: k * 3 * 2 + 2,
        "mixin": lambda k: 2,
        "layer1x1": lambda k: 2 * 3 + 3,
        "head1x1": lambda k: 2 * 5 + 5,
        "film": lambda k: 6 + 6 + 5 + 5,
    }
    count = 3 + sum(size(k) for size in per_layer.values() for k in (6, 15)) + 16 * 5 + 1 + 1
    document["weights"] = make_nam.weights(count)
    config = array(load(tmp_path, document))
    assert config.bottleneck == 2
    assert config.head1x1 == Head1x1Config(5, 1)
    assert config.films[0] == FilmConfig(shift=True, groups=1)
    assert config.films[7] == FilmConfig(shift=False, groups=1)
    assert config.films[1:7] == (None,) * 6


def test_groups_lower_the_weight_count(tmp_path: Path) -> None:
    groups = {"groups_input": 3, "layer1x1": {"active": True, "groups": 3}}
    document = a2(array=groups, extra=-((6 + 15) * 9 + 2 * 9) * 2 // 3)
    config = array(load(tmp_path, document))
    assert (config.groups_input, config.layer1x1_groups) == (3, 3)


@pytest.mark.parametrize(
    ("slimmable", "widths"),
    [
        ({"method": "slice_channels_uniform"}, (1, 2, 3)),
        ({"method": "slice_channels_uniform", "kwargs": {"allowed_channels": [2, 3]}}, (2, 3)),
        ({"method": ""}, None),
        ({}, None),
        (None, None),
        (3, None),
    ],
)
def test_slimmable_widths_are_read(tmp_path: Path, slimmable: object, widths: object) -> None:
    document = put(a2(), f"{L0}.slimmable", slimmable)
    assert array(load(tmp_path, document)).allowed_channels == widths


def test_a_post_stack_head_is_read(tmp_path: Path) -> None:
    document = a2(extra=(3 * 1 * 2 + 2) + (2 * 2 * 1 + 2))
    document["config"]["head"] = {
        "channels": 2,
        "out_channels": 2,
        "kernel_sizes": [3, 1],
        "activation": {"type": "PReLU", "negative_slopes": [0.5]},
        "in_channels": None,
    }
    config = load(tmp_path, document).model.config
    assert isinstance(config, WaveNetConfig)
    assert config.post_head == PostHeadConfig(2, 2, (3, 1), ActivationConfig("PReLU", (0.5,)))
    assert shapes.out_channels(config) == 2


def test_a_condition_dsp_of_any_architecture_is_read(tmp_path: Path) -> None:
    kinds = make_nam.all_kinds()
    for kind in ("a1", "a2", "lstm", "convnet", "linear", "conditioned"):
        config = load(tmp_path, make_nam.conditioned(kinds[kind])).model.config
        assert isinstance(config, WaveNetConfig)
        assert config.condition is not None
        assert config.condition.architecture == kinds[kind]["architecture"]


def test_an_lstm_is_read(tmp_path: Path) -> None:
    file = load(tmp_path, make_nam.lstm(3, 2, channels=2))
    assert file.model.config == LstmConfig(2, 2, hidden_size=3, num_layers=2)


def test_an_lstm_without_layers_is_read(tmp_path: Path) -> None:
    document = put(make_nam.lstm(3), "config.num_layers", 0)
    document["weights"] = make_nam.weights(4)
    config = load(tmp_path, document).model.config
    assert isinstance(config, LstmConfig)
    assert config.num_layers == 0


@pytest.mark.parametrize("batchnorm", [True, False])
def test_a_convnet_is_read(tmp_path: Path, batchnorm: bool) -> None:
    file = load(tmp_path, make_nam.convnet(batchnorm=batchnorm))
    relu = ActivationConfig("ReLU")
    assert file.model.config == ConvNetConfig(1, 1, 4, (1, 2, 4), batchnorm, relu, 1)


@pytest.mark.parametrize("implementation", ["auto", "FFT", "Partitioned-FFT", "legacy"])
def test_a_linear_is_read_whatever_its_implementation(tmp_path: Path, implementation: str) -> None:
    document = put(make_nam.linear(), "config.implementation", implementation)
    assert load(tmp_path, document).model.config == LinearConfig(1, 1, 5, bias=True)


def test_a_container_is_read_with_containers_in_it(tmp_path: Path) -> None:
    document = make_nam.container(make_nam.lstm(), make_nam.container())
    document["weights"] = [1.0, 2.0]  # ignored, as in NAM Core
    config = load(tmp_path, document).model.config
    assert isinstance(config, ContainerConfig)
    assert [submodel.max_value for submodel in config.submodels] == [0.5, 1.0]
    assert isinstance(config.submodels[1].model.config, ContainerConfig)


def test_a_submodel_may_leave_the_sample_rate_to_its_container(tmp_path: Path) -> None:
    document = put(make_nam.container(), "config.submodels[0].model.sample_rate", DELETE)
    assert load(tmp_path, document).model.sample_rate_hz == 48000


def test_a_sequential_is_read_with_models_of_every_kind_in_it(tmp_path: Path) -> None:
    parts = [make_nam.linear(3), make_nam.a1(), make_nam.container(), make_nam.sequential()]
    config = load(tmp_path, make_nam.sequential(*parts)).model.config
    assert isinstance(config, SequentialConfig)
    assert [model.architecture for model in config.models] == [p["architecture"] for p in parts]


def test_a_sequential_may_be_a_submodel(tmp_path: Path) -> None:
    document = make_nam.container(make_nam.sequential(), make_nam.a1())
    config = load(tmp_path, document).model.config
    assert isinstance(config, ContainerConfig)
    assert isinstance(config.submodels[0].model.config, SequentialConfig)


@pytest.mark.parametrize("states", [(True, False, False), (False, True, False)])
def test_the_first_sample_rate_stated_is_that_of_the_chain(
    tmp_path: Path, states: tuple[bool, ...]
) -> None:
    rates = [44100 if stated else None for stated in states]
    inner = make_nam.sequential(make_nam.linear(sample_rate=rates[1]), sample_rate=None)
    last = make_nam.linear(sample_rate=rates[2])
    document = make_nam.sequential(inner, last, sample_rate=rates[0])
    assert load(tmp_path, document).model.sample_rate_hz == 44100


@pytest.mark.parametrize(
    ("inputs", "outputs", "responses", "biases"), [(3, 3, 1, 1), (1, 3, 3, 3), (3, 1, 3, 1)]
)
def test_a_linear_has_a_response_for_every_path_and_a_bias_for_every_output(
    tmp_path: Path, inputs: int, outputs: int, responses: int, biases: int
) -> None:
    document = make_nam.linear(4, inputs=inputs, outputs=outputs)
    document["weights"] = make_nam.weights(4 * responses + biases)
    file = load(tmp_path, document)
    assert file.model.config == LinearConfig(inputs, outputs, 4, bias=True)


@pytest.mark.parametrize("version", ["0.5.0", "0.5.4", "0.6.99", "0.7.0", "00.07.00"])
def test_every_supported_version_is_read_without_a_warning(tmp_path: Path, version: str) -> None:
    file = load(tmp_path, put(a1(), "version", version))
    assert (file.model.version, file.warnings) == (version, ())


def test_a_missing_sample_rate_is_unknown(tmp_path: Path) -> None:
    assert load(tmp_path, put(a1(), "sample_rate", DELETE)).model.sample_rate_hz is None


def test_unknown_keys_are_ignored(tmp_path: Path) -> None:
    document = put(put(a1(), "trainer", {"deep": [None]}), f"{L0}.colour", [1])
    assert load(tmp_path, document).warnings == ()


def test_metadata_is_read(tmp_path: Path) -> None:
    date = {"year": 2026, "month": 5, "day": 4, "hour": 3, "minute": 2, "second": 1}
    metadata = {
        "name": "Tweed",
        "modeled_by": "me",
        "gear_type": "T3K-Null",
        "date": date,
        "loudness": -18,
        "gain": 0.5,
        "input_level_dbu": 12.5,
        "output_level_dbu": None,
        "training": {"validation_esr": 0.01},
    }
    assert load(tmp_path, a1(metadata=metadata)).model.metadata == Metadata(
        name="Tweed",
        modeled_by="me",
        gear_type="T3K-Null",
        date="2026-05-04T03:02:01",
        loudness_db=-18.0,
        gain=0.5,
        input_level_dbu=12.5,
        validation_esr=0.01,
    )


def test_metadata_nobody_checks_may_be_odd(tmp_path: Path) -> None:
    metadata = {"name": 3, "date": {"year": 0}, "gain": "x", "training": [], "tone_type": "a" * 300}
    read_back = load(tmp_path, a1(metadata=metadata)).model.metadata
    assert read_back == Metadata(tone_type="a" * 200 + "...")


def test_metadata_text_is_one_printable_line(tmp_path: Path) -> None:
    metadata = {"name": "a\nb\x1b[31m\ud800é"}
    assert load(tmp_path, a1(metadata=metadata)).model.metadata.name == r"a\nb\x1b[31m\ud800é"


def test_weights_are_rounded_to_float32(tmp_path: Path) -> None:
    document = put(make_nam.linear(3, bias=False), "weights", [0.1, 1e-46, 3.4028235e38])
    values = load(tmp_path, document).model.weights
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, np.float32([0.1, 0.0, 3.4028235e38]))


def test_a_large_capture_is_read_in_a_tenth_of_a_second(tmp_path: Path) -> None:
    path = make_nam.write(tmp_path, make_nam.lstm(54, 1))  # about 12000 weights
    times = []
    for _ in range(3):
        start = time.perf_counter()
        read(path)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1
