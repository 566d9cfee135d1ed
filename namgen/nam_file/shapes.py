"""Widths that follow from a config: who is how wide, in one place."""

from __future__ import annotations

from collections.abc import Iterator

from namgen.arithmetic import FLOAT32
from namgen.nam_file.types import (
    Config,
    ContainerConfig,
    ConvNetConfig,
    LayerArrayConfig,
    LayerConfig,
    LinearConfig,
    LstmConfig,
    NamModel,
    PostHeadConfig,
    SequentialConfig,
    WaveNetConfig,
)


def layer_rows(array: LayerArrayConfig, layer: LayerConfig) -> int:
    """Rows of a layer's convolution: the bottleneck, twice when the layer is gated or blended."""
    return array.bottleneck * (1 if layer.gating == "none" else 2)


def head_width(array: LayerArrayConfig) -> int:
    """Channels of the array's skip sum."""
    return array.head1x1.out_channels if array.head1x1 else array.bottleneck


def film_dims(array: LayerArrayConfig, layer: LayerConfig) -> tuple[int, ...]:
    """Channels each of the eight FiLM positions modulates, in the order of FILM_NAMES."""
    rows = layer_rows(array, layer)
    return (
        array.channels,
        rows,
        array.condition_size,
        rows,
        rows,
        array.bottleneck,
        array.channels,
        head_width(array),
    )


def post_head_widths(in_channels: int, head: PostHeadConfig) -> tuple[int, ...]:
    """Channels before, between and after the convolutions of a post-stack head."""
    between = (head.channels,) * (len(head.kernel_sizes) - 1)
    return (in_channels, *between, head.out_channels)


def in_channels(config: Config) -> int:
    """Inputs of a model."""
    match config:
        case ContainerConfig():
            return in_channels(config.submodels[-1].model.config)
        case SequentialConfig():
            return in_channels(config.models[0].config)
        case _:
            return config.in_channels


def out_channels(config: Config) -> int:
    """Outputs of a model."""
    match config:
        case WaveNetConfig():
            head = config.post_head or config.arrays[-1].head
            return head.out_channels
        case ContainerConfig():
            return out_channels(config.submodels[-1].model.config)
        case SequentialConfig():
            return out_channels(config.models[-1].config)
        case _:
            return config.out_channels


def linear_paths(config: LinearConfig) -> int:
    """Impulse responses of a Linear: equal channels share one, else every path has its own."""
    equal = config.in_channels == config.out_channels
    return 1 if equal else max(config.in_channels, config.out_channels)


def linear_biases(config: LinearConfig) -> int:
    """Biases of a Linear: equal channels share one, else every output has its own."""
    equal = config.in_channels == config.out_channels
    return int(config.bias) * (1 if equal else config.out_channels)


def history_bytes(config: Config) -> int:
    """Bytes of past samples the model itself (nested models excluded) has to keep."""
    return FLOAT32.element_bytes * _history_samples(config)


def _history_samples(config: Config) -> int:
    match config:
        case WaveNetConfig():
            return _wavenet_history(config)
        case ConvNetConfig():
            first, *rest = config.dilations
            return first * config.in_channels + sum(rest) * config.channels
        case LinearConfig():
            return (config.receptive_field - 1) * config.in_channels
        case LstmConfig():
            return 2 * config.num_layers * config.hidden_size
        case _:
            return 0


def _wavenet_history(config: WaveNetConfig) -> int:
    total = 0
    for array in config.arrays:
        for layer in array.layers:
            total += (layer.kernel_size - 1) * layer.dilation * array.channels
        total += (array.head.kernel_size - 1) * array.head.dilation * head_width(array)
    if config.post_head:
        widths = post_head_widths(config.arrays[-1].head.out_channels, config.post_head)
        kernels = config.post_head.kernel_sizes
        total += sum((k - 1) * width for k, width in zip(kernels, widths, strict=False))
    return total


def wavenet_lookback(config: WaveNetConfig) -> int:
    """Frames before the present one that a WaveNet reads, its condition network left out."""
    total = 0
    for array in config.arrays:
        total += sum((layer.kernel_size - 1) * layer.dilation for layer in array.layers)
        total += (array.head.kernel_size - 1) * array.head.dilation
    return total + sum(k - 1 for k in (config.post_head.kernel_sizes if config.post_head else ()))


def every_model(model: NamModel) -> Iterator[NamModel]:
    """The model and all models in it."""
    yield model
    match model.config:
        case WaveNetConfig() if model.config.condition:
            yield from every_model(model.config.condition)
        case ContainerConfig():
            for submodel in model.config.submodels:
                yield from every_model(submodel.model)
        case SequentialConfig():
            for part in model.config.models:
                yield from every_model(part)


def stated_rate_hz(model: NamModel) -> float | None:
    """The sample rate that a model states, else the first one stated in it.

    Of a container that is the widest submodel's, which is what a chain plays.
    """
    if model.sample_rate_hz is not None:
        return model.sample_rate_hz
    match model.config:
        case SequentialConfig():
            rates = map(stated_rate_hz, model.config.models)
            return next((rate for rate in rates if rate is not None), None)
        case ContainerConfig():
            return stated_rate_hz(model.config.submodels[-1].model)
        case _:
            return None


def is_slimmable(config: Config) -> bool:
    """Whether the model, or a model in it, can play at several widths."""
    match config:
        case ContainerConfig():
            return True
        case SequentialConfig():
            return any(is_slimmable(model.config) for model in config.models)
        case WaveNetConfig():
            return any(array.allowed_channels for array in config.arrays)
        case _:
            return False


def is_response(model: NamModel) -> bool:
    """Whether the model is nothing but impulse responses, which play at any rate."""
    match model.config:
        case LinearConfig():
            return True
        case SequentialConfig():
            return all(map(is_response, model.config.models))
        case ContainerConfig():
            return is_response(model.config.submodels[-1].model)
        case _:
            return False
