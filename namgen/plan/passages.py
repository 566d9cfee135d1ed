"""Groups the calls of a block: whom a kernel serves, and which calls are one C function."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from namgen.plan.stages import KernelStage, PublishStage, Stage

CALLS_AT_ONCE = 24
"""Calls in one function of the C: more than most models have."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a symbol says of its part of the network: its kind and number in what it is part of."""

    of: str = ""  # array0
    kind: str = ""  # layer, block or post; empty for what is not numbered
    number: int = 0
    detail: str = ""  # conv_pre_film, or the whole name of what is not numbered


_NUMBERED = re.compile(
    r"(?:(?P<of>.+)_)?(?P<kind>layer|block|post)(?P<number>\d+)(?:_(?P<detail>.+))?"
)


def part_of(symbol: str) -> Part:
    """Take a symbol apart."""
    found = _NUMBERED.fullmatch(symbol)
    if found is None:
        return Part(detail=symbol)
    return Part(found["of"] or "", found["kind"], int(found["number"]), found["detail"] or "")


def served(symbols: Iterable[str]) -> str:
    """Say in words whom a kernel serves: "layers 1 to 13 and 16 to 21 of array0"."""
    parts = dict.fromkeys(map(part_of, symbols))
    groups = groupby(parts, lambda part: (part.of, part.kind, part.detail))
    return ", ".join(_served(*key, [part.number for part in group]) for key, group in groups)


def _served(of: str, kind: str, detail: str, numbers: Sequence[int]) -> str:
    if not kind:
        return detail
    plural = "s" if len(numbers) > 1 else ""
    own = f"{detail} of " if detail else ""
    return f"{own}{kind}{plural} {_listed(numbers)}{f' of {of}' if of else ''}"


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
    return tuple(Passage(f"run_from_{_symbol(cut[0])}", cut) for cut in cuts)


def _symbol(stage: Stage) -> str:
    return stage.symbol if isinstance(stage, KernelStage) else "here"
