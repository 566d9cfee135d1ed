"""How loud a small error in every word would be at the output.

One pass forward, and one backward from an output of random signs: what arrives at a place, squared
and averaged, is the gain from noise there to noise at the output. White noise has its power times
that gain; with feedback noise is the difference of neighbours, and so is what arrives.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from namgen.fixed import exact
from namgen.fixed.evaluate import Seen, evaluate
from namgen.fixed.quantise.places import Place, places
from namgen.fixed.real import F64, RealNetwork

_SEED = 7


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """From the power of noise at a layer to power at the output, one number per channel."""

    conv: F64  # (in,) what the convolution reads
    conv_fed: F64  # (in,) the same where remainders come back
    dense: F64  # (out,) what the 1x1 reads
    dense_fed: F64  # (out,)
    z: F64  # (out,)
    residual: F64  # (channels,) behind the layer
    t_power: F64  # (out,) the mean square of t itself, about rest


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """Of a network while it plays one signal."""

    layers: tuple[Gains, ...]
    power: float  # of the output, about rest


def sensitivity(network: RealNetwork, signal: F64) -> Sensitivity:
    """Play `signal` (frames,) and follow the errors back."""
    where = places(network)
    rest = float(evaluate(network, np.zeros(1))[0])
    seen: dict[tuple[int, int], list[Seen]] = {}
    out = evaluate(network, signal, lambda s: seen.setdefault((s.array, s.layer), []).append(s))
    signs = random.Random(_SEED)
    head = np.array([[signs.choice((-1.0, 1.0)) for _ in range(signal.size)]]) * network.scale
    residual: F64 | None = None
    found: list[Gains] = []
    for place, key in zip(reversed(where), sorted(seen, reverse=True), strict=True):
        if place.closes:
            head = _back(place.array.head, 1, head)
        parts = seen[key]
        z, t = (np.concatenate([getattr(s, name) for s in parts], axis=1) for name in ("z", "t"))
        gains, residual = _layer(place, z, t, head, residual)
        found.append(gains)
        if place.opens and place.array.rechannel is not None:
            residual = exact.product(exact.factor(place.array.rechannel.T), exact.signal(residual))
    return Sensitivity(tuple(reversed(found)), float(power((out - rest)[None, :])[0]))


def _layer(place: Place, z: F64, t: F64, head: F64, residual: F64 | None) -> tuple[Gains, F64]:
    """Return the gains of a layer and what arrives before it."""
    layer = place.layer
    at_dense = np.zeros_like(t)
    behind = np.zeros((1, t.shape[1])) if residual is None else residual
    if layer.dense is not None and residual is not None:
        at_dense = exact.product(exact.factor(layer.dense.T), exact.signal(residual))
    if layer.slope is None:
        at_z = (head + at_dense) * (1.0 - t * t)
    else:
        at_z = (head + at_dense) * np.where(z < 0.0, layer.slope[:, None], 1.0)
    at_conv = _back(layer.weight, layer.dilation, at_z)
    gains = Gains(
        conv=power(at_conv),
        conv_fed=power(np.diff(at_conv, axis=1)),
        dense=power(at_dense),
        dense_fed=power(np.diff(at_dense, axis=1)),
        z=power(at_z),
        residual=power(behind),
        t_power=power(t - t[:, :1]),
    )
    carried = at_conv if residual is None else residual + at_conv
    return gains, carried


def _back(weight: F64, dilation: int, arriving: F64) -> F64:
    """Return what arrives before a convolution (out, in, kernel): frames later give it."""
    rows, inputs, kernel_size = weight.shape
    frames = arriving.shape[1]
    later = np.zeros((rows, frames + (kernel_size - 1) * dilation))
    later[:, :frames] = exact.signal(arriving)
    taps = [later[:, (kernel_size - 1 - k) * dilation :][:, :frames] for k in range(kernel_size)]
    flat = weight.transpose(1, 2, 0).reshape(inputs, -1)
    return exact.product(exact.factor(flat), np.concatenate(taps))


def power(values: F64) -> F64:
    """Return the mean square of every row, the same bits on every machine."""
    frames = int(values.shape[1])
    limit = float(np.abs(values).max()) if values.size else 0.0
    rounded = exact.on_grid(values, exact.grid(limit, (52 - frames.bit_length()) // 2))
    return np.asarray((rounded * rounded).sum(axis=1) / frames)
