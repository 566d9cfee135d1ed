"""`architecture: LSTM`."""

from __future__ import annotations

from namgen.nam_file.limits import MAX_AUDIO_CHANNELS, MAX_CHANNELS, MAX_LAYERS
from namgen.nam_file.node import Node
from namgen.nam_file.types import LstmConfig


def read_lstm(node: Node) -> LstmConfig:
    """Read and check an LSTM config."""
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
