"""Which submodel and which width a file gives, by the rules of NAM Core."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_lower_networks import SIGMOID, TANH, array, file_of, model, plain, wavenet

from namgen import ir
from namgen.errors import UnsupportedError
from namgen.lower import lower
from namgen.lower.container import submodels
from namgen.nam_file.types import (
    ActivationConfig,
    ContainerConfig,
    FilmConfig,
    Head1x1Config,
    HeadConfig,
    LayerConfig,
    LinearConfig,
    NamModel,
    Submodel,
    WaveNetConfig,
)


def container(*values: tuple[float, NamModel]) -> NamModel:
    empty = np.zeros(0, np.float32)
    config = ContainerConfig(tuple(Submodel(limit, content) for limit, content in values))
    return NamModel("0.7.0", "SlimmableContainer", config, empty, 48000)


def gain(value: float) -> NamModel:
    return model(LinearConfig(1, 1, 1, bias=False), np.array([value], np.float32))


def gain_of(network: ir.Network) -> float:
    assert isinstance(network, ir.Linear)
    return float(network.conv.weight[0, 0, 0])


THREE = container((0.3, gain(1)), (0.6, gain(2)), (1.0, gain(3)))


@pytest.mark.parametrize(
    ("submodel", "expected"), [("lite", 1), ("1", 1), ("2", 2), ("3", 3), ("full", 3)]
)
def test_a_submodel_is_chosen_by_name_or_index(submodel: str, expected: float) -> None:
    assert gain_of(lower(file_of(THREE), submodel=submodel).network) == expected


@pytest.mark.parametrize(
    ("slim", "expected"), [(0.0, 1), (0.29, 1), (0.3, 2), (0.6, 3), (1.0, 3), (None, 3)]
)
def test_slim_takes_the_first_submodel_above_the_ratio(slim: float | None, expected: float) -> None:
    assert gain_of(lower(file_of(THREE), slim=slim).network) == expected


def test_an_unknown_submodel_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(
        UnsupportedError, match='submodel "4": this file offers 1, 2, 3, full, lite'
    ):
        lower(file_of(THREE), submodel="4")


def test_submodels_lists_every_spelling() -> None:
    names = [choice.names for choice in submodels(file_of(THREE))]
    assert names == [("1", "lite"), ("2",), ("3", "full")]
    assert submodels(file_of(gain(1))) == ()


def test_the_choice_is_written_into_the_model() -> None:
    assert lower(file_of(THREE), submodel="2").options == ("submodel 2 of 3",)


def test_inside_a_chosen_submodel_a_container_is_full_unless_slim_says_otherwise() -> None:
    nested = file_of(container((0.5, THREE), (1.0, gain(9))))
    assert gain_of(lower(nested, submodel="lite").network) == 3
    assert gain_of(lower(nested, submodel="lite", slim=0.0).network) == 1
    assert gain_of(lower(nested, slim=0.0).network) == 3


def slimmable(**changes: object) -> WaveNetConfig:
    return wavenet(
        replace(
            array((plain(1), plain(2)), channels=4, bottleneck=4, allowed_channels=(1, 2, 4)),
            **changes,  # type: ignore[arg-type]
        )
    )


def narrowed(config: WaveNetConfig, slim: float) -> ir.WaveNet:
    network = lower(file_of(model(config)), slim=slim).network
    assert isinstance(network, ir.WaveNet)
    return network


@pytest.mark.parametrize(
    ("slim", "channels"), [(0.0, 1), (0.33, 1), (0.34, 2), (0.66, 2), (0.67, 4), (1.0, 4)]
)
def test_slim_picks_the_width_by_rank_in_the_list(slim: float, channels: int) -> None:
    assert narrowed(slimmable(), slim).arrays[0].layers[0].channels == channels


def test_narrowing_keeps_the_first_rows_and_columns() -> None:
    full, half = narrowed(slimmable(), 1.0).arrays[0], narrowed(slimmable(), 0.5).arrays[0]
    np.testing.assert_array_equal(half.rechannel.weight, full.rechannel.weight[:2])
    np.testing.assert_array_equal(half.layers[0].conv.weight, full.layers[0].conv.weight[:2, :2])
    np.testing.assert_array_equal(half.layers[0].mixin.weight, full.layers[0].mixin.weight[:2])
    np.testing.assert_array_equal(half.head.weight, full.head.weight[:, :2])
    assert half.layers[0].layer1x1 is not None
    assert half.layers[0].layer1x1.weight.shape == (2, 2, 1)


def test_a_gated_layer_keeps_its_first_rows_whatever_they_were() -> None:
    gated = LayerConfig(2, 1, TANH, "gated", SIGMOID)
    config = slimmable(layers=(gated, gated), films=(FilmConfig(True, 1),) + (None,) * 7)
    full, half = (
        narrowed(config, 1.0).arrays[0].layers[0],
        narrowed(config, 0.5).arrays[0].layers[0],
    )
    np.testing.assert_array_equal(half.conv.weight, full.conv.weight[:4, :2])
    assert half.conv_pre_film is not None
    assert full.conv_pre_film is not None
    rows = full.conv_pre_film.modulator.weight[:4]
    np.testing.assert_array_equal(half.conv_pre_film.modulator.weight, rows)


def test_the_bottleneck_shrinks_in_proportion_and_is_the_width_without_layer1x1() -> None:
    small = slimmable(bottleneck=3, head=HeadConfig(1, 1, bias=True, dilation=1))
    assert narrowed(small, 0.5).arrays[0].layers[0].bottleneck == 1
    assert narrowed(slimmable(layer1x1_groups=None), 0.5).arrays[0].layers[0].bottleneck == 2


PRELU = ActivationConfig("PReLU", (0.1, 0.2, 0.3, 0.4))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"head": HeadConfig(1, 3, bias=True, dilation=1)}, "head kernel of 1, found 3"),
        ({"groups_input": 2}, "groups of 1 everywhere"),
        ({"films": (None, FilmConfig(True, 2)) + (None,) * 6}, "groups of 1 everywhere"),
        ({"head1x1": Head1x1Config(2, 2)}, "groups of 1 everywhere"),
        ({"layers": (plain(1, PRELU),)}, "one PReLU slope per channel"),
    ],
)
def test_what_nam_core_cannot_slice_is_refused(changes: dict[str, object], message: str) -> None:
    config = slimmable(**changes)
    with pytest.raises(UnsupportedError, match=f"config.layers\\[0\\]: slimming .*{message}"):
        narrowed(config, 0.5)


def test_the_full_width_needs_no_slicing_and_is_not_refused() -> None:
    config = slimmable(head=HeadConfig(1, 3, bias=True, dilation=1))
    assert narrowed(config, 1.0).arrays[0].head.kernel_size == 3


def test_widths_that_stop_fitting_together_are_refused() -> None:
    first = array(channels=4, bottleneck=4, head=HeadConfig(4, 1, bias=False, dilation=1))
    second = replace(first, input_size=4, head1x1=Head1x1Config(4, 1), allowed_channels=(2, 4))
    with pytest.raises(UnsupportedError, match=r"config.layers\[1\]: slimming gives a head of 4"):
        narrowed(wavenet(first, second), 0.0)
