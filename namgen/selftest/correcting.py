"""From results to a correction of predictions."""

from __future__ import annotations

import math

from namgen.errors import UnsupportedError
from namgen.measured import Correction, MeasuredPedal, RungMeasured
from namgen.selftest.ladder import CHAIN_BLOCKS, RUNGS
from namgen.selftest.results import Results

LEAST_MARGIN = 0.02
"""On either side: code that was not measured differs by as much from code that was."""
_SHORT = 200
"""Cycles below which a rung says nothing about percentages."""

_BLOCKS = {rung.name for rung in RUNGS if rung.runs == CHAIN_BLOCKS}


def measured_of(results: Results) -> MeasuredPedal:
    """Return what predictions for this pedal are to be corrected by.

    For floats and for integers: the factor is that of whole blocks, the dearer of the two models;
    the margin is how far single kernels lie from it.

    Raises:
        UnsupportedError: the pedal computes something wrong: its cycles are no one's.

    """
    if not all(results.checks):
        raise UnsupportedError(
            "recording: the pedal does not compute what it has to (CRC of its output): no "
            "correction is made of its cycles"
        )
    return MeasuredPedal(
        format="namgen measured 2",
        target=results.board,
        silicon=results.silicon,
        clock_hz=results.clock_hz,
        block_frames=results.block_frames,
        toolchain=results.toolchain,
        ladder=results.ladder,
        build=f"{results.build:08x}",
        floats=_correction(results, "float"),
        integers=_correction(results, "integer"),
        rungs={
            m.name: RungMeasured(m.predicted, m.measured.least, m.measured.most)
            for m in results.rungs
        },
    )


def _correction(results: Results, kind: str) -> Correction:
    own = [m for m in results.rungs if m.kind == kind]
    factor = max(m.ratio for m in own if m.name in _BLOCKS)
    ratios = [m.ratio / factor for m in own if m.predicted >= _SHORT]
    return Correction(round(factor, 4), _up(1 - min(ratios)), _up(max(ratios) - 1))


def _up(part: float) -> float:
    """Round up to whole percents."""
    return max(LEAST_MARGIN, math.ceil(100 * part - 1e-9) / 100)
