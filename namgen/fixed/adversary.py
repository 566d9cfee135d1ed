"""Inputs that drive the sums of a network as far as its weights let them go.

The composed response of a sum is what reaches it from the input, frame by frame, with every
activation taken as it is on one side of 0. An input with the signs of that response, backwards,
adds all of it up. None of this proves anything: it tries what `bounds` proves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from namgen.arithmetic import F32
from namgen.fixed import exact
from namgen.fixed.real import F64, RealLayer, RealNetwork

_LARGEST = np.float32(3.0)
"""Beyond the door, which holds it at 2."""


def adversarial_inputs(network: RealNetwork, *, every: int = 1) -> Iterator[tuple[str, F32]]:
    """Yield names and inputs (frames,): for z of every layer and `every`th channel, both signs."""
    for slope in (1.0, 0.0):
        for i, response in enumerate(_responses(network, slope)):
            for channel in range(0, response.shape[0], every):
                signs = np.where(response[channel, ::-1] < 0.0, -_LARGEST, _LARGEST)
                for sign in (np.float32(1.0), np.float32(-1.0)):
                    name = f"layer {i}, channel {channel}, slope {slope:g}, sign {sign:+g}"
                    yield name, (sign * signs).astype(np.float32)


def _responses(network: RealNetwork, slope: float) -> Iterator[F64]:
    """Yield for every layer what an impulse makes of z (out, frames), all activations linear.

    Below 0 an activation has its slope; `slope` says what is taken everywhere: 1, or 0 for the
    slopes below 0 of the layers.
    """
    lookbacks = [layer.lookback for array in network.arrays for layer in array.layers]
    x = np.zeros((1, sum(lookbacks) + 1))
    x[0, 0] = 1.0
    residual = x
    for array in network.arrays:
        if array.rechannel is not None:
            residual = exact.product(array.rechannel, residual)
        for layer in array.layers:
            z = _convolved(layer, residual) + layer.mixin[:, None] * x
            yield z
            residual = _carried(layer, residual, z, slope)


def _convolved(layer: RealLayer, read: F64) -> F64:
    frames, kernel_size = read.shape[1], layer.weight.shape[2]
    z = np.zeros((layer.weight.shape[0], frames))
    for k in range(kernel_size):
        late = (kernel_size - 1 - k) * layer.dilation
        z[:, late:] += exact.product(layer.weight[:, :, k], read[:, : frames - late])
    return z


def _carried(layer: RealLayer, residual: F64, z: F64, slope: float) -> F64:
    if layer.dense is None:
        return residual
    if layer.carry is not None:
        residual = layer.carry[:, None] * residual
    below = np.zeros(z.shape[0]) if layer.slope is None else layer.slope
    return residual + exact.product(layer.dense, z * np.where(slope == 1.0, 1.0, below[:, None]))
