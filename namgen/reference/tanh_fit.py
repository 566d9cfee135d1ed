"""Fits the tanh table and writes it, for C and for NumPy: ``python -m namgen.reference.tanh_fit``.

Every row is a cubic on a segment of width 1/8 around ``k / 8``. A best cubic misses tanh by the
same amount at both ends of its segment, and so do its neighbours, because the fourth derivative
changes little between them: so the ends of a row are fixed to the average of what the best
cubics on either side have there, which makes the function continuous at almost no cost. The
constants are then rounded to float32 such that no joint steps down: the function is monotonic.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32
from namgen.reference.fma import fma

F64: TypeAlias = npt.NDArray[np.float64]

LAST = 63  # rows -63 .. 63; row 63 is 1
_STEP = 1 / 8  # between centres
_HALF_STEP = _STEP / 2
_NODES = np.cos(np.pi * (np.arange(64) + 0.5) / 64) * _HALF_STEP  # dense towards the ends

_REPOSITORY = Path(__file__).resolve().parents[2]
TWIN_PATH = _REPOSITORY / "namgen" / "reference" / "tanh_table.py"
HEADER_PATH = _REPOSITORY / "templates" / "kernels" / "nam_tanh_table.h"
SIGMOID_PATH = _REPOSITORY / "templates" / "kernels" / "nam_sigmoid_table.h"
COLUMNS_PATH = _REPOSITORY / "templates" / "kernels" / "nam_tanh_columns.h"


def fit() -> F32:
    """Return the cubics of the segments ``k = -63 .. 63``: (127, 4), constant term first.

    With ``f = x - k / 8``, tanh(x) is ``c0 + f (c1 + f (c2 + f c3))``. The middle row is odd;
    its constant is -0.0, so that the sign of a zero survives the last addition. Rows k and -k
    mirror each other: even powers change sign.
    """
    joints = _joints()
    rows = [_odd_row(joints[0])]
    for k in range(1, LAST):
        row = _row(k * _STEP, joints[k - 1], joints[k]).astype(np.float32)
        rows.append(_raised(row, at_least=_value(rows[-1], _HALF_STEP)))
    rows.append(np.array([1, 0, 0, 0], np.float32))
    half = np.stack(rows)
    return np.concatenate([half[:0:-1] * np.array([-1, 1, -1, 1], np.float32), half])


def _joints() -> F64:
    """The value where segments k and k + 1 meet, for k = 0 .. 62."""
    best = [_best_cubic(k * _STEP) for k in range(-1, LAST + 1)]
    powers = _HALF_STEP ** np.arange(4)
    right_ends = np.array([row @ powers for row in best[1:-1]])
    left_ends = np.array([row @ (powers * [1, -1, 1, -1]) for row in best[2:]])
    return np.asarray((right_ends + left_ends) / 2)


def _best_cubic(centre: float) -> F64:
    """The cubic through tanh at four Chebyshev nodes: within a few percent of the best."""
    nodes = np.cos(np.pi * (np.arange(4) + 0.5) / 4) * _HALF_STEP
    return np.asarray(np.linalg.solve(nodes[:, None] ** np.arange(4), np.tanh(centre + nodes)))


def _row(centre: float, left: float, right: float) -> F64:
    """The cubic with these values at its ends that is nearest to tanh between them."""
    mean, slope = (left + right) / 2, (right - left) / _STEP
    vanishing = _NODES**2 - _HALF_STEP**2  # 0 at both ends
    basis = np.stack([vanishing, vanishing * _NODES], axis=1)
    rest = np.tanh(centre + _NODES) - mean - slope * _NODES
    (a, b), *_ = np.linalg.lstsq(basis, rest, rcond=None)
    return np.array([mean - a * _HALF_STEP**2, slope - b * _HALF_STEP**2, a, b])


def _odd_row(right: float) -> F32:
    """The cubic ``x + c x**3`` with this value at its right end."""
    return np.array([-0.0, 1, 0, (right - _HALF_STEP) / _HALF_STEP**3], np.float32)


def _value(row: F32, f: float) -> float:
    """The row at `f`, in the arithmetic of the kernel."""
    c0, c1, c2, c3 = row
    return float(fma(f, fma(f, fma(f, c3, c2), c1), c0))


def _raised(row: F32, *, at_least: float) -> F32:
    """The row with its constant raised until its left end is not below `at_least`."""
    while _value(row, -_HALF_STEP) < at_least:
        row = row.copy()
        row[0] = np.nextafter(row[0], np.float32(2))
    return row


def header(table: F32) -> str:
    """The text of ``nam_tanh_table.h``."""
    rows = "".join(f"    {{{', '.join(_literal(v) + 'f' for v in row)}}},\n" for row in table)
    return _HEADER_TEXT.replace("@ROWS@\n", rows)


def sigmoid_header(table: F32) -> str:
    """The text of ``nam_sigmoid_table.h``: half the tanh of half of x, and what x is limited to.

    With ``f = x / 2 - k / 8``, half of a row's cubic is one in ``2 f`` whose coefficients are
    those of the row divided by 2, 4, 8, 16: exactly, and so are all steps towards it.
    """
    scaled = table / np.array([2, 4, 8, 16], np.float32)
    texts = [f"    {{{', '.join(_literal(v) + 'f' for v in row)}}},\n" for row in scaled]
    return _SIGMOID_TEXT.replace("@ROWS@\n", "".join(texts))


def columns(table: F32) -> str:
    """The text of ``nam_tanh_columns.h``: the rows from the middle on, column by column."""
    texts = [", ".join(f"{_literal(v)}f" for v in column) for column in table[LAST:].T]
    filled = (
        textwrap.fill(text, 100, initial_indent="     ", subsequent_indent="     ").strip()
        for text in texts
    )
    return _COLUMNS_TEXT.replace("@ROWS@\n", "".join(f"    {{{text}}},\n" for text in filled))


def twin(table: F32) -> str:
    """The text of ``tanh_table.py``."""
    rows = "".join(f"    ({', '.join(_literal(v) for v in row)}),\n" for row in table)
    return _TWIN_TEXT.replace("@ROWS@\n", rows)


def _literal(value: np.float32) -> str:
    """The shortest decimal that reads back to `value`."""
    if value != 0 and abs(value) < 1e-3:
        return np.format_float_scientific(value, unique=True, trim="0", exp_digits=1)
    return np.format_float_positional(value, unique=True, trim="0")


_TWIN_TEXT = '''\
"""The cubics of tanh, one row per segment; made by ``namgen.reference.tanh_fit``."""

from __future__ import annotations

# Row 63 + k is (c0, c1, c2, c3) of the segment around k / 8, for k = -63 .. 63, as float32.
TANH_TABLE: tuple[tuple[float, float, float, float], ...] = (
@ROWS@
)
'''

_HEADER_TEXT = """\
/*
 * The cubics of tanh, one row per segment of width 1/8; made by namgen.reference.tanh_fit.
 *
 * Row 63 + k is {c0, c1, c2, c3} of the segment around k / 8, for k = -63 .. 63. The rows of k
 * and -k mirror each other, so that the function is odd in every bit.
 */
#ifndef NAM_TANH_TABLE_H
#define NAM_TANH_TABLE_H

#ifndef NAM_TABLE_SECTION /* where the linker puts the table; empty leaves it with the constants */
#define NAM_TABLE_SECTION
#endif

static const float nam_tanh_table[127][4] NAM_TABLE_SECTION __attribute__((aligned(16))) = {
@ROWS@
};

#endif
"""


_SIGMOID_TEXT = """\
/*
 * The cubics of tanh(x / 2) / 2, one row per segment of width 1/4; made by
 * namgen.reference.tanh_fit.
 *
 * Row 63 + k is {c0, c1, c2, c3} of the segment around k / 4, for k = -63 .. 63: that of
 * nam_tanh_table divided by 2, 4, 8, 16. Row 127 is what a sigmoid needs besides: the least and the
 * most of x, what is added to find a segment, and 0.5.
 */
#ifndef NAM_SIGMOID_TABLE_H
#define NAM_SIGMOID_TABLE_H

#include "nam_tanh_table.h"

static const float nam_sigmoid_table[128][4] NAM_TABLE_SECTION __attribute__((aligned(16))) = {
@ROWS@
    {-15.874999f, 15.874999f, 3145728.0f, 0.5f}
};

#endif
"""

_COLUMNS_TEXT = """\
/*
 * The cubics of tanh for x >= 0, one constant after the other; made by namgen.reference.tanh_fit.
 *
 * Entry k of column j is c_j of the segment around k / 8, for k = 0 .. 63: the later half of
 * nam_tanh_table, for processors that look many segments up at once.
 */
#ifndef NAM_TANH_COLUMNS_H
#define NAM_TANH_COLUMNS_H

static const float nam_tanh_columns[4][64] __attribute__((aligned(64))) = {
@ROWS@
};

#endif
"""


def main() -> None:
    """Fit, and rewrite every file."""
    table = fit()
    TWIN_PATH.write_text(twin(table), encoding="utf-8")
    HEADER_PATH.write_text(header(table), encoding="utf-8")
    SIGMOID_PATH.write_text(sigmoid_header(table), encoding="utf-8")
    COLUMNS_PATH.write_text(columns(table), encoding="utf-8")


if __name__ == "__main__":
    main()
