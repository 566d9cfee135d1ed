"""How many registers the rest of a program needs, while its instructions are taken out of order."""

from __future__ import annotations

from collections.abc import Sequence

from namgen.schedule.instruction import Instruction, Value


class Pressure:
    """Values that live behind each instruction if those not taken yet follow in their order.

    So taking an instruction is safe exactly when the rest still has registers enough.
    """

    def __init__(self, program: Sequence[Instruction], registers: int) -> None:
        """Begin before the first instruction.

        Raises:
            ValueError: the program needs more registers in the order it is written.

        """
        self.first = 0  # not taken yet
        self._registers = registers
        self._made = [instruction.made for instruction in program]
        self._used = [instruction.used for instruction in program]
        self._taken = [False] * len(program)
        self._reads: dict[Value, list[int]] = {value: [] for made in self._made for value in made}
        for number, used in enumerate(self._used):
            for value in used:
                self._reads[value].append(number)
        self._live, self._behind = 0, self._counted(len(program))
        worst = max(self._behind, default=0)
        if worst > registers:
            where = program[self._behind.index(worst)]
            raise ValueError(f"{where.remark}: {worst} values for {registers} registers")

    def allows(self, number: int) -> bool:
        """Whether the rest has registers enough if this instruction is taken now."""
        more = len(self._made[number])
        for value in self._used[number]:
            more -= len(self._reads[value]) == 1
        if more <= 0 or number == self.first:
            return True
        most = max(self._behind[self.first : number])
        return max(most, self._live) + more <= self._registers

    def take(self, number: int) -> None:
        """Take an instruction out of what is left."""
        first = self.first
        for value in self._used[number]:
            reads = self._reads[value]
            reads.remove(number)
            kept_until = reads[-1] if reads else first
            self._change(max(kept_until, first), number, -1)
            self._live -= not reads
        self._change(first, number, len(self._made[number]))
        self._live += len(self._made[number])
        self._taken[number] = True
        while self.first < len(self._taken) and self._taken[self.first]:
            self.first += 1

    def _change(self, first: int, end: int, by: int) -> None:
        for number in range(first, end):
            self._behind[number] += by

    def _counted(self, count: int) -> list[int]:
        behind = [0] * count
        for number, made in enumerate(self._made):
            for value in made:
                for at in range(number, max(self._reads[value], default=number)):
                    behind[at] += 1
                if not self._reads[value]:
                    behind[number] += 1
        return behind
