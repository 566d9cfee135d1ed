"""A complete model object: version, sample rate, config, weights, and the models inside it."""

from __future__ import annotations

from dataclasses import replace

from namgen.nam_file import shapes
from namgen.nam_file.container import read_container
from namgen.nam_file.convnet import read_convnet
from namgen.nam_file.header import read_rate, read_version
from namgen.nam_file.linear import read_linear
from namgen.nam_file.lstm import read_lstm
from namgen.nam_file.metadata import read_metadata
from namgen.nam_file.nesting import Context, Parent
from namgen.nam_file.node import Node
from namgen.nam_file.sequential import read_sequential
from namgen.nam_file.types import Config, NamModel, SequentialConfig
from namgen.nam_file.wavenet import read_wavenet
from namgen.nam_file.weight_list import check_weights, read_weights

ARCHITECTURES = ("WaveNet", "LSTM", "ConvNet", "Linear", "SlimmableContainer", "Sequential")


def read_model(node: Node, parent: Parent | None = None) -> NamModel | None:
    """Read a complete model object; None after problems."""
    if not node.is_object():
        return None
    node.report.spend_model(node)
    mark = len(node.report.problems)
    version = read_version(node["version"])
    rate_hz = read_rate(node["sample_rate"], parent)
    architecture = node["architecture"].choice(ARCHITECTURES)
    metadata = read_metadata(node["metadata"])
    weights = read_weights(node["weights"])
    context = Context(rate_hz, parent.depth if parent else 0, weights, read_model)
    config = None
    if node["architecture"].value == architecture:
        config = _read_config(node["config"], architecture, context)
    if config is None or weights is None or not node.report.clean_since(mark):
        return None
    weights = check_weights(node["weights"], config, weights)
    if not node.report.clean_since(mark):
        return None
    stated_hz = rate_hz if rate_hz and rate_hz > 0 else None
    model = NamModel(version, architecture, config, weights, stated_hz, metadata)
    if isinstance(config, SequentialConfig):
        return replace(model, sample_rate_hz=shapes.stated_rate_hz(model))
    return model


def _read_config(node: Node, architecture: str, context: Context) -> Config | None:
    if not node.is_object():
        return None
    mark = len(node.report.problems)
    match architecture:
        case "WaveNet":
            config: Config | None = read_wavenet(node, context)
        case "LSTM":
            config = read_lstm(node)
        case "ConvNet":
            config = read_convnet(node)
        case "Linear":
            config = read_linear(node)
        case "SlimmableContainer":
            config = read_container(node, context)
        case _:
            config = read_sequential(node, context)
    return config if node.report.clean_since(mark) else None
