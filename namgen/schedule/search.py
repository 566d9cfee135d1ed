"""Puts a straight run of code into an order in which the processor issues it fast.

Greedy, cycle by cycle: the multiplier is the bottleneck, so a product goes out whenever one can,
and what is most urgent of the rest goes with it. How urgent an instruction is follows from the
order the program is written in, one product a cycle. Chance decides among what is about equal;
seeds are fixed numbers, so that the same program always gets the same order.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from namgen.processors.pipeline import Kind, Producer, Use
from namgen.schedule.dependencies import Dependency, dependencies
from namgen.schedule.instruction import Instruction
from namgen.schedule.issue import cycles_of_turn
from namgen.schedule.pressure import Pressure
from namgen.schedule.rules import Rules, may_be_early, role

_EARLIER_KINDS = frozenset({Kind.BITFIELD, Kind.SATURATE})
"""That join nothing, but may be joined."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How one attempt chooses."""

    seed: int
    window: int = 260  # instructions beyond the first one left
    patience: float = 0.0  # cycles that what nobody waits for may wait
    noise: float = 0.0  # cycles

    @classmethod
    def of_seed(cls, seed: int) -> Manner:
        """Draw one; the first is plain."""
        if seed == 0:
            return cls(seed)
        chance = random.Random(seed)
        return cls(
            seed,
            chance.choice((60, 100, 160, 260)),
            chance.choice((0.0, 0.5, 1.0, 2.0)),
            chance.choice((0.25, 0.5, 1.0)),
        )


def best_order(
    program: Sequence[Instruction], rules: Rules, registers: int, seeds: Iterable[int]
) -> tuple[Instruction, ...]:
    """Return the fastest order that the seeds lead to, as the body of a loop.

    Raises:
        ValueError: the program needs more registers in the order it is written.

    """
    after = dependencies(program)
    orders = (
        _Attempt(program, after, rules, registers, Manner.of_seed(seed)).order() for seed in seeds
    )
    return min(orders, key=lambda order: cycles_of_turn(order, rules))


class _Attempt:
    """One walk through a program."""

    def __init__(
        self,
        program: Sequence[Instruction],
        after: Sequence[Sequence[Dependency]],
        rules: Rules,
        registers: int,
        manner: Manner,
    ) -> None:
        self._program, self._after, self._rules, self._manner = program, after, rules, manner
        self._pressure = Pressure(program, registers)
        self._urgency = _urgency(program, after, rules, manner)
        self._missing = [0] * len(program)
        for behind in after:
            for dependency in behind:
                self._missing[dependency.later] += 1
        self._open = [number for number, missing in enumerate(self._missing) if not missing]
        self._ready = [0] * len(program)  # the first cycle with all operands
        self._early = [0] * len(program)  # ... for the early unit
        self._allowed: dict[int, bool] = {}  # as far as it was asked since the last one
        self._order: list[int] = []
        self._now = 0

    def order(self) -> tuple[Instruction, ...]:
        """Take one instruction after the other."""
        while len(self._order) < len(self._program):
            self._cycle()
        return tuple(self._program[number] for number in self._order)

    def _cycle(self) -> None:
        """Fill the next cycle in which anything can issue."""
        older = self._older(self._candidates())
        self._take(older, is_older=True)
        if self._rules.is_alone(self._program[older]):
            self._now += 1 + self._rules.further_cycles(self._program[older])
            return
        younger = self._younger(older)
        if younger is not None:
            self._take(younger, is_older=False)
        self._now += 1

    def _candidates(self) -> list[int]:
        """Return what may issue, most urgent first, once anything may."""
        while True:
            there = self._there()
            if any(map(self._allows, there)):
                return there
            later = (self._ready[number] for number in self._near())
            self._now = min(ready for ready in later if ready > self._now)

    def _there(self) -> list[int]:
        """Return what has its operands now, most urgent first."""
        there = [number for number in self._near() if self._ready[number] <= self._now]
        return sorted(there, key=self._urgency.__getitem__)

    def _near(self) -> list[int]:
        end = self._pressure.first + self._manner.window
        return [number for number in self._open if number < end]

    def _allows(self, number: int) -> bool:
        """Whether the registers allow it."""
        if number not in self._allowed:
            self._allowed[number] = self._pressure.allows(number)
        return self._allowed[number]

    def _older(self, there: Sequence[int]) -> int:
        """Choose the first of a cycle: a product, or what only a product can join."""
        first = next(filter(self._allows, there))
        products = (number for number in there if self._kind(number) is Kind.MAC)
        product = next(filter(self._allows, products), None)
        if product is None or self._kind(first) in _EARLIER_KINDS:
            return first
        overdue = self._urgency[first] < self._urgency[product] - self._manner.patience
        if overdue and not self._joins(product, first):
            return first
        for other in there:
            earlier = self._kind(other) in _EARLIER_KINDS
            if (earlier or (other != product and self._joins(product, other))) and self._allows(
                other
            ):
                return other if earlier else product
        return product

    def _younger(self, older: int) -> int | None:
        """Choose what joins it, most of all a product."""
        there = [number for number in self._there() if self._joins(older, number)]
        products = (number for number in there if self._kind(number) is Kind.MAC)
        product = next(filter(self._allows, products), None)
        return next(filter(self._allows, there), None) if product is None else product

    def _joins(self, older: int, younger: int) -> bool:
        return self._rules.joins(self._program[older], self._program[younger])

    def _kind(self, number: int) -> Kind:
        return self._program[number].kind

    def _take(self, number: int, *, is_older: bool) -> None:
        """Issue an instruction now, and open what waited for it."""
        self._open.remove(number)
        self._order.append(number)
        self._pressure.take(number)
        self._allowed.clear()
        instruction = self._program[number]
        early = self._early[number] <= self._now and may_be_early(instruction, is_older=is_older)
        made = {place: role(producer, early=early) for place, producer in instruction.results}
        for dependency in self._after[number]:
            self._release(dependency, made.get(dependency.place) if dependency.place else None)

    def _release(self, dependency: Dependency, producer: Producer | None) -> None:
        later = dependency.later
        if producer is not None and dependency.use is not None:
            ready = self._now + self._rules.latency(producer, dependency.use)
            self._ready[later] = max(self._ready[later], ready)
            early = self._now + self._rules.latency(producer, Use.EARLY)
            self._early[later] = max(self._early[later], early)
        self._missing[later] -= 1
        if not self._missing[later]:
            self._open.append(later)


def _urgency(
    program: Sequence[Instruction],
    after: Sequence[Sequence[Dependency]],
    rules: Rules,
    manner: Manner,
) -> list[float]:
    """Return by which cycle each instruction should be out: before those that wait for it."""
    chance = random.Random(manner.seed)
    latest: list[float] = []
    products = 0
    for instruction in program:
        is_product = instruction.kind is Kind.MAC
        products += is_product
        latest.append(products + (0 if is_product else manner.patience))
    for number in range(len(program) - 1, -1, -1):
        producers = dict(program[number].results)
        for dependency in after[number]:
            wait = 0
            if dependency.place is not None and dependency.use is not None:
                wait = rules.latency(producers[dependency.place], dependency.use)
            latest[number] = min(latest[number], latest[dependency.later] - wait)
    return [cycle + chance.uniform(0, manner.noise) for cycle in latest]
