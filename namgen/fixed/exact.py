"""Linear algebra in float64 that gives the same bits on every machine.

What decides about an integer must not hang on the order in which some library adds. So the factors
of a product are first put on grids coarse enough for every sum to be exact (then any order, with
or without fused operations, gives the same), and what is left is elementwise.
"""

from __future__ import annotations

import numpy as np

from namgen.fixed.real import F64

FACTOR_BITS = 26
"""Of each factor of a product: the sums have 52 and fit into the 53 of a float64."""

_SMALL_PRODUCT = 1 << 18
"""Multiplications that OpenBLAS does in one thread."""


def grid(limit: float, bits: int) -> float:
    """Return a power of two of which `limit` has no more than 2^bits."""
    if limit <= 0.0:
        return 1.0
    return float(np.ldexp(1.0, int(np.frexp(limit)[1]) - bits))


def on_grid(values: F64, step: float) -> F64:
    """Round to multiples of a power of two."""
    return np.rint(values / step) * step


def factor(matrix: F64) -> F64:
    """Put a matrix (rows, columns) on the grid on which its products are exact."""
    limit = np.abs(matrix).cumsum(axis=1)[:, -1].max() if matrix.size else 0.0
    return on_grid(matrix, grid(float(limit), FACTOR_BITS))


def signal(values: F64) -> F64:
    """Put signals on the grid on which products with a `factor` are exact."""
    limit = float(np.abs(values).max()) if values.size else 0.0
    return on_grid(values, grid(limit, FACTOR_BITS))


def product(matrix: F64, values: F64) -> F64:
    """Multiply matrix (rows, columns) with values (columns, frames), by few frames at a time.

    A library that sets several threads on so little work loses far more than it gains.
    """
    frames = max(_SMALL_PRODUCT // max(matrix.size, 1), 1)
    out = np.empty((matrix.shape[0], values.shape[1]))
    for at in range(0, values.shape[1], frames):
        np.matmul(matrix, values[:, at : at + frames], out=out[:, at : at + frames])
    return out


def moments(values: F64) -> F64:
    """Return the sums of the products of all pairs of rows of values (rows, frames)."""
    bits = (52 - int(values.shape[1]).bit_length()) // 2
    limit = float(np.abs(values).max()) if values.size else 0.0
    rounded = on_grid(values, grid(limit, bits))
    total = np.zeros((values.shape[0],) * 2)
    frames = max(_SMALL_PRODUCT // total.size, 1)
    for at in range(0, values.shape[1], frames):
        part = rounded[:, at : at + frames]
        total += part @ part.T
    return total


def cholesky(matrix: F64) -> F64:
    """Return the upper triangle R with R.T R = matrix, by elementwise steps in a fixed order."""
    rest, rows = matrix.copy(), []
    for j in range(matrix.shape[0]):
        row = np.zeros(matrix.shape[0])
        row[j:] = rest[j, j:] / np.sqrt(rest[j, j])
        rest[j + 1 :, j + 1 :] -= row[j + 1 :, None] * row[None, j + 1 :]
        rows.append(row)
    return np.array(rows)


def tanh(x: F64) -> F64:
    """Return the hyperbolic tangent: (1 - e) / (1 + e) with e = exp(-2 |x|), by own means."""
    e = _exp(-2.0 * np.minimum(np.abs(x), 20.0))
    return np.copysign((1.0 - e) / (1.0 + e), x)


_LOG2_HIGH = 0.693147180369123816490
_LOG2_LOW = 1.90821492927058770002e-10


def _exp(x: F64) -> F64:
    """Raise e to x <= 0: a power of two, and a Taylor series within half a factor of two."""
    whole = np.rint(x * 1.4426950408889634)
    rest = (x - whole * _LOG2_HIGH) - whole * _LOG2_LOW
    total = np.ones_like(rest)
    for n in range(14, 0, -1):
        total = 1.0 + total * rest / n
    return np.ldexp(total, whole.astype(np.int64))
