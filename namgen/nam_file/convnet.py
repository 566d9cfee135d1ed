"""`architecture: ConvNet`."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.nam_file.activations import read_activation
from namgen.nam_file.counts import CONVNET_KERNEL_SIZE
from namgen.nam_file.limits import (
    MAX_AUDIO_CHANNELS,
    MAX_CHANNELS,
    MAX_DILATION,
    MAX_HISTORY_BYTES,
)
from namgen.nam_file.node import Node
from namgen.nam_file.shapes import history_bytes
from namgen.nam_file.types import ConvNetConfig
from namgen.weights import WeightStream


def read_convnet(node: Node) -> ConvNetConfig:
    """Read and check a ConvNet config."""
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
        node.check_at_most(history_bytes(config), MAX_HISTORY_BYTES, "bytes of past samples")
    return config


def check_batchnorm(node: Node, config: ConvNetConfig, values: F32) -> None:
    """Report a variance that has no root; `node` is the weight list, `values` what it holds."""
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
