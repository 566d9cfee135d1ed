"""The proof that no sum wraps: intervals of integers, followed through the network.

Whatever comes in is held within 32 bits at the door, and short words are held within 16; so every
number lies in an interval that follows from the weights alone. The bound of a sum is what it can
reach with any part of its terms left out: then it holds for every order of adding them, and for
what stands in a register in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.fixed.ir import (
    I32,
    IntegerActivation,
    IntegerArray,
    IntegerHead,
    IntegerLayer,
    IntegerNetwork,
    ShortTanh,
    Slopes,
    Word,
)
from namgen.fixed.operations import I64, clip, high, wide
from namgen.fixed.operations import low as low_half

LIMIT = 2.0**31


@dataclass(frozen=True, slots=True)
class Bound:
    """How far one kind of sum gets in one place, as a share of what 32 bits hold."""

    array: int
    layer: int | None  # None: behind the layers
    what: str
    share: float

    def __str__(self) -> str:
        where = "head" if self.layer is None else f"layer {self.layer}"
        return f"array {self.array}, {where}: {self.what} at most {self.share:.3f} of 2^31"


@dataclass(frozen=True, slots=True, eq=False)
class _Range:
    """An interval per channel, or per product."""

    low: I64
    high: I64


def bounds(network: IntegerNetwork) -> tuple[Bound, ...]:
    """Return how far every sum of the network can get, whatever the input is."""
    everything = _Range(np.array([-(1 << 31)]), np.array([(1 << 31) - 1]))
    residual, head = everything, _Range(np.zeros(1, np.int64), np.zeros(1, np.int64))
    found: list[Bound] = []
    for a, array in enumerate(network.arrays):
        residual, head, mine = _array(array, residual, head, everything)
        found += [Bound(a, layer, what, share) for layer, what, share in mine]
    return tuple(found)


def wrapping(network: IntegerNetwork) -> tuple[Bound, ...]:
    """Return the sums that might wrap; none, in a network that was made right."""
    return tuple(bound for bound in bounds(network) if bound.share >= 1.0)


_Found = tuple[int | None, str, float]


def _array(
    array: IntegerArray, residual: _Range, head: _Range, x: _Range
) -> tuple[_Range, _Range, list[_Found]]:
    """Follow one array; returns its residual, its head's output, and what was found."""
    found: list[_Found] = []
    if array.rechannel is not None:
        residual, share = _summed([_long_terms(array.rechannel, residual)])
        found.append((None, "rechannel", share))
    for i, layer in enumerate(array.layers):
        residual, head, mine = _layer(layer, residual, head, x)
        found += [(i, what, share) for what, share in mine]
    head, mine = _head(array.head, head)
    return residual, head, found + [(None, what, share) for what, share in mine]


def _layer(
    layer: IntegerLayer, residual: _Range, head: _Range, x: _Range
) -> tuple[_Range, _Range, list[tuple[str, float]]]:
    read, word_share = (x, 0.0) if layer.word is None else _read(layer.word, residual)
    short = layer.word is not None and layer.word.is_short
    terms = [_constant(layer.bias), _long_terms(layer.mixin[:, None], x)]
    for tap in range(layer.kernel_size):
        weight = layer.weight[:, :, tap]
        terms.append(_short_terms(weight, read) if short else _long_terms(weight, read))
    z, z_share = _summed(terms)
    t, t_share = _activated(layer.activation, z)
    contribution = _dropped(t, layer.drop) if layer.skip is None else _scaled(layer.skip, t)
    head, head_share = _summed([_parts(head), _parts(contribution)])
    found = [("word", word_share), ("z", z_share), ("t", t_share), ("head sum", head_share)]
    if layer.dense is not None:
        residual, shares = _carried(layer, residual, t, x)
        found += list(zip(("activation word", "residual"), shares, strict=True))
    return residual, head, found


def _carried(
    layer: IntegerLayer, residual: _Range, t: _Range, x: _Range
) -> tuple[_Range, tuple[float, float]]:
    """Return the residual behind a layer, and the shares of the word and of the sum."""
    assert layer.dense is not None
    a, word_share = _read(layer.dense.word, t)
    weight = layer.dense.weight
    products = _short_terms(weight, a) if layer.dense.word.is_short else _long_terms(weight, a)
    of_products = 0.0
    if layer.word is None and layer.carry is not None:
        begun = _parts(_scaled(layer.carry, x))
    elif layer.carry is not None:
        begun = _parts(_grown(layer.carry, residual))
    else:
        begun = _parts(residual)
    if layer.dense.drop:
        summed, of_products = _summed([products])
        products = _parts(_dropped(summed, layer.dense.drop))
    total, share = _summed([begun, products])
    return total, (word_share, max(share, of_products))


def _grown(carry: I32, residual: _Range) -> _Range:
    """Return the interval of r + high(carry, r), which grows with r."""
    ends = [r + high(wide(carry), r) for r in (residual.low, residual.high)]
    return _Range(ends[0] - 1, ends[1] + 1)


def _head(head: IntegerHead, read: _Range) -> tuple[_Range, list[tuple[str, float]]]:
    shifted = _Range(read.low << head.shift, read.high << head.shift)
    terms = [_constant(head.bias)]
    terms += [_long_terms(head.weight[:, :, k], shifted) for k in range(head.kernel_size)]
    out, share = _summed(terms)
    return out, [("shifted head sum", _share(shifted.low, shifted.high)), ("output", share)]


def _read(word: Word, v: _Range) -> tuple[_Range, float]:
    """Return the interval of words, and how far v and a remainder get together."""
    most = 0 if word.masks is None else wide(word.masks)
    low, top = v.low, v.high + most
    ends = (clip(end >> word.shift, word.bits) << word.left for end in (low, top))
    words = _Range(*ends)
    return words, _share(low, top) if word.masks is not None else 0.0


def _activated(curve: IntegerActivation, z: _Range) -> tuple[_Range, float]:
    if isinstance(curve, Slopes):
        return _bent(curve, z)
    if isinstance(curve, ShortTanh):
        values, slopes = wide(curve.rows), low_half(wide(curve.rows)) << 15
    else:
        values, slopes = wide(curve.values), wide(curve.slopes)
    top, low = (values + np.abs(slopes)).max(), (values - np.abs(slopes)).min()
    rows = z.low.shape[0]
    everywhere = _Range(np.full(rows, min(low, 0)), np.full(rows, max(top, 0)))
    return everywhere, _share(everywhere.low, everywhere.high)


def _bent(curve: Slopes, z: _Range) -> tuple[_Range, float]:
    """Return the interval of both slopes: the largest and smallest are at an end, or at 0."""
    zero = np.clip(0, z.low, z.high)
    scale, bend = wide(curve.scale), wide(curve.bend)
    first = [high(v, scale) for v in (z.low, z.high, zero)]
    ends = [
        one + high(np.minimum(v, 0), bend)
        for one, v in zip(first, (z.low, z.high, zero), strict=True)
    ]
    t = _Range(np.min(ends, axis=0) - 1, np.max(ends, axis=0) + 1)
    parts = max(_share(np.min(first, axis=0), np.max(first, axis=0)), _share(t.low, t.high))
    return t, parts


def _constant(values: I32) -> _Range:
    return _Range(wide(values)[:, None], wide(values)[:, None])


def _parts(v: _Range) -> _Range:
    """One term per channel."""
    return _Range(v.low[:, None], v.high[:, None])


def _short_terms(weight: I32, read: _Range) -> _Range:
    """Products (out, in) of weights and what lies in an interval per input."""
    one, other = wide(weight) * read.low[None, :], wide(weight) * read.high[None, :]
    return _Range(np.minimum(one, other), np.maximum(one, other))


def _long_terms(weight: I32, read: _Range) -> _Range:
    one = high(wide(weight), read.low[None, :])
    other = high(wide(weight), read.high[None, :])
    return _Range(np.minimum(one, other), np.maximum(one, other))


def _dropped(v: _Range, by: int) -> _Range:
    return _Range(v.low >> by, v.high >> by)


def _scaled(factor: I32, v: _Range) -> _Range:
    one, other = high(wide(factor), v.low), high(wide(factor), v.high)
    return _Range(np.minimum(one, other), np.maximum(one, other))


def _summed(terms: list[_Range]) -> tuple[_Range, float]:
    """Return the interval of a sum, and the share that any part of its terms reaches."""
    total = _Range(
        np.asarray(sum(term.low.sum(axis=1) for term in terms)),
        np.asarray(sum(term.high.sum(axis=1) for term in terms)),
    )
    part_low = sum(np.minimum(term.low, 0).sum(axis=1) for term in terms)
    part_high = sum(np.maximum(term.high, 0).sum(axis=1) for term in terms)
    return total, _share(np.asarray(part_low), np.asarray(part_high))


def _share(low: I64, top: I64) -> float:
    """Return the larger distance from 0, as a share of 2^31."""
    return float(max(int(top.max()), -int(low.min()), 0)) / LIMIT
