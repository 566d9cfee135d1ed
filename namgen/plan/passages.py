"""Groups the calls of a block: whom a kernel serves, and which calls are one C function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from namgen.plan.stages import Name, PublishStage, Stage

CALLS_AT_ONCE = 24
"""Calls in one function of the C: more than most models have."""


def served(parts: Iterable[Name]) -> str:
    """Say in words whom a kernel serves: "layers 1 to 13 and 16 to 21 of array0"."""
    groups = groupby(dict.fromkeys(parts), lambda part: replace(part, number=None))
    return ", ".join(_served(alike, [part.number for part in group]) for alike, group in groups)


def _served(alike: Name, numbers: Sequence[int | None]) -> str:
    known = [number for number in numbers if number is not None]
    if not known:
        return alike.symbol
    plural = "s" if len(known) > 1 else ""
    own = f"{alike.detail} of " if alike.detail else ""
    whole = f" of {alike.of}" if alike.of else ""
    return f"{own}{alike.kind}{plural} {_listed(known)}{whole}"


def _listed(numbers: Sequence[int]) -> str:
    """List numbers, neighbours as "3 to 5"."""
    runs = groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0])
    ends = [(found[0][1], found[-1][1]) for found in (list(run) for _, run in runs)]
    texts = [f"{low} to {high}" if low < high else str(low) for low, high in ends]
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


@dataclass(frozen=True, slots=True)
class Passage:
    """Calls that follow each other, and the name of the function they are in."""

    name: str
    stages: tuple[Stage, ...]


def passages(stages: Sequence[Stage]) -> tuple[Passage, ...]:
    """Cut the calls of a block up, so that no function gets long; upkeep stays with its call."""
    calls = [n for n, stage in enumerate(stages) if not isinstance(stage, PublishStage)]
    firsts = calls[::CALLS_AT_ONCE]
    ends = [*firsts[1:], len(stages)]
    cuts = (tuple(stages[first:end]) for first, end in zip(firsts, ends, strict=True))
    return tuple(Passage(f"run_from_{_first(cut).symbol}", cut) for cut in cuts)


def _first(stages: Sequence[Stage]) -> Name:
    """Name the part that the first call computes."""
    return next(stage.part for stage in stages if not isinstance(stage, PublishStage))
