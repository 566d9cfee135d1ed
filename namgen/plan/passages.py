"""Groups the calls of a block: whom a kernel serves, and which calls are one C function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from namgen.plan.stages import KernelStage, LstmStage, Name, PublishStage, Stage

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
    """List numbers, three neighbours and more as "3 to 5"."""
    runs = groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0])
    texts = [text for _, run in runs for text in _run([number for _, number in run])]
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def _run(numbers: Sequence[int]) -> list[str]:
    few = len(numbers) < 3
    return list(map(str, numbers)) if few else [f"{numbers[0]} to {numbers[-1]}"]


@dataclass(frozen=True, slots=True)
class Passage:
    """Calls that follow each other, and the name of the function they are in."""

    name: str
    stages: tuple[Stage, ...]

    @property
    def counts_frames(self) -> bool:
        """Whether any call is told how many frames count."""
        return any(isinstance(stage, LstmStage) for stage in self.stages)

    @property
    def fills_tiles(self) -> bool:
        """Whether any call walks over the whole block."""
        return any(isinstance(stage, KernelStage) for stage in self.stages)

    @property
    def points_at_taps(self) -> bool:
        """Whether any call reads through tap pointers."""
        return any(isinstance(stage, KernelStage) and stage.taps for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Course:
    """The calls of one block: all of them in `whole`, or in passages that it calls."""

    whole: Passage
    passages: tuple[Passage, ...]  # none, or several

    @property
    def calls(self) -> tuple[Stage | Passage, ...]:
        """What `whole` calls."""
        return self.passages or self.whole.stages


def course(stages: Sequence[Stage]) -> Course:
    """Cut the calls of a block up, so that no function gets long; upkeep stays with its call."""
    calls = [n for n, stage in enumerate(stages) if not isinstance(stage, PublishStage)]
    firsts = calls[::CALLS_AT_ONCE]
    ends = [*firsts[1:], len(stages)]
    cuts = [tuple(stages[first:end]) for first, end in zip(firsts, ends, strict=True)]
    whole = Passage("run", tuple(stages))
    if len(cuts) == 1:
        return Course(whole, ())
    return Course(whole, tuple(Passage(f"run_from_{_first(cut).symbol}", cut) for cut in cuts))


def _first(stages: Sequence[Stage]) -> Name:
    """Name the part that the first call computes."""
    return next(stage.part for stage in stages if not isinstance(stage, PublishStage))
