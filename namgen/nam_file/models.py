"""A complete model object: version, sample rate, config, weights, and the models inside it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from namgen.arithmetic import F32
from namgen.nam_file import shapes
from namgen.nam_file.activations import read_activation
from namgen.nam_file.counts import CONVNET_KERNEL_SIZE, count
from namgen.nam_file.limits import (
    MAX_AUDIO_CHANNELS,
    MAX_CHANNELS,
    MAX_DILATION,
    MAX_LAYERS,
    MAX_MODELS,
    MAX_NESTING,
    MAX_SAMPLE_RATE_HZ,
    MAX_WEIGHTS,
)
from namgen.nam_file.metadata import read_metadata
from namgen.nam_file.node import Node
from namgen.nam_file.types import (
    Config,
    ContainerConfig,
    ConvNetConfig,
    LinearConfig,
    LstmConfig,
    Metadata,
    NamModel,
    SequentialConfig,
    Submodel,
    WaveNetConfig,
)
from namgen.nam_file.wavenet import check_history, read_wavenet
from namgen.weights import WeightStream

ARCHITECTURES = ("WaveNet", "LSTM", "ConvNet", "Linear", "SlimmableContainer", "Sequential")
IMPLEMENTATIONS = ("auto", "direct", "legacy", "old", "fft", "partitioned_fft", "partitioned-fft")
SIGNATURE_KEYS = {
    "layers": "WaveNet",
    "hidden_size": "LSTM",
    "batchnorm": "ConvNet",
    "receptive_field": "Linear",
    "submodels": "SlimmableContainer",
    "models": "Sequential",
}
"""The key that only this architecture's config has."""

EARLIEST_VERSION = (0, 5, 0)
LATEST_VERSION = (0, 7, 0)
UNKNOWN_RATE = -1.0
_INT32_MAX = 2**31 - 1
_VERSION = re.compile(r"[0-9]{1,64}\.[0-9]{1,64}\.[0-9]{1,64}")


@dataclass(frozen=True, slots=True)
class Parent:
    """What the model around a nested one asks of it."""

    rate_hz: float | None  # as in the file, or UNKNOWN_RATE; None after a problem
    depth: int
    same_unknown: bool = False  # a missing sample rate must be missing on both sides


def read_model(node: Node, parent: Parent | None = None) -> NamModel | None:
    """Read a complete model object; None after problems."""
    if not node.is_object():
        return None
    node.report.spend_model(node)
    mark = len(node.report.problems)
    version = _read_version(node["version"])
    rate_hz = _read_rate(node["sample_rate"], parent)
    architecture = node["architecture"].choice(ARCHITECTURES)
    metadata = read_metadata(node["metadata"])
    values = _read_weights(node["weights"])
    depth = parent.depth if parent else 0
    context = _Context(version, rate_hz, depth, values)
    config = None
    if node["architecture"].value == architecture:
        config = _read_config(node["config"], architecture, context)
    if config is None or values is None or not node.report.clean_since(mark):
        return None
    values = _check_weights(node["weights"], config, values)
    if not node.report.clean_since(mark):
        return None
    return _model(context, architecture, config, values, metadata)


@dataclass(frozen=True, slots=True)
class _Context:
    """What the parts of a model need to know about it."""

    version: str
    rate_hz: float | None  # as in the file, or UNKNOWN_RATE; None after a problem
    depth: int
    weights: F32 | None


def _model(
    context: _Context, architecture: str, config: Config, values: F32, metadata: Metadata
) -> NamModel:
    rate_hz = context.rate_hz if context.rate_hz and context.rate_hz > 0 else None
    model = NamModel(context.version, architecture, config, values, rate_hz, metadata)
    if isinstance(config, SequentialConfig):
        return replace(model, sample_rate_hz=shapes.stated_rate_hz(model))
    return model


def _read_version(node: Node) -> str:
    text = node.value
    supported = "a version from 0.5.0 to 0.7.x"
    if not isinstance(text, str) or not _VERSION.fullmatch(text):
        node.fail(f"{supported}, three numbers with dots")
        return ""
    version = tuple(int(part) for part in text.split("."))
    if version < EARLIEST_VERSION or version[:2] > LATEST_VERSION[:2] or version[2] > _INT32_MAX:
        node.fail(supported)
    elif version > LATEST_VERSION:
        node.report.warn(node.path, f"{text} is newer than 0.7.0; NAM Core supports it only partly")
    return text


def _read_rate(node: Node, parent: Parent | None) -> float | None:
    mark = len(node.report.problems)
    rate_hz = node.number(default=UNKNOWN_RATE)
    if rate_hz > MAX_SAMPLE_RATE_HZ:
        node.fail(f"a sample rate of at most {MAX_SAMPLE_RATE_HZ} Hz")
    elif not rate_hz.is_integer():
        node.fail("a whole number of Hz")
    elif rate_hz <= 0 and not node.missing:
        node.report.warn(node.path, f"{rate_hz:g} Hz means unknown; 48000 Hz is assumed")
    if parent and parent.rate_hz is not None and node.report.clean_since(mark):
        _check_rate(node, rate_hz, parent.rate_hz, parent)
    return rate_hz if node.report.clean_since(mark) else None


def _check_rate(node: Node, rate_hz: float, outer_hz: float, parent: Parent) -> None:
    """Report a sample rate that differs from that of the model around."""
    either_unknown = UNKNOWN_RATE in {rate_hz, outer_hz} and not parent.same_unknown
    if rate_hz != outer_hz and not either_unknown:
        wanted = "no sample rate" if outer_hz == UNKNOWN_RATE else f"{outer_hz:g}"
        node.fail(f"{wanted}, as in the model around it")


def _read_weights(node: Node) -> F32 | None:
    """The list as float32, or None after a problem; only the first bad entry is reported."""
    values = node.value
    if not isinstance(values, list):
        node.fail("a list of numbers")
        return None
    if not set(map(type, values)) <= {int, float}:
        bad = next(i for i, value in enumerate(values) if type(value) not in {int, float})
        Node(values[bad], f"{node.path}[{bad}]", node.report).fail("a number")
        return None
    with np.errstate(over="ignore"):
        array = np.array(values, dtype=np.float64).astype(np.float32)
    finite = np.isfinite(array)
    if not finite.all():
        bad = int(np.argmin(finite))
        entry = Node(values[bad], f"{node.path}[{bad}]", node.report)
        entry.fail("a number that fits a float32")
        return None
    return array


def _check_weights(node: Node, config: Config, values: F32) -> F32:
    """The model's own weights, after comparing their number with what the config implies."""
    if isinstance(config, (ContainerConfig, SequentialConfig)):
        return values[:0]
    wanted = count(config)
    if wanted != values.size:
        found = f"the file has {values.size}"
        node.report.problem(node.path, f"config implies {wanted} values, {found}")
    elif isinstance(config, ConvNetConfig) and config.batchnorm:
        _check_batchnorm(node, config, values)
    return values


def _check_batchnorm(node: Node, config: ConvNetConfig, values: F32) -> None:
    stream = WeightStream(values)
    for block in range(len(config.dilations)):
        inputs = config.channels if block else config.in_channels
        stream.take(config.channels, inputs // config.groups, CONVNET_KERNEL_SIZE)
        stream.take(config.channels)
        start = int(values.size) - stream.remaining
        variance = stream.take(config.channels)
        stream.take(2 * config.channels)
        sums = variance + stream.take(1)
        if not (sums > 0).all():
            bad = start + int(np.argmax(~(sums > 0)))
            entry = Node(float(values[bad]), f"{node.path}[{bad}]", node.report)
            entry.fail("a batch norm variance that is positive after adding epsilon")


def _read_config(node: Node, architecture: str, context: _Context) -> Config | None:
    if not node.is_object():
        return None
    mark = len(node.report.problems)
    match architecture:
        case "WaveNet":
            config: Config | None = _read_wavenet(node, context)
        case "LSTM":
            config = _read_lstm(node)
        case "ConvNet":
            config = _read_convnet(node)
        case "Linear":
            config = _read_linear(node)
        case "SlimmableContainer":
            config = _read_container(node, context)
        case _:
            config = _read_sequential(node, context)
    return config if node.report.clean_since(mark) else None


def _read_wavenet(node: Node, context: _Context) -> WaveNetConfig | None:
    def read_condition(condition: Node, inputs: int) -> NamModel | None:
        parent = Parent(context.rate_hz, context.depth + 1, same_unknown=True)
        model = _read_nested(condition, parent)
        if model is None:
            return None
        if isinstance(model.config, SequentialConfig):
            condition.fail("a model that is no Sequential (NAM Core crashes on one here)")
        elif shapes.is_slimmable(model.config):
            condition.fail("a model of one width", found=f"a slimmable {model.architecture}")
        elif shapes.in_channels(model.config) != inputs:
            found = f"{shapes.in_channels(model.config)} inputs"
            condition.fail(f"{inputs} inputs (in_channels of the model)", found=found)
        return model

    return read_wavenet(node, read_condition)


def _read_nested(node: Node, parent: Parent) -> NamModel | None:
    if parent.depth > MAX_NESTING:
        node.fail(f"models nested at most {MAX_NESTING} deep", found="deeper")
        return None
    return read_model(node, parent)


def _read_lstm(node: Node) -> LstmConfig:
    config = LstmConfig(
        in_channels=node["in_channels"].integer(1, MAX_AUDIO_CHANNELS, default=1),
        out_channels=node["out_channels"].integer(1, MAX_AUDIO_CHANNELS, default=1),
        hidden_size=node["hidden_size"].integer(1, MAX_CHANNELS),
        num_layers=node["num_layers"].integer(0, MAX_LAYERS),
    )
    mark = len(node.report.problems)
    node["input_size"].integer(1, MAX_AUDIO_CHANNELS)
    if node.report.clean_since(mark):
        node["input_size"].exactly(config.in_channels, "in_channels of the model")
    node.report.spend_layers(node["num_layers"], config.num_layers)
    return config


def _read_convnet(node: Node) -> ConvNetConfig:
    mark = len(node.report.problems)
    channels = node["channels"].integer(1, MAX_CHANNELS)
    widths = (channels,) if node.report.clean_since(mark) else ()
    dilations = [item.integer(0, MAX_DILATION) for item in node["dilations"].items("dilations")]
    config = ConvNetConfig(
        in_channels=node["in_channels"].integer(1, MAX_AUDIO_CHANNELS, default=1),
        out_channels=node["out_channels"].integer(1, MAX_AUDIO_CHANNELS, default=1),
        channels=channels,
        dilations=tuple(dilations),
        batchnorm=node["batchnorm"].boolean(),
        activation=read_activation(node["activation"], widths),
        groups=node["groups"].integer(1, MAX_CHANNELS, default=1),
    )
    node.report.spend_layers(node["dilations"], len(dilations))
    if node.report.clean_since(mark):
        for width, name in ((config.in_channels, "in_channels"), (channels, "channels")):
            if width % config.groups:
                node["groups"].fail(f"a divisor of {name} ({width})")
        check_history(node, config)
    return config


def _read_linear(node: Node) -> LinearConfig:
    mark = len(node.report.problems)
    config = LinearConfig(
        in_channels=node["in_channels"].integer(1, MAX_AUDIO_CHANNELS, default=1),
        out_channels=node["out_channels"].integer(1, MAX_AUDIO_CHANNELS, default=1),
        receptive_field=node["receptive_field"].integer(1, MAX_WEIGHTS),
        bias=node["bias"].boolean(),
    )
    implementation = node["implementation"]
    if isinstance(implementation.value, str):
        lowered = replace(implementation, value=implementation.value.lower())
        lowered.choice(IMPLEMENTATIONS)
    elif not implementation.missing:
        implementation.choice(IMPLEMENTATIONS)
    widths = {config.in_channels, config.out_channels}
    if len(widths) > 1 and 1 not in widths and node.report.clean_since(mark):
        node["out_channels"].fail(
            f"1 or {config.in_channels} (a Linear has one input, one output or as many of both)"
        )
    dense = config.in_channels * config.out_channels * config.receptive_field
    if dense > MAX_WEIGHTS and node.report.clean_since(mark):
        node.fail(f"at most {MAX_WEIGHTS} taps over all pairs of channels", found=str(dense))
    return config


def _read_container(node: Node, context: _Context) -> ContainerConfig | None:
    mark = len(node.report.problems)
    entries = node["submodels"].items("submodels", limit=MAX_MODELS)
    read = [_read_submodel(entry, context) for entry in entries]
    submodels = tuple(submodel for submodel in read if submodel)
    if not node.report.clean_since(mark):
        return None
    for entry, before, after in zip(entries[1:], submodels, submodels[1:], strict=False):
        if after.max_value <= before.max_value:
            entry["max_value"].fail(f"more than the one before ({before.max_value:g})")
    if submodels[-1].max_value < 1:
        entries[-1]["max_value"].fail("at least 1 (the last submodel)")
    return ContainerConfig(submodels)


def _read_submodel(node: Node, context: _Context) -> Submodel | None:
    if not node.is_object():
        return None
    max_value = node["max_value"].number()
    model = _read_nested(node["model"], Parent(context.rate_hz, context.depth + 1))
    if model is None:
        return None
    inner_hz, outer_hz = shapes.stated_rate_hz(model), context.rate_hz or UNKNOWN_RATE
    if inner_hz and outer_hz > 0 and inner_hz != outer_hz:
        expected = f"{outer_hz:g}, as in the model around it"
        node["model"]["sample_rate"].fail(expected, found=f"{inner_hz:g}")
    channels = (shapes.in_channels(model.config), shapes.out_channels(model.config))
    if channels != (1, 1):
        found = f"{channels[0]} in and {channels[1]} out"
        node["model"].fail("a mono model (1 in, 1 out)", found=found)
    return Submodel(max_value, model)


def _read_sequential(node: Node, context: _Context) -> SequentialConfig | None:
    """Complete models in series, each with weights of its own; they share one sample rate."""
    mark = len(node.report.problems)
    entries = node["models"].items("models", limit=MAX_MODELS)
    if any(map(_is_bare, entries)):
        node["models"].fail(_COMPLETE, found=_BARE)
        return None
    if context.weights is not None and context.weights.size:
        outer = Node(context.weights.tolist(), _beside(node, "weights"), node.report)
        outer.fail("an empty list (each model of a Sequential has weights of its own)")
    inside = Parent(None, context.depth + 1)
    models = [_read_nested(entry, inside) for entry in entries]
    if not node.report.clean_since(mark):
        return None
    config = SequentialConfig(tuple(model for model in models if model))
    _check_chain(entries, config.models)
    _check_rates(node, entries, config.models, context.rate_hz)
    return config


_COMPLETE = "complete models (version, architecture, config and weights each)"
_BARE = (
    "the old form, configs whose weights are one list outside: it does not say which architectures"
    " they are and where each one's weights end, so NAM Core and the trainer refuse it too; export"
    " the model again with a trainer newer than 23 August 2026"
)


def _is_bare(entry: Node) -> bool:
    """Whether this is a config without the model around it, as older trainers wrote it."""
    if not isinstance(entry.value, dict) or not entry["weights"].missing:
        return False
    inner = entry if entry["config"].missing else entry["config"]
    return entry["architecture"].missing and any(not inner[k].missing for k in SIGNATURE_KEYS)


def _beside(node: Node, key: str) -> str:
    """The path of another key of the model whose config is `node`."""
    return node.path.removesuffix("config") + key


def _check_chain(entries: list[Node], models: tuple[NamModel, ...]) -> None:
    for index in range(1, len(models)):
        before = shapes.out_channels(models[index - 1].config)
        after = shapes.in_channels(models[index].config)
        if before != after:
            entries[index].fail(f"{before} inputs (outputs of the model before)", found=str(after))


def _check_rates(
    node: Node, entries: list[Node], models: tuple[NamModel, ...], outer_hz: float | None
) -> None:
    """Report every model that states another sample rate than the first one stated."""
    wanted, said = outer_hz if outer_hz and outer_hz > 0 else None, _beside(node, "sample_rate")
    for entry, model in zip(entries, models, strict=True):
        rate_hz = shapes.stated_rate_hz(model)
        if wanted is None and rate_hz is not None:
            wanted, said = rate_hz, entry["sample_rate"].path
        elif rate_hz is not None and rate_hz != wanted:
            entry["sample_rate"].fail(
                f"{wanted:g} ({said}; the models of a Sequential share one rate)",
                found=f"{rate_hz:g}",
            )
