"""How sums of known shapes are to be cut up: what was measured for a processor, or is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from namgen.ir import Conv1d
from namgen.plan.operands import inputs_of, rows_of
from namgen.processors import load_measured


@dataclass(frozen=True, slots=True)
class Tiling:
    """Rows and frames in registers, inputs loaded together, taps spelled out per turn."""

    rows: int
    frames: int
    batch: int
    tap_unroll: int


@dataclass(frozen=True, slots=True)
class SumShape:
    """What decides a tiling: the size of a sum and of what it reads."""

    rows: int  # of one group
    inputs: int  # of one group
    kernel_size: int
    stride: int  # elements from one frame to the next


Tilings = Mapping[SumShape, Tiling]
"""Measured choices, by shape; they win over a layout's own."""


@cache
def measured_tilings(processor: str) -> Tilings:
    """Read the choices that `namgen tune` stored for a processor; empty where there are none."""
    data = load_measured(processor, "tilings") or {"tiling": []}
    return {SumShape(**entry["shape"]): Tiling(**entry["choice"]) for entry in data["tiling"]}


def sum_shape(conv: Conv1d) -> SumShape:
    """Return what decides the tiling of a kernel whose main sum is `conv`."""
    return SumShape(rows_of(conv), inputs_of(conv), conv.kernel_size, stride=conv.in_channels)
