"""Walks over the steps of a kernel, in whichever layout: sums, and what is done to arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from namgen.plan.layouts.films import feeds_film
from namgen.plan.layouts.statements import Do
from namgen.plan.steps import Kernel, Step, Sum

ScheduledSum = TypeVar("ScheduledSum")


@dataclass(frozen=True, slots=True)
class MapSchedule:
    """A step that works value by value, after the sum of its FiLM if it is one."""

    title: str
    uses: tuple[Do, ...]


def schedule_steps(
    kernel: Kernel,
    *,
    sum_of: Callable[[Sum, int], ScheduledSum],
    film_of: Callable[[Sum, int], Do],
    map_of: Callable[[Step, int], Do],
) -> tuple[ScheduledSum | MapSchedule, ...]:
    """Schedule every step; each function is given a step and where its weights begin.

    The sum of a FiLM belongs to the step behind it.
    """
    found: list[ScheduledSum | MapSchedule] = []
    film: tuple[Do, ...] = ()
    for n, step in enumerate(kernel.steps):
        offset = kernel.weight_offset(n)
        if not isinstance(step, Sum):
            found.append(MapSchedule(step.title, (*film, map_of(step, offset))))
            film = ()
        elif feeds_film(kernel, n):
            film = (film_of(step, offset),)
        else:
            found.append(sum_of(step, offset))
    return tuple(found)
