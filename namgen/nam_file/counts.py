"""How many numbers a config implies: the length of the flat weight list."""

from __future__ import annotations

from namgen.nam_file import shapes
from namgen.nam_file.types import (
    Config,
    ConvNetConfig,
    LayerArrayConfig,
    LayerConfig,
    LinearConfig,
    LstmConfig,
    WaveNetConfig,
)

CONVNET_KERNEL_SIZE = 2
BATCHNORM_ROWS = 4  # mean, variance, weight, bias; one epsilon follows them


def count(config: Config) -> int:
    """Numbers the config implies; nested models carry their own lists and count nothing here."""
    match config:
        case WaveNetConfig():
            return _wavenet(config)
        case LstmConfig():
            return _lstm(config)
        case ConvNetConfig():
            return _convnet(config)
        case LinearConfig():
            responses = config.receptive_field * shapes.linear_paths(config)
            return responses + shapes.linear_biases(config)
        case _:
            return 0


def conv_count(
    in_channels: int, out_channels: int, *, kernel_size: int = 1, groups: int = 1, bias: bool = True
) -> int:
    """Numbers of one convolution."""
    return out_channels * (in_channels // groups) * kernel_size + (out_channels if bias else 0)


def _wavenet(config: WaveNetConfig) -> int:
    total = sum(_array(array) for array in config.arrays)
    head = config.post_head
    if head:
        widths = shapes.post_head_widths(config.arrays[-1].head.out_channels, head)
        for kernel_size, inputs, outputs in zip(
            head.kernel_sizes, widths, widths[1:], strict=False
        ):
            total += conv_count(inputs, outputs, kernel_size=kernel_size)
    return total + 1  # head_scale


def _array(array: LayerArrayConfig) -> int:
    head = array.head
    return (
        conv_count(array.input_size, array.channels, bias=False)
        + sum(_layer(array, layer) for layer in array.layers)
        + conv_count(
            shapes.head_width(array),
            head.out_channels,
            kernel_size=head.kernel_size,
            bias=head.bias,
        )
    )


def _layer(array: LayerArrayConfig, layer: LayerConfig) -> int:
    rows = shapes.layer_rows(array, layer)
    total = conv_count(
        array.channels, rows, kernel_size=layer.kernel_size, groups=array.groups_input
    )
    total += conv_count(array.condition_size, rows, groups=array.groups_input_mixin, bias=False)
    if array.layer1x1_groups is not None:
        total += conv_count(array.bottleneck, array.channels, groups=array.layer1x1_groups)
    if array.head1x1:
        head1x1 = array.head1x1
        total += conv_count(array.bottleneck, head1x1.out_channels, groups=head1x1.groups)
    for film, dim in zip(array.films, shapes.film_dims(array, layer), strict=True):
        if film:
            outputs = 2 * dim if film.shift else dim
            total += conv_count(array.condition_size, outputs, groups=film.groups)
    return total


def _lstm(config: LstmConfig) -> int:
    hidden = config.hidden_size
    total = 0
    for layer in range(config.num_layers):
        inputs = hidden if layer else config.in_channels
        total += 4 * hidden * (inputs + hidden) + 6 * hidden  # matrix, bias, start h and c
    return total + conv_count(hidden, config.out_channels)


def _convnet(config: ConvNetConfig) -> int:
    total = 0
    for block in range(len(config.dilations)):
        total += conv_count(
            config.channels if block else config.in_channels,
            config.channels,
            kernel_size=CONVNET_KERNEL_SIZE,
            groups=config.groups,
            bias=not config.batchnorm,
        )
        total += BATCHNORM_ROWS * config.channels + 1 if config.batchnorm else 0
    return total + conv_count(config.channels, config.out_channels)
