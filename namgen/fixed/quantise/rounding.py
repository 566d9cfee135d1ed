"""Rounds rows of weights so that their errors meet where the inputs do not look."""

from __future__ import annotations

import numpy as np

from namgen.fixed import exact
from namgen.fixed.real import F64

DAMPING = 1e-4
"""Of the mean moment: inputs are never taken to be quite what the calibration says."""

_SWEEPS = 4


def rounded(rows: F64, moments: F64, *, limit: int = 32767) -> F64:
    """Round rows (rows, inputs), in units of their step, to integers within `limit`.

    The error that counts is e M e for the moments M (inputs, inputs) of what the rows are
    multiplied with. With M = R'R it is a sum of squares, one per input: from the last input to the
    first every weight takes what the errors of those before it ask for, and is rounded then. After
    that single weights move by one as long as it helps.
    """
    size = rows.shape[1]
    damped = moments + np.eye(size) * (DAMPING * float(np.diag(moments).mean()) + 1e-300)
    order = np.argsort(np.diag(damped), kind="stable")
    triangle = exact.cholesky(damped[np.ix_(order, order)])
    wanted = rows[:, order]
    made = np.zeros_like(wanted)
    for j in range(size - 1, -1, -1):
        errors = wanted[:, j + 1 :] - made[:, j + 1 :]
        pull = _in_order(errors * (triangle[j, j + 1 :] / triangle[j, j]))
        made[:, j] = np.clip(np.rint(wanted[:, j] + pull), -limit, limit)
    out = np.empty_like(made)
    out[:, order] = made
    return _improved(rows, out, damped, limit)


def _in_order(terms: F64) -> F64:
    """Sum terms (rows, n) from the left, one by one."""
    if terms.shape[1] == 0:
        return np.zeros(terms.shape[0])
    return np.asarray(terms.cumsum(axis=1)[:, -1])


def _improved(wanted: F64, made: F64, moments: F64, limit: int) -> F64:
    """Move single weights by one while that makes the error smaller."""
    made = made.copy()
    slope = _slopes(made - wanted, moments)
    rows, scale = np.arange(made.shape[0]), np.diag(moments)
    for _ in range(_SWEEPS * made.shape[1]):
        step = np.where(slope > 0.0, -1.0, 1.0)
        gain = 2.0 * np.abs(slope) - scale
        gain[np.abs(made + step) > limit] = -1.0
        best = np.argmax(gain, axis=1)
        move = np.where(gain[rows, best] > 1e-9 * scale[best], step[rows, best], 0.0)
        if not move.any():
            break
        made[rows, best] += move
        slope += move[:, None] * moments[best]
    return made


def _slopes(errors: F64, moments: F64) -> F64:
    """Multiply errors (rows, n) with moments (n, n), in a fixed order."""
    total = np.zeros_like(errors)
    for column, row in zip(errors.T, moments, strict=True):
        total += column[:, None] * row[None, :]
    return total
