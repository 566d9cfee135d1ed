"""`architecture: Linear`."""

from __future__ import annotations

from dataclasses import replace

from namgen.nam_file.limits import MAX_AUDIO_CHANNELS, MAX_WEIGHTS
from namgen.nam_file.node import Node
from namgen.nam_file.types import LinearConfig

IMPLEMENTATIONS = ("auto", "direct", "legacy", "old", "fft", "partitioned_fft", "partitioned-fft")


def read_linear(node: Node) -> LinearConfig:
    """Read and check a Linear config."""
    mark = len(node.report.problems)
    config = LinearConfig(
        in_channels=node["in_channels"].integer(1, MAX_AUDIO_CHANNELS, default=1),
        out_channels=node["out_channels"].integer(1, MAX_AUDIO_CHANNELS, default=1),
        receptive_field=node["receptive_field"].integer(1, MAX_WEIGHTS),
        bias=node["bias"].boolean(),
    )
    _check_implementation(node["implementation"])
    widths = {config.in_channels, config.out_channels}
    if len(widths) > 1 and 1 not in widths and node.report.clean_since(mark):
        node["out_channels"].fail(
            f"1 or {config.in_channels} (a Linear has one input, one output or as many of both)"
        )
    if node.report.clean_since(mark):
        taps = config.in_channels * config.out_channels * config.receptive_field
        node.check_at_most(taps, MAX_WEIGHTS, "taps over all pairs of channels")
    return config


def _check_implementation(node: Node) -> None:
    """Report a name that NAM Core does not know; it knows them in any case."""
    if isinstance(node.value, str):
        replace(node, value=node.value.lower()).choice(IMPLEMENTATIONS)
    elif not node.missing:
        node.choice(IMPLEMENTATIONS)
