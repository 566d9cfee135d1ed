"""The activations, made of an arithmetic's operations: twins of ``nam_activations.h``.

The same operations in the same order as in C. Every function takes elements of any shape and
returns elements of that shape. Formulas and measured errors are in ``docs/activations.md``.
"""

from __future__ import annotations

from collections.abc import Callable

from namgen import ir
from namgen.activation_kernels import kernel
from namgen.arithmetic import Elements
from namgen.reference.operations import Curve, Operations


def curve(do: Operations, activation: ir.Activation) -> Curve:
    """Return the function of an activation; PReLU has a slope per channel, the first axis."""
    call = kernel(activation)
    function = _FUNCTIONS[call.function]
    if activation.per_channel:
        slopes = do.constants(call.params)[:, None]
        return lambda x: function(do, x, slopes)
    params = [do.constants(value) for value in call.params]
    return lambda x: function(do, x, *params)


def tanh(do: Operations, x: Elements) -> Elements:
    """Return the hyperbolic tangent."""
    return do.tanh(x)


def sigmoid(do: Operations, x: Elements) -> Elements:
    """Return ``1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2``."""
    return do.fma(0.5, do.tanh(do.multiply(0.5, x)), 0.5)


def fast_tanh(do: Operations, x: Elements) -> Elements:
    """Return the rational tanh of the NAM plug-in."""
    limit = 2.0**30
    y = do.lesser(do.greater(x, -limit), limit)
    a = do.magnitude(y)
    y2 = do.multiply(y, y)
    p = do.fma(2.45550750702956, a, 2.45550750702956)
    q = do.fma(0.821226666969744, a, 0.893229853513558)
    s = do.magnitude(do.fma(do.multiply(0.814642734961073, y), a, y))
    d = do.fma(do.add(2.44506634652299, y2), s, 2.44506634652299)
    return do.divide(do.multiply(y, do.fma(q, y2, p)), d)


def fast_sigmoid(do: Operations, x: Elements) -> Elements:
    """Return ``1 / (1 + exp(-x))`` by the rational tanh."""
    return do.fma(0.5, fast_tanh(do, do.multiply(0.5, x)), 0.5)


def silu(do: Operations, x: Elements) -> Elements:
    """Return ``x / (1 + exp(-x)) = h + h tanh(h)`` with ``h = x / 2``."""
    h = do.multiply(0.5, x)
    return do.fma(h, do.tanh(h), h)


def softsign(do: Operations, x: Elements) -> Elements:
    """Return ``x / (1 + |x|)``."""
    return do.divide(x, do.add(1.0, do.magnitude(x)))


def hardswish(do: Operations, x: Elements) -> Elements:
    """Return ``x clamp(x + 3, 0, 6) / 6``."""
    gate = do.lesser(do.greater(do.add(x, 3.0), 0.0), 6.0)
    return do.multiply(x, do.multiply(gate, 0.16666667))


def hardtanh(do: Operations, x: Elements) -> Elements:
    """Return x limited to -1 .. 1."""
    return do.lesser(do.greater(x, -1.0), 1.0)


def relu(do: Operations, x: Elements) -> Elements:
    """Return x where positive, else +0."""
    return do.greater(x, 0.0)


def leaky_relu(do: Operations, x: Elements, slope: Elements) -> Elements:
    """Return x where positive, else slope x; for slopes in (0, 1]."""
    return do.greater(x, do.multiply(slope, x))  # zeros meet with the same sign


def prelu(do: Operations, x: Elements, slope: Elements) -> Elements:
    """Return x where positive, else slope x; for any slope."""
    return do.fma(slope, do.lesser(x, 0.0), do.greater(x, 0.0))


def leaky_hardtanh(
    do: Operations, x: Elements, lo: Elements, hi: Elements, slope_lo: Elements, slope_hi: Elements
) -> Elements:
    """Return x between lo and hi; beyond, a line with its own slope; lo <= hi."""
    inside = do.add(do.lesser(do.greater(x, lo), hi), 0.0)
    below = do.lesser(do.subtract(x, lo), 0.0)
    above = do.greater(do.subtract(x, hi), 0.0)
    return do.fma(slope_hi, above, do.fma(slope_lo, below, inside))


_FUNCTIONS: dict[str, Callable[..., Elements]] = {
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
