"""Fits the tanh table, and writes it for the reference and for C: ``python -m ...tanh_fit``.

Every row is a cubic on a segment of width 1/8 around ``k / 8``; it interpolates tanh at the
Chebyshev nodes of the segment, which is within a few percent of the best possible cubic. The
fourth derivative of tanh keeps its sign over almost every pair of neighbours, so their errors
at the common end have the same sign and size, and the rounded function stays monotonic.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from namgen.ir import F32

SEGMENTS_PER_UNIT = 8
LAST_SEGMENT = 63  # from here on the table holds exactly 1
_REPOSITORY = Path(__file__).resolve().parents[2]
_TWIN = _REPOSITORY / "namgen" / "reference" / "tanh_table.py"
_HEADER = _REPOSITORY / "templates" / "kernels" / "nam_tanh_table.h"


def fit() -> F32:
    """Return the cubics of the segments ``k = 0 .. 63``: (64, 4), constant term first.

    With ``f = x - k / 8``, tanh(x) is ``c0 + f (c1 + f (c2 + f c3))``. Row 0 is odd: its
    constant is -0.0, so that the sign of a zero survives the final addition.
    """
    rows = np.stack([_cubic(k / SEGMENTS_PER_UNIT) for k in range(LAST_SEGMENT + 1)])
    rows[0] = (-0.0, 1.0, 0.0, _odd_cubic_term())
    rows[LAST_SEGMENT] = (1.0, 0.0, 0.0, 0.0)
    return rows.astype(np.float32)


def _cubic(centre: float) -> npt.NDArray[np.float64]:
    """The cubic through tanh at the four Chebyshev nodes of the segment."""
    nodes = np.cos(np.pi * (np.arange(4) + 0.5) / 4) / (2 * SEGMENTS_PER_UNIT)
    powers = nodes[:, None] ** np.arange(4)
    solution: npt.NDArray[np.float64] = np.linalg.solve(powers, np.tanh(centre + nodes))
    return solution


def _odd_cubic_term() -> float:
    """The c for which ``x + c x**3`` is nearest to tanh on the middle segment."""
    x = np.linspace(0, 0.5 / SEGMENTS_PER_UNIT, 1001)[1:]
    candidates = np.linspace(-1 / 3, -0.325, 2001)
    errors = np.abs(x + candidates[:, None] * x**3 - np.tanh(x)).max(axis=1)
    return float(candidates[errors.argmin()])


def full_table(half: F32) -> F32:
    """Mirror the rows ``k = 0 .. 63`` to ``k = -63 .. 63``: even powers change sign."""
    mirrored = half[:0:-1] * np.array([-1, 1, -1, 1], np.float32)
    return np.concatenate([mirrored, half])


def header(half: F32) -> str:
    """The text of ``nam_tanh_table.h``."""
    rows = "\n".join(
        f"    {{{', '.join(_literal(v) + 'F' for v in row)}}}," for row in full_table(half)
    )
    return _HEADER_TEXT.replace("@ROWS@", rows)


def twin(half: F32) -> str:
    """The text of ``tanh_table.py``."""
    rows = "\n".join(f"    ({', '.join(_literal(v) for v in row)})," for row in half)
    return _TWIN_TEXT.replace("@ROWS@", rows)


def _literal(value: np.float32) -> str:
    """The shortest decimal that reads back to `value`."""
    return np.format_float_scientific(value, unique=True, trim="0")


_TWIN_TEXT = '''\
"""The cubics of tanh, one row per segment; made by ``namgen.reference.tanh_fit``."""

from __future__ import annotations

# Row k is (c0, c1, c2, c3) of the segment around k / 8, as float32.
TANH_HALF_TABLE: tuple[tuple[float, float, float, float], ...] = (
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

#ifndef NAM_TABLE_SECTION
#define NAM_TABLE_SECTION
#endif

static const float nam_tanh_table[127][4] NAM_TABLE_SECTION __attribute__((aligned(16))) = {
@ROWS@
};

#endif
"""


def main() -> None:
    """Fit, and rewrite both files."""
    half = fit()
    _TWIN.write_text(twin(half), encoding="utf-8")
    _HEADER.write_text(header(half), encoding="utf-8")


if __name__ == "__main__":
    main()
