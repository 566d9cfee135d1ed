"""Parts of one length, and what they cost on a Cortex-M7.

The costs are those `benchmarks/chain.py` measures, with clang and everything in DTCM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from namgen.chain.skew import BINS_OF_GROUP, Twiddles, twiddles
from namgen.chain.step import STEP_FRAMES

_FORWARD_CYCLES = {8: 206, 16: 397, 32: 976, 48: 1632, 64: 2099}
_BACKWARD_CYCLES = {8: 271, 16: 530, 32: 1254, 48: 2107, 64: 2758}
_GROUP_CYCLES = 58.0
_PRODUCT_CYCLES = 28.0
"""Of a group of bins, and of one part in it."""
_AXI_PRODUCT_CYCLES = 39.0
"""Where the spectra are not all in DTCM."""
_UNIT_CYCLES = 24.0
_TAP_CYCLES, _STEP_CYCLES = 1.3, 80.0
"""Of a tap and a frame without transforms, and of a step."""


@dataclass(frozen=True, slots=True)
class Level:
    """Parts of one length: `parts` of them, `frames` taps each."""

    frames: int
    parts: int

    @property
    def groups(self) -> int:
        """Groups of four bins."""
        return self.frames // BINS_OF_GROUP

    @property
    def taps(self) -> int:
        """Taps it reaches over."""
        return self.frames * self.parts

    @property
    def spectra_floats(self) -> int:
        """Floats of the spectra of all parts, of the response or of what was heard."""
        return 2 * self.taps

    @property
    def twiddles(self) -> Twiddles:
        """Of its transform."""
        return twiddles(self.frames)


def direct_cycles(taps: int) -> float:
    """Predict a frame without transforms."""
    return _TAP_CYCLES * taps + _STEP_CYCLES / STEP_FRAMES


def level_cycles(level: Level, *, in_dtcm: bool) -> float:
    """Predict a part of sound: there, all products, and back."""
    transforms = _FORWARD_CYCLES[level.frames] + _BACKWARD_CYCLES[level.frames]
    return _UNIT_CYCLES + transforms + level.groups * _group_cycles(level, in_dtcm=in_dtcm)


def tail_turn_cycles(level: Level, groups: Sequence[int], *, in_dtcm: bool) -> list[float]:
    """Predict what each turn does for the tail, whose `groups` are there before each turn."""
    group = _group_cycles(level, in_dtcm=in_dtcm)
    turns = [group * (end - start) for start, end in pairwise(groups)]
    turns[0] += _FORWARD_CYCLES[level.frames]
    turns[-1] += _BACKWARD_CYCLES[level.frames]
    return [_UNIT_CYCLES + turn for turn in turns]


def spread_groups(level: Level, turns: int) -> tuple[int, ...]:
    """Return how many groups are multiplied before each of the turns, and after the last.

    The first turn transforms what was heard, the last one transforms the answer back: they
    multiply less, so that all turns take about as long.
    """
    group = _group_cycles(level, in_dtcm=True)
    before, behind = (c[level.frames] / group for c in (_FORWARD_CYCLES, _BACKWARD_CYCLES))
    share = (level.groups + before + behind) / turns
    ends = [round(turn * share - before) for turn in range(1, turns)]
    return (0, *(min(max(end, 0), level.groups) for end in ends), level.groups)


def _group_cycles(level: Level, *, in_dtcm: bool) -> float:
    product = _PRODUCT_CYCLES if in_dtcm else _AXI_PRODUCT_CYCLES
    return _GROUP_CYCLES + product * level.parts
