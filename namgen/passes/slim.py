"""Narrows a slimmable WaveNet: every width of the network is the first part of the full one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from namgen import ir
from namgen.errors import UnsupportedError


def slim(network: ir.WaveNet, widths: Sequence[int]) -> ir.WaveNet:
    """Slice every layer array to its width, exactly as NAM Core slices.

    widths: channels per layer array; the network is as the file has it, its last 1x1 included.

    Raises `UnsupportedError` for what NAM Core cannot slice, or slices into nonsense.
    """
    arrays = network.arrays
    if all(_channels(array) == width for array, width in zip(arrays, widths, strict=True)):
        return network
    _check(arrays, widths)
    inputs = [network.in_channels, *widths[:-1]]
    outputs = [*widths[1:], arrays[-1].head.out_channels]
    sizes = zip(arrays, inputs, widths, outputs, strict=True)
    narrow = (_narrow_array(array, inputs=i, channels=c, outputs=o) for array, i, c, o in sizes)
    return replace(network, arrays=tuple(narrow))


def _channels(array: ir.LayerArray) -> int:
    return array.layers[0].channels


def _bottleneck(array: ir.LayerArray, channels: int) -> int:
    """Rows after the activation when the array is `channels` wide."""
    if array.layers[0].layer1x1 is None:
        return channels
    return max(1, array.layers[0].bottleneck * channels // _channels(array))


def _check(arrays: Sequence[ir.LayerArray], widths: Sequence[int]) -> None:
    """Refuse what NAM Core refuses, or slices into widths that do not fit together."""
    problems = []
    for index, (array, channels) in enumerate(zip(arrays, widths, strict=True)):
        where = f"config.layers[{index}]"
        problems += [f"{where}: {problem}" for problem in _problems(array, channels)]
        head1x1 = array.layers[0].head1x1
        head = head1x1.out_channels if head1x1 else _bottleneck(array, channels)
        if index > 0 and head != channels:
            problems.append(
                f"{where}: slimming gives a head of {head} rows where the previous array's head "
                f"has {channels}; slimming works when both are equal"
            )
    if problems:
        raise UnsupportedError(*problems)


def _problems(array: ir.LayerArray, channels: int) -> list[str]:
    problems = []
    if array.head.kernel_size != 1:
        problems.append(f"slimming needs a head kernel of 1, found {array.head.kernel_size}")
    if any(conv.groups != 1 for layer in array.layers for conv in layer.convolutions):
        problems.append("slimming needs groups of 1 everywhere")
    if channels != _channels(array) and any(map(_slopes_would_shift, array.layers)):
        problems.append("slimming does not work with one PReLU slope per channel in ungated layers")
    return problems


def _slopes_would_shift(layer: ir.Layer) -> bool:
    return layer.activation.per_channel and layer.gating is ir.Gating.NONE


def _narrow_array(
    array: ir.LayerArray, *, inputs: int, channels: int, outputs: int
) -> ir.LayerArray:
    bottleneck = _bottleneck(array, channels)
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
