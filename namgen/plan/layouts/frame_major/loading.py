"""What loading a capture does: which numbers go where, one array after the other.

All captures of one engine have their numbers in the same order: weights, then what histories and
states start from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32, Elements
from namgen.errors import UnsupportedError
from namgen.plan.layouts.frame_major.storage import FrameMajorStorage, Ring
from namgen.plan.layouts.statements import Extent
from namgen.plan.memory import History
from namgen.plan.program import Plan


@dataclass(frozen=True, slots=True)
class Load:
    """So many frames of an array get the same values, one a channel."""

    array: str
    first: Extent  # of its frames that is filled
    numbers_at: int  # where the values are among the capture's
    channels: int
    frames: int

    @property
    def words(self) -> int:
        """Words that are written."""
        return self.channels * self.frames


@dataclass(frozen=True, slots=True)
class Position:
    """Where the newest block of a window of a ring lies at first."""

    variable: str
    frame: int


@dataclass(frozen=True, slots=True, eq=False)
class Loading:
    """How an engine is filled with a capture of its shape."""

    loads: tuple[Load, ...]
    positions: tuple[Position, ...]
    numbers: F32  # of the capture that was planned

    @property
    def words(self) -> int:
        """Words that are written in all."""
        return sum(load.words for load in self.loads)


def loading(plan: Plan) -> Loading:
    """Return how the arrays of a loaded plan are filled.

    Raises:
        ValueError: the plan has its numbers in its C.

    """
    if not plan.parts.is_loaded or not isinstance(plan.storage, FrameMajorStorage):
        raise ValueError(f"{plan.name} has its numbers in its C")
    storage = plan.storage
    at: dict[str, int] = {}
    parts: list[Elements] = []
    for name, values in plan.constants():
        at[name] = sum(map(len, parts))
        parts.append(values)
    numbers = np.concatenate([np.zeros(0, np.float32), *parts], dtype=np.float32)
    return Loading(tuple(_loads(plan, storage, at)), tuple(_positions(storage.rings)), numbers)


def check_loadable(layout_name: str) -> None:
    """Refuse a layout whose engines cannot be loaded.

    Raises:
        UnsupportedError: the layout computes in vectors.

    """
    if layout_name != "frame_major":
        raise UnsupportedError(
            f"several captures: expected the layout of a pedal, found {layout_name}; a pedal's C "
            "runs on a host as well"
        )


def _loads(plan: Plan, storage: FrameMajorStorage, at: dict[str, int]) -> Iterator[Load]:
    for weights in plan.weights:
        count = len(weights.values)
        yield Load(weights.symbol, Extent(count, 0), at[weights.symbol], count, 1)
    for history in plan.histories:
        if storage.ring(history) is None:
            yield _fill(history.symbol, 0, history, storage.frames(history), at)
    for ring in storage.rings:
        for window, first in _windows(ring):
            yield _fill(ring.symbol, first, window, storage.frames(window), at)
        # and the copy of the first block, behind the last frame
        yield _fill(ring.symbol, ring.frames, ring.first, ring.padded_frames, at)
    for state in plan.parts.states:
        count = len(state.start)
        yield Load(state.symbol, Extent(count, 0), at[state.symbol], count, 1)


def _fill(array: str, first: int, history: History, frames: int, at: dict[str, int]) -> Load:
    channels = history.channels
    return Load(array, Extent(channels, first), at[history.symbol], channels, frames)


def _windows(ring: Ring) -> Iterator[tuple[History, int]]:
    """Yield every window and where it begins after a reset."""
    first = 0
    for window in ring.windows:
        yield window, first
        first += window.lookback + ring.padded_frames


def _positions(rings: Sequence[Ring]) -> Iterator[Position]:
    for ring in rings:
        for window, first in _windows(ring):
            yield Position(f"{window.name}_newest", first + window.lookback)
