"""Which instructions issue together, and how long a result takes: the processor's table, asked."""

from __future__ import annotations

from functools import cache

from namgen.processors.pipeline import KindFlag, Pair, Parameters, Producer, Use, load_parameters
from namgen.schedule.instruction import Early, Instruction


class Rules:
    """The rules of one processor."""

    def __init__(self, tables: Parameters) -> None:
        self._latency = tables.latency
        self._pairing = tables.pairing
        self._alone = [bool(flags & KindFlag.ALONE) for flags in tables.kind_flags]
        self._words_per_cycle = tables.scalars["multiple_words_per_cycle"]

    def latency(self, producer: Producer, use: Use) -> int:
        """Cycles from the issue of what makes a value to the issue of what reads it."""
        return self._latency[producer][use]

    def joins(self, older: Instruction, younger: Instruction) -> bool:
        """Whether `younger` may share the cycle of `older`, its operands being there."""
        if self._alone[younger.kind]:
            return False
        rule = self._pairing[older.kind][younger.kind]
        return rule == Pair.ALWAYS or (rule == Pair.OTHER_BANK and _other_banks(older, younger))

    def is_alone(self, instruction: Instruction) -> bool:
        """Whether nothing shares a cycle with it."""
        return self._alone[instruction.kind]

    def further_cycles(self, instruction: Instruction) -> int:
        """Cycles beyond the first in which nothing else issues."""
        access = instruction.access
        if access is None or not self.is_alone(instruction):
            return 0
        return -(-access.words // self._words_per_cycle) - 1


@cache
def rules() -> Rules:
    """The rules of the Cortex-M7."""
    return Rules(load_parameters())


def role(producer: Producer, *, early: bool) -> Producer:
    """What makes the value in effect: the early unit, where it could."""
    return Producer.EARLY if early and producer is Producer.LATE else producer


def may_be_early(instruction: Instruction, *, is_older: bool) -> bool:
    """Whether the early unit may take it in its place of the pair."""
    return instruction.early is Early.EITHER or (instruction.early is Early.OLDER and is_older)


def _other_banks(one: Instruction, other: Instruction) -> bool:
    banks = [access.bank for access in (one.access, other.access) if access]
    return len(banks) == 2 and None not in banks and banks[0] != banks[1]
