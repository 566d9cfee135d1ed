"""Walks over the steps of a kernel, in whichever layout: sums, and what is done to arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from namgen.plan.layouts.statements import Constant, Distance, Do
from namgen.plan.layouts.whole_sums import (
    feeds_film,
    film_verb,
    groups_verb,
    is_grouped_map,
    is_whole,
)
from namgen.plan.stages import NamedKernel
from namgen.plan.steps import Apply, Kernel, Step, Sum, Taps, Window, weight_count

ScheduledSum_co = TypeVar("ScheduledSum_co", covariant=True)


@dataclass(frozen=True, slots=True)
class SumWeights:
    """Where the weights of a sum begin, and from one row to the next."""

    first: Distance
    per_row: Distance


@dataclass(frozen=True, slots=True)
class MapSchedule:
    """A step that is all operations: of a whole sum, or value by value, after that of its FiLM."""

    title: str
    uses: tuple[Do, ...]


class StepScheduler(Protocol[ScheduledSum_co]):
    """Chooses the operations of each step of one kernel."""

    def sum(self, step: Sum, weights: SumWeights) -> ScheduledSum_co:
        """Schedule a sum."""

    def whole(self, step: Sum, verb: str, weights: Distance) -> Do:
        """Schedule a sum as an operation of its own; say where its weights begin."""

    def map(self, step: Step, weights: Distance) -> Do:
        """Schedule what works value by value; say where its slopes begin, if it reads any."""


def schedule_steps(
    kernel: Kernel, scheduler: StepScheduler[ScheduledSum_co]
) -> tuple[ScheduledSum_co | MapSchedule, ...]:
    """Schedule every step; the sum of a FiLM belongs to the step behind it."""
    found: list[ScheduledSum_co | MapSchedule] = []
    film: tuple[Do, ...] = ()
    for n, step in enumerate(kernel.steps):
        first = _first_weight(kernel, n)
        if not isinstance(step, Sum):
            found.append(MapSchedule(step.title, (*film, scheduler.map(step, first))))
            film = ()
        elif feeds_film(kernel, n):
            film = (scheduler.whole(step, film_verb(step), first),)
        elif is_grouped_map(kernel, n):
            groups = scheduler.whole(step, groups_verb(step), first)
            found.append(MapSchedule(step.title, (groups,)))
        else:
            found.append(scheduler.sum(step, SumWeights(first, _per_row(step))))
    return tuple(found)


def constants(kernel: Kernel) -> Iterator[Constant]:
    """Yield the names that a kernel gives to places among its weights."""
    for n, step in enumerate(kernel.steps):
        numbers = [_first_weight(kernel, n)]
        if isinstance(step, Sum) and not is_whole(kernel, n):
            numbers += [_per_row(step)] if step.tiles > 1 else []
        yield from (number for number in numbers if isinstance(number, Constant))


def taps_of(named: NamedKernel, *kinds: type[Taps] | type[Window]) -> Constant | None:
    """Return the number of taps of a kernel's convolution if it is of these kinds, named."""
    sums = (step for step in named.kernel.steps if isinstance(step, Sum))
    for term in (term for step in sums for term in step.terms):
        if isinstance(term, kinds):
            return Constant(f"{named.name.upper()}_TAPS", term.kernel_size)
    return None


def _first_weight(kernel: Kernel, n: int) -> Distance:
    """Say where the weights of a step begin; those of the first one need no name."""
    step, offset = kernel.steps[n], kernel.weight_offset(n)
    return Constant(f"{_result(step)}_AT", offset) if offset and weight_count(step) else offset


def _per_row(step: Sum) -> Distance:
    count = weight_count(step) // step.rows
    return Constant(f"{_result(step)}_PER_ROW", count) if count else 0


def _result(step: Step) -> str:
    """Name what a step makes with its weights."""
    if isinstance(step, Sum):
        return step.sinks[-1].target.name.upper()
    rows = step.rows if isinstance(step, Apply) else step.target
    return f"{rows.name.upper()}_SLOPES"
