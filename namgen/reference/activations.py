"""The activations: twins of ``nam_activations.h``, the same operations in the same order.

Every function takes float32 of any shape and returns float32 of that shape. Formulas and
measured errors are in ``docs/activations.md``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from namgen import ir
from namgen.activation_kernels import kernel
from namgen.arithmetic import F32
from namgen.reference.arithmetic import fma
from namgen.reference.tanh_table import TANH_TABLE

_LIMIT = np.float32(7.9374995)
_MAGIC = np.float32(1572864.0)
_MAGIC_BITS = np.int32(0x49C00000)
_MIDDLE_ROW = np.int32(63)
_COLUMNS = np.ascontiguousarray(np.array(TANH_TABLE, np.float32).T)
_TILE = 16384  # elements at a time, so that the intermediate arrays stay in cache
_HALF, _ONE = np.float32(0.5), np.float32(1)


def apply(activation: ir.Activation, x: F32) -> F32:
    """Apply an activation to `x` of shape (channels, frames); PReLU has a slope per channel."""
    call = kernel(activation)
    params: list[F32] = [np.array(p, np.float32) for p in call.params]
    if activation.per_channel:
        params = [np.array(call.params, np.float32)[:, None]]
    with np.errstate(all="ignore"):
        return _FUNCTIONS[call.function](x, *params)


def tanh(x: F32) -> F32:
    """Return the hyperbolic tangent, by a cubic around the nearest multiple of 1/8."""
    flat = np.asarray(x, np.float32).reshape(-1)
    out = np.empty_like(flat)
    for first in range(0, flat.size, _TILE):
        out[first : first + _TILE] = _tanh_tile(flat[first : first + _TILE])
    return out.reshape(np.shape(x))


def _tanh_tile(x: F32) -> F32:
    y = np.fmin(np.fmax(x, -_LIMIT), _LIMIT)
    shifted = y + _MAGIC
    f = y - (shifted - _MAGIC)
    row = (shifted.view(np.int32) - (_MAGIC_BITS - _MIDDLE_ROW)).astype(np.intp)
    c0, c1, c2, c3 = (column[row] for column in _COLUMNS)
    return fma(f, fma(f, fma(f, c3, c2), c1), c0)


def sigmoid(x: F32) -> F32:
    """Return ``1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2``."""
    return fma(_HALF, tanh(_HALF * x), _HALF)


def fast_tanh(x: F32) -> F32:
    """Return the rational tanh of the NAM plug-in."""
    limit = np.float32(2.0**30)
    y = _min(_max(x, -limit), limit)
    a = np.abs(y)
    y2 = y * y
    p = fma(2.45550750702956, a, 2.45550750702956)
    q = fma(0.821226666969744, a, 0.893229853513558)
    s = np.abs(fma(np.float32(0.814642734961073) * y, a, y))
    d = fma(np.float32(2.44506634652299) + y2, s, 2.44506634652299)
    return np.asarray(y * fma(q, y2, p) / d, np.float32)


def fast_sigmoid(x: F32) -> F32:
    """Return ``1 / (1 + exp(-x))`` by the rational tanh."""
    return fma(_HALF, fast_tanh(_HALF * x), _HALF)


def silu(x: F32) -> F32:
    """Return ``x / (1 + exp(-x)) = h + h tanh(h)`` with ``h = x / 2``."""
    h = _HALF * x
    return fma(h, tanh(h), h)


def softsign(x: F32) -> F32:
    """Return ``x / (1 + |x|)``."""
    return np.asarray(x / (_ONE + np.abs(x)), np.float32)


def hardswish(x: F32) -> F32:
    """Return ``x clamp(x + 3, 0, 6) / 6``."""
    gate = _min(_max(x + np.float32(3), np.float32(0)), np.float32(6))
    return np.asarray(x * (gate * np.float32(0.16666667)), np.float32)


def hardtanh(x: F32) -> F32:
    """Return x limited to -1 .. 1."""
    return _min(_max(x, -_ONE), _ONE)


def relu(x: F32) -> F32:
    """Return x where positive, else +0."""
    return _max(x, np.float32(0))


def leaky_relu(x: F32, slope: F32) -> F32:
    """Return x where positive, else slope x; for slopes in (0, 1]."""
    return np.asarray(np.maximum(x, slope * x), np.float32)  # zeros meet with the same sign


def prelu(x: F32, slope: F32) -> F32:
    """Return x where positive, else slope x; for any slope."""
    return fma(slope, _min(x, np.float32(0)), _max(x, np.float32(0)))


def leaky_hardtanh(x: F32, lo: F32, hi: F32, slope_lo: F32, slope_hi: F32) -> F32:
    """Return x between lo and hi; beyond, a line with its own slope; lo <= hi."""
    inside = _min(_max(x, lo), hi) + np.float32(0)
    below = _min(x - lo, np.float32(0))
    above = _max(x - hi, np.float32(0))
    return fma(slope_hi, above, fma(slope_lo, below, inside))


def _max(a: F32, b: F32 | np.float32) -> F32:
    """``nam_max``: b where the two are equal, or a is NaN."""
    return np.where(a > b, a, b)


def _min(a: F32, b: F32 | np.float32) -> F32:
    """``nam_min``: b where the two are equal, or a is NaN."""
    return np.where(a < b, a, b)


_FUNCTIONS: dict[str, Callable[..., F32]] = {
    "nam_tanh": tanh,
    "nam_sigmoid": sigmoid,
    "nam_fast_tanh": fast_tanh,
    "nam_fast_sigmoid": fast_sigmoid,
    "nam_silu": silu,
    "nam_softsign": softsign,
    "nam_hardswish": hardswish,
    "nam_hardtanh": hardtanh,
    "nam_relu": relu,
    "nam_leaky_relu": leaky_relu,
    "nam_prelu": prelu,
    "nam_leaky_hardtanh": leaky_hardtanh,
}
