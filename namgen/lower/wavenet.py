"""A WaveNet's weights, taken in their order in the file."""

from __future__ import annotations

from namgen import ir
from namgen.arithmetic import F32
from namgen.lower.pieces import activation_of, take_conv
from namgen.nam_file.shapes import film_dims, head_width, layer_rows, post_head_widths
from namgen.nam_file.types import (
    FILM_NAMES,
    FilmConfig,
    LayerArrayConfig,
    LayerConfig,
    PostHeadConfig,
    WaveNetConfig,
)
from namgen.weights import WeightStream


def lowered_wavenet(weights: F32, config: WaveNetConfig) -> ir.WaveNet:
    """Lower a WaveNet at full width, without the network that makes its condition."""
    stream = WeightStream(weights)
    arrays = tuple(_array(stream, array) for array in config.arrays)
    post_head = _post_head(stream, config.post_head, config.arrays[-1].head.out_channels)
    head_scale = float(stream.take(1)[0])
    assert stream.remaining == 0
    return ir.WaveNet(config.in_channels, arrays, head_scale, post_head=post_head)


def _array(stream: WeightStream, array: LayerArrayConfig) -> ir.LayerArray:
    """Take one layer array's weights, in their order in the file."""
    rechannel = take_conv(stream, array.input_size, array.channels, bias=False)
    layers = tuple(_layer(stream, array, layer) for layer in array.layers)
    head = take_conv(
        stream,
        head_width(array),
        array.head.out_channels,
        kernel_size=array.head.kernel_size,
        dilation=array.head.dilation,
        bias=array.head.bias,
    )
    return ir.LayerArray(rechannel, layers, head)


def _layer(stream: WeightStream, array: LayerArrayConfig, layer: LayerConfig) -> ir.Layer:
    """Take one layer's weights: convolution, mixin, 1x1, head 1x1, modulations."""
    rows = layer_rows(array, layer)
    conv = take_conv(
        stream,
        array.channels,
        rows,
        kernel_size=layer.kernel_size,
        dilation=layer.dilation,
        groups=array.groups_input,
    )
    mixin = take_conv(
        stream, array.condition_size, rows, groups=array.groups_input_mixin, bias=False
    )
    layer1x1, head1x1 = _layer1x1(stream, array), _head1x1(stream, array)
    films = _films(stream, array, layer)
    return ir.Layer(
        conv=conv,
        mixin=mixin,
        activation=activation_of(layer.activation),
        gating=ir.Gating(layer.gating),
        secondary=None if layer.secondary is None else activation_of(layer.secondary),
        layer1x1=layer1x1,
        head1x1=head1x1,
        conv_pre_film=films.get("conv_pre_film"),
        conv_post_film=films.get("conv_post_film"),
        input_mixin_pre_film=films.get("input_mixin_pre_film"),
        input_mixin_post_film=films.get("input_mixin_post_film"),
        activation_pre_film=films.get("activation_pre_film"),
        activation_post_film=films.get("activation_post_film"),
        layer1x1_post_film=films.get("layer1x1_post_film"),
        head1x1_post_film=films.get("head1x1_post_film"),
    )


def _layer1x1(stream: WeightStream, array: LayerArrayConfig) -> ir.Conv1d | None:
    groups = array.layer1x1_groups
    if groups is None:
        return None
    return take_conv(stream, array.bottleneck, array.channels, groups=groups)


def _head1x1(stream: WeightStream, array: LayerArrayConfig) -> ir.Conv1d | None:
    head1x1 = array.head1x1
    if head1x1 is None:
        return None
    return take_conv(stream, array.bottleneck, head1x1.out_channels, groups=head1x1.groups)


def _films(stream: WeightStream, array: LayerArrayConfig, layer: LayerConfig) -> dict[str, ir.Film]:
    """Take the active FiLMs of one layer, by the name of their position."""
    positions = zip(FILM_NAMES, array.films, film_dims(array, layer), strict=True)
    return {
        name: _film(stream, film, condition=array.condition_size, dim=dim)
        for name, film, dim in positions
        if film is not None
    }


def _film(stream: WeightStream, film: FilmConfig, *, condition: int, dim: int) -> ir.Film:
    rows = dim * (2 if film.shift else 1)
    return ir.Film(take_conv(stream, condition, rows, groups=film.groups), film.shift)


def _post_head(
    stream: WeightStream, config: PostHeadConfig | None, inputs: int
) -> ir.PostHead | None:
    if config is None:
        return None
    widths = post_head_widths(inputs, config)
    steps = zip(widths, widths[1:], config.kernel_sizes, strict=False)
    convs = tuple(take_conv(stream, i, o, kernel_size=kernel) for i, o, kernel in steps)
    return ir.PostHead(activation_of(config.activation), convs)
