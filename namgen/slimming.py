"""Narrows a slimmable WaveNet: every width of the network is the first part of the full one."""

from __future__ import annotations

import math
from dataclasses import replace

from namgen import ir
from namgen.errors import UnsupportedError
from namgen.nam_file.types import LayerArrayConfig, LayerConfig, WaveNetConfig


def narrowed(
    arrays: tuple[ir.LayerArray, ...], config: WaveNetConfig, ratio: float
) -> tuple[ir.LayerArray, ...]:
    """Slice every array to its width at this ratio in [0, 1], exactly as NAM Core slices.

    Raises `UnsupportedError` for what NAM Core cannot slice, or slices into nonsense.
    """
    widths = [_width(array, ratio) for array in config.arrays]
    if widths == [array.channels for array in config.arrays]:
        return arrays
    _check_narrowing(config, widths)
    inputs = [config.arrays[0].input_size, *widths[:-1]]
    outputs = [*widths[1:], config.arrays[-1].head.out_channels]
    sizes = zip(arrays, config.arrays, inputs, widths, outputs, strict=True)
    return tuple(
        _narrow_array(array, inputs=i, channels=c, bottleneck=_bottleneck(said, c), outputs=o)
        for array, said, i, c, o in sizes
    )


def _width(array: LayerArrayConfig, ratio: float) -> int:
    allowed = array.allowed_channels
    if not allowed:
        return array.channels
    return allowed[min(math.floor(ratio * len(allowed)), len(allowed) - 1)]


def _bottleneck(array: LayerArrayConfig, channels: int) -> int:
    if array.layer1x1_groups is None:
        return channels
    return max(1, array.bottleneck * channels // array.channels)


def _check_narrowing(config: WaveNetConfig, widths: list[int]) -> None:
    """Refuse what NAM Core refuses, or slices into widths that do not fit together."""
    problems = []
    for index, (array, channels) in enumerate(zip(config.arrays, widths, strict=True)):
        where = f"config.layers[{index}]"
        problems += [f"{where}: {problem}" for problem in _narrowing_problems(array, channels)]
        head = array.head1x1.out_channels if array.head1x1 else _bottleneck(array, channels)
        if index > 0 and head != channels:
            problems.append(
                f"{where}: slimming gives a head of {head} rows where the previous array's head "
                f"has {channels}; slimming works when both are equal"
            )
    if problems:
        raise UnsupportedError(*problems)


def _narrowing_problems(array: LayerArrayConfig, channels: int) -> list[str]:
    problems = []
    if array.head.kernel_size != 1:
        problems.append(f"slimming needs a head kernel of 1, found {array.head.kernel_size}")
    head1x1_groups = array.head1x1.groups if array.head1x1 else 1
    film_groups = (film.groups for film in array.films if film is not None)
    own = (array.groups_input, array.groups_input_mixin, array.layer1x1_groups or 1, head1x1_groups)
    if any(groups != 1 for groups in (*own, *film_groups)):
        problems.append("slimming needs groups of 1 everywhere")
    if channels != array.channels and any(_slopes_would_shift(layer) for layer in array.layers):
        problems.append("slimming does not work with one PReLU slope per channel in ungated layers")
    return problems


def _slopes_would_shift(layer: LayerConfig) -> bool:
    per_channel = layer.activation.name == "PReLU" and len(layer.activation.params) > 1
    return per_channel and layer.gating == "none"


def _narrow_array(
    array: ir.LayerArray, *, inputs: int, channels: int, bottleneck: int, outputs: int
) -> ir.LayerArray:
    layers = tuple(_narrow_layer(layer, channels, bottleneck) for layer in array.layers)
    return ir.LayerArray(
        rechannel=array.rechannel and _first(array.rechannel, rows=channels, columns=inputs),
        layers=layers,
        head=_first(array.head, rows=outputs, columns=layers[0].head_width),
    )


def _narrow_layer(layer: ir.Layer, channels: int, bottleneck: int) -> ir.Layer:
    """Keep the first channels; of a gated layer the first rows, gate rows included or not."""
    rows = bottleneck * (1 if layer.gating is ir.Gating.NONE else 2)
    head = layer.head1x1
    return replace(
        layer,
        conv=_first(layer.conv, rows=rows, columns=channels),
        mixin=_first(layer.mixin, rows=rows),
        activation=_narrow_activation(layer.activation, bottleneck),
        secondary=layer.secondary and _narrow_activation(layer.secondary, bottleneck),
        layer1x1=layer.layer1x1 and _first(layer.layer1x1, rows=channels, columns=bottleneck),
        head1x1=head and _first(head, rows=head.out_channels, columns=bottleneck),
        conv_pre_film=_narrow_film(layer.conv_pre_film, channels),
        conv_post_film=_narrow_film(layer.conv_post_film, rows),
        input_mixin_post_film=_narrow_film(layer.input_mixin_post_film, rows),
        activation_pre_film=_narrow_film(layer.activation_pre_film, rows),
        activation_post_film=_narrow_film(layer.activation_post_film, bottleneck),
        layer1x1_post_film=_narrow_film(layer.layer1x1_post_film, channels),
    )


def _narrow_activation(activation: ir.Activation, channels: int) -> ir.Activation:
    if not activation.per_channel:
        return activation
    return replace(activation, params=activation.params[:channels])


def _narrow_film(film: ir.Film | None, dim: int) -> ir.Film | None:
    if film is None:
        return None
    return replace(film, modulator=_first(film.modulator, rows=dim * (2 if film.shift else 1)))


def _first(conv: ir.Conv1d, *, rows: int, columns: int | None = None) -> ir.Conv1d:
    bias = None if conv.bias is None else conv.bias[:rows]
    return replace(conv, weight=conv.weight[:rows, :columns], bias=bias)
