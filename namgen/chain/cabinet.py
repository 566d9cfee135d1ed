"""How a cabinet's impulse response is convolved with: directly, by parts, or in two levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.level import (
    Level,
    direct_cycles,
    level_cycles,
    spread_groups,
    tail_turn_cycles,
)
from namgen.chain.skew import STAGES, spectra
from namgen.chain.step import STEP_FRAMES
from namgen.chain.turns import F64
from namgen.errors import UnsupportedError

Method: TypeAlias = Literal["direct", "parts", "two_levels"]
Place: TypeAlias = Literal["dtcm", "axi_sram"]

METHODS: tuple[Method, ...] = ("direct", "parts", "two_levels")
MOST_TAPS = 8192
TAIL_FRAMES = 64
FAST_BYTES = 48 << 10
"""Of DTCM, unless somebody says otherwise."""

_FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class ChainArray:
    """A static array of the chain, and where it lies."""

    name: str
    size_bytes: int
    place: Place
    is_constant: bool


@dataclass(frozen=True, slots=True)
class CabinetPlan:
    """One way to convolve with responses of `taps` taps; head and tail are None where unused."""

    method: Method
    taps: int
    responses: int
    head: Level | None
    tail: Level | None
    response_place: Place
    heard_place: Place

    @property
    def unit_frames(self) -> int:
        """Frames of which every call has a multiple."""
        return self.head.frames if self.head else STEP_FRAMES

    @property
    def levels(self) -> dict[str, Level]:
        """Head and tail, as far as there are any."""
        pairs = {"head": self.head, "tail": self.tail}
        return {name: level for name, level in pairs.items() if level is not None}

    @property
    def turns(self) -> int:
        """Parts of the head in one of the tail."""
        return self.tail.frames // self.head.frames if self.tail and self.head else 0

    @property
    def tail_groups(self) -> tuple[int, ...]:
        """Groups of the tail's answer that are there before each turn, and after the last.

        The first turn transforms what was heard, the last one transforms the answer back; both
        multiply less.
        """
        if self.tail is None:
            return ()
        return spread_groups(self.tail, self.turns)

    @property
    def cycles_per_frame(self) -> float:
        """Predicted, of the worst unit, on a Cortex-M7."""
        in_dtcm = self.response_place == self.heard_place == "dtcm"
        if self.head is None:
            return direct_cycles(self.taps)
        head = level_cycles(self.head, in_dtcm=in_dtcm)
        if self.tail is None:
            return head / self.head.frames
        turns = tail_turn_cycles(self.tail, self.tail_groups, in_dtcm=in_dtcm)
        return (head + max(turns)) / self.head.frames

    @property
    def arrays(self) -> tuple[ChainArray, ...]:
        """The large arrays; twiddles, overlaps and samples take less than 2 KiB beside them."""
        return tuple(self._arrays())

    def words_of(self, taps: F64) -> dict[str, F32]:
        """Return what the C keeps of one response (taps,): taps, or spectra (groups, parts, 8)."""
        padded = np.zeros(self.taps)
        padded[: len(taps)] = taps
        if self.head is None:
            return {"taps": padded.astype(np.float32)}
        found = {"head": spectra(padded[: self.head.taps], self.head.frames)}
        if self.tail is not None:
            found["tail"] = spectra(padded[self.head.taps :], self.tail.frames)
        return found

    def _arrays(self) -> Iterator[ChainArray]:
        if self.head is None:
            ring = 2 * (self.taps + STEP_FRAMES)
            yield ChainArray("taps", self._bytes(self.taps), self.response_place, True)
            yield ChainArray("ring", ring * _FLOAT_BYTES, self.heard_place, False)
        for name, level in self.levels.items():
            size = level.spectra_floats * _FLOAT_BYTES
            yield ChainArray(f"{name}_response", size * self.responses, self.response_place, True)
            yield ChainArray(f"{name}_heard", size, self.heard_place, False)

    def _bytes(self, floats: int) -> int:
        return floats * _FLOAT_BYTES * self.responses


def plan_cabinet(
    taps: int,
    *,
    block_frames: int,
    responses: int = 1,
    fast_bytes: int = FAST_BYTES,
    method: Method | None = None,
) -> CabinetPlan:
    """Plan the convolution with responses of so many taps, by the method that takes the least.

    Raises:
        UnsupportedError: the response is too long, or the method cannot be for this block.

    """
    if not 1 <= taps <= MOST_TAPS:
        raise UnsupportedError(f"impulse response: expected 1 to {MOST_TAPS} taps, found {taps}")
    possible = _possible(taps, block_frames, responses, fast_bytes)
    chosen = [plan for plan in possible if method in (None, plan.method)]
    if not chosen:
        raise UnsupportedError(
            f"impulse response: {taps} taps in blocks of {block_frames} frames cannot be convolved "
            f"with by the method {method}"
        )
    return min(chosen, key=lambda plan: plan.cycles_per_frame)


def _possible(
    taps: int, block_frames: int, responses: int, fast_bytes: int
) -> Iterator[CabinetPlan]:
    unit = max(frames for frames in STAGES if block_frames % frames == 0)
    whole = Level(unit, -(-taps // unit))
    yield _placed("direct", -(-taps // STEP_FRAMES) * STEP_FRAMES, responses, fast_bytes)
    yield _placed("parts", whole.taps, responses, fast_bytes, whole)
    if TAIL_FRAMES % unit == 0 and unit < TAIL_FRAMES and taps > 2 * TAIL_FRAMES:
        head = Level(unit, 2 * TAIL_FRAMES // unit)
        tail = Level(TAIL_FRAMES, -(-(taps - head.taps) // TAIL_FRAMES))
        both = head.taps + tail.taps
        yield _placed("two_levels", both, responses, fast_bytes, head, tail)


def _placed(
    method: Method,
    taps: int,
    responses: int,
    fast_bytes: int,
    head: Level | None = None,
    tail: Level | None = None,
) -> CabinetPlan:
    """Put into DTCM what fits: both, or what was heard, or nothing."""
    places: tuple[tuple[Place, Place], ...] = (("dtcm", "dtcm"), ("axi_sram", "dtcm"))
    for response, heard in places:
        plan = CabinetPlan(method, taps, responses, head, tail, response, heard)
        if sum(a.size_bytes for a in plan.arrays if a.place == "dtcm") <= fast_bytes:
            return plan
    return CabinetPlan(method, taps, responses, head, tail, "axi_sram", "axi_sram")
