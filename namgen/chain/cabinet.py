"""How a cabinet's impulse response is convolved with: directly, by parts, or in two levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.skew import BINS_OF_GROUP, STAGES, Twiddles, spectra, twiddles
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
        share = (self.tail.groups + 2 * self._transform_groups) / self.turns
        ends = [round(turn * share - self._transform_groups) for turn in range(1, self.turns)]
        kept = [min(max(end, 0), self.tail.groups) for end in ends]
        return (0, *kept, self.tail.groups)

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

    @property
    def _transform_groups(self) -> float:
        """How many groups take as long to multiply as a transform of the tail takes."""
        assert self.tail is not None
        return _TRANSFORM_CYCLES[self.tail.frames] / (
            _CYCLES_OF_GROUP + _CYCLES_OF_PRODUCT * self.tail.parts
        )

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


# Cycles on a Cortex-M7, everything in DTCM (benchmarks/chain.py): of a transform there and of one
# back together, of a group of bins, of one part in it, of a tap of one frame.
_TRANSFORM_CYCLES = {8: 260, 16: 450, 32: 1100, 48: 1900, 64: 2500}
_CYCLES_OF_GROUP, _CYCLES_OF_PRODUCT, _CYCLES_OF_TAP = 40.0, 26.0, 1.3
_CYCLES_OF_CALL = 60.0


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
    possible = [plan for plan in _possible(taps, block_frames, responses, fast_bytes)]
    chosen = [plan for plan in possible if method in (None, plan.method)]
    if not chosen:
        raise UnsupportedError(
            f"impulse response: {taps} taps in blocks of {block_frames} frames cannot be convolved "
            f"with by the method {method}"
        )
    return min(chosen, key=lambda plan: predicted_cycles(plan, block_frames))


def predicted_cycles(plan: CabinetPlan, block_frames: int) -> float:
    """Predict the cycles per frame of the worst block, everything in DTCM."""
    calls = _CYCLES_OF_CALL / block_frames
    if plan.head is None:
        return calls + _CYCLES_OF_TAP * plan.taps + 8
    head = calls + _level_cycles(plan.head)
    if plan.tail is None:
        return head
    share = _level_cycles(plan.tail) + 0.5 * _TRANSFORM_CYCLES[TAIL_FRAMES] / block_frames
    return head + share + 8


def _level_cycles(level: Level) -> float:
    """Cycles per frame of all its parts."""
    group = _CYCLES_OF_GROUP + _CYCLES_OF_PRODUCT * level.parts
    return (_TRANSFORM_CYCLES[level.frames] + level.groups * group) / level.frames


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
