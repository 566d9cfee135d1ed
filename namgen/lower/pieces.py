"""The parts that take weights: convolutions and activations, in their order in the file."""

from __future__ import annotations

from namgen import ir
from namgen.nam_file.types import ActivationConfig
from namgen.weights import WeightStream


def take_conv(
    stream: WeightStream,
    inputs: int,
    outputs: int,
    *,
    kernel_size: int = 1,
    dilation: int = 1,
    groups: int = 1,
    bias: bool = True,
) -> ir.Conv1d:
    """Take a convolution: its weight (out, in / groups, kernel), then its bias (out,)."""
    weight = stream.take(outputs, inputs // groups, kernel_size)
    return ir.Conv1d(weight, stream.take(outputs) if bias else None, dilation, groups)


def activation_of(config: ActivationConfig) -> ir.Activation:
    """A PReLU with one slope is a LeakyReLU; both spellings of LeakyHardtanh are one."""
    if config.name == "PReLU" and len(config.params) == 1:
        return ir.Activation("LeakyReLU", config.params)
    name = "LeakyHardtanh" if config.name == "LeakyHardTanh" else config.name
    return ir.Activation(name, config.params)
