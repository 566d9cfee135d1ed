"""How far sums get, whatever the input is: intervals of real numbers, followed through layers.

|x| <= 2, short words saturate, and below 0 an activation is small. `namgen.fixed.bounds` does the
same with the integers that are made; this is what their steps are planned by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.fixed.quantise.places import Place
from namgen.fixed.quantise.setting import Setting
from namgen.fixed.real import F64, RealLayer


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """The largest distance from 0."""

    residual: list[F64]  # per layer (channels,): behind it
    heads: list[float]  # per array: the head sum


@dataclass(frozen=True, slots=True, eq=False)
class _Range:
    """An interval per channel."""

    low: F64
    high: F64

    @property
    def largest(self) -> F64:
        """The largest distance from 0."""
        return np.maximum(-self.low, self.high)

    def within(self, limit: F64) -> _Range:
        """What is left of it where it saturates."""
        return _Range(np.maximum(self.low, -limit), np.minimum(self.high, limit))

    def __add__(self, other: _Range) -> _Range:
        return _Range(self.low + other.low, self.high + other.high)


def reach(where: tuple[Place, ...], read: list[F64], t: list[F64], setting: Setting) -> Reach:
    """Return how far every sum can get with steps of `read` and `t`."""
    residual, head = _around(2.0 * np.ones(1)), _around(np.zeros(1))
    found, heads = Reach([], []), 0.0
    for i, place in enumerate(where):
        layer = place.layer
        if place.opens and place.array.rechannel is not None:
            residual = _through(place.array.rechannel, residual)
        activated = _activated(place, residual, read[i], setting)
        head, heads = head + activated, max(heads, float((head + activated).largest.max()))
        activated = activated.within(2.0 ** (setting.held_bits(i) - 1) * t[i])
        if layer.dense is not None:
            if layer.carry is not None:
                residual = _around(2.0 * np.abs(layer.carry))
            residual = residual + _through(layer.dense, activated)
        found.residual.append(residual.largest)
        if place.closes:
            found.heads.append(heads)
            head, heads = _behind(place, head), 0.0
    return found


def _activated(place: Place, residual: _Range, read: F64, setting: Setting) -> _Range:
    """Return the interval of what the activation of a layer gives."""
    layer = place.layer
    word = 2.0 ** (15 + setting.residual_shift) * read
    words = residual if place.reads_input else residual.within(word)
    z = _around(2.0 * np.abs(layer.mixin))
    z = _Range(z.low + layer.bias, z.high + layer.bias)
    for k in range(layer.weight.shape[2]):
        z = z + _through(layer.weight[:, :, k], words)
    return _bent(layer, z)


def _behind(place: Place, head: _Range) -> _Range:
    """Return the interval of what the head of an array gives, the next one's sum begins with."""
    weight, bias = place.array.head, place.array.head_bias
    out = _Range(bias, bias)
    for k in range(weight.shape[2]):
        out = out + _through(weight[:, :, k], head)
    return out


def _around(limit: F64) -> _Range:
    return _Range(-limit, limit)


def _through(matrix: F64, values: _Range) -> _Range:
    """Return the interval of a product of a matrix and what lies in an interval."""
    one, other = matrix * values.low[None, :], matrix * values.high[None, :]
    return _Range(np.minimum(one, other).sum(axis=1), np.maximum(one, other).sum(axis=1))


def _bent(layer: RealLayer, z: _Range) -> _Range:
    """Return the interval of the activation."""
    if layer.slope is None:
        return _around(np.ones_like(z.low))
    ends = [np.where(v < 0.0, v * layer.slope, v) for v in (z.low, z.high)]
    zero = np.where((z.low < 0.0) & (z.high > 0.0), 0.0, ends[0])
    return _Range(np.minimum(np.minimum(*ends), zero), np.maximum(np.maximum(*ends), zero))
