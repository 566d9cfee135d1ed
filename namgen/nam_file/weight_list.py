"""The flat weight list of a model: numbers that fit a float32, as many as the config implies."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.nam_file.convnet import check_batchnorm
from namgen.nam_file.counts import count
from namgen.nam_file.node import Node
from namgen.nam_file.types import Config, ContainerConfig, ConvNetConfig, SequentialConfig


def read_weights(node: Node) -> F32 | None:
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


def check_weights(node: Node, config: Config, values: F32) -> F32:
    """The model's own weights, after comparing their number with what the config implies."""
    if isinstance(config, (ContainerConfig, SequentialConfig)):
        return values[:0]
    wanted = count(config)
    if wanted != values.size:
        found = f"the file has {values.size}"
        node.report.problem(node.path, f"config implies {wanted} values, {found}")
    elif isinstance(config, ConvNetConfig) and config.batchnorm:
        check_batchnorm(node, config, values)
    return values
