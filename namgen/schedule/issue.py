"""When instructions issue, in the order they are written: the cycle model's rules, for kernels.

It knows integer code in memory without wait states. Caches, fetches and predictions are the cycle
model's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from namgen.processors.pipeline import Producer, Use
from namgen.schedule.instruction import Instruction, Place
from namgen.schedule.rules import Rules, may_be_early, role


class Issue:
    """The state of the pipeline while instructions issue one by one."""

    def __init__(self, rules: Rules) -> None:
        self.now = 0
        self._rules = rules
        self._older: Instruction | None = None  # in this cycle, where another may join it
        self._made: dict[Place, tuple[int, Producer]] = {}

    def issue(self, instruction: Instruction) -> int:
        """Issue the next instruction; return its cycle."""
        ready = self.ready(instruction)
        is_older = not (ready <= self.now and self._may_join(instruction))
        if is_older:
            self.now = max(self.now + 1, ready)
        self._older = instruction if is_older else None
        self._write(instruction, is_older=is_older)
        if self._rules.is_alone(instruction):
            self._older = None
            self.now += self._rules.further_cycles(instruction)
        return self.now

    def part(self) -> None:
        """Let nothing join this cycle: the code goes on elsewhere."""
        self._older = None

    def ready(self, instruction: Instruction) -> int:
        """The first cycle in which all it reads is there."""
        return max((self._arrival(*source) for source in instruction.sources), default=0)

    def _may_join(self, instruction: Instruction) -> bool:
        return self._older is not None and self._rules.joins(self._older, instruction)

    def _arrival(self, place: Place, use: Use) -> int:
        cycle, producer = self._made.get(place, (0, Producer.NONE))
        return cycle + self._rules.latency(producer, use)

    def _write(self, instruction: Instruction, *, is_older: bool) -> None:
        early = may_be_early(instruction, is_older=is_older) and self._are_early(instruction)
        for place, producer in instruction.results:
            self._made[place] = (self.now, role(producer, early=early))

    def _are_early(self, instruction: Instruction) -> bool:
        return all(self._arrival(place, Use.EARLY) <= self.now for place, _ in instruction.sources)


def cycles_of_turn(program: Sequence[Instruction], rules: Rules, *, turns: int = 4) -> float:
    """Cycles of one turn of a loop with this body, once it runs."""
    issue = Issue(rules)
    ends = []
    for _ in range(turns):
        for instruction in program:
            issue.issue(instruction)
        issue.part()
        ends.append(issue.now)
    return (ends[-1] - ends[0]) / (turns - 1)
