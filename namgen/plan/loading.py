"""What loading a capture does: which numbers go where, one array after the other.

All captures of one engine have their numbers in the same order: weights, then what histories and
states start from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from namgen.arithmetic import F32
from namgen.plan.layouts.loads import Load, Position
from namgen.plan.program import Plan


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
    if not plan.parts.is_loaded:
        raise ValueError(f"{plan.name} has its numbers in its C")
    named = dict(plan.constants())
    places = accumulate(map(len, named.values()), initial=0)
    at = dict(zip(named, places, strict=False))
    numbers = np.concatenate([np.zeros(0, np.float32), *named.values()], dtype=np.float32)
    return Loading(tuple(_loads(plan, at)), tuple(plan.storage.positions()), numbers)


def _loads(plan: Plan, at: Mapping[str, int]) -> Iterator[Load]:
    for weights in plan.weights:
        count = len(weights.values)
        yield Load(weights.symbol, 0, at[weights.symbol], count, 1)
    yield from plan.storage.fills(plan.histories, at)
    for state in plan.parts.states:
        count = len(state.start)
        yield Load(state.symbol, 0, at[state.symbol], count, 1)
