"""Numbers that the model's Python and its C share: written here, and from here into `codes.h`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum, IntFlag


class Kind(IntEnum):
    """Instructions that the pairing rules do not tell apart."""

    ALU = 0
    ALU_SHIFTED = 1
    SHIFT = 2
    BITFIELD = 3
    SATURATE = 4
    MAC = 5
    LOAD = 6
    LOAD_NARROW = 7
    LOAD_MULTIPLE = 8
    STORE = 9
    STORE_MULTIPLE = 10
    BRANCH = 11
    IT = 12
    NOP = 13
    DIVIDE = 14
    FADD = 15
    FMUL = 16
    FMA = 17
    MLA = 18
    FDIVIDE = 19
    FDOUBLE = 20
    VLOAD = 21
    VSTORE = 22
    VLOAD_MULTIPLE = 23
    VSTORE_MULTIPLE = 24
    VMOVE = 25
    VMOVE_TO_CORE = 26
    VMOVE_FROM_CORE = 27
    VMOVE_IMMEDIATE = 28
    VMOVE_PAIR = 29
    VSTATUS = 30
    UNKNOWN = 31


class Producer(IntEnum):
    """What makes a value; the rows of the latency table."""

    NONE = 0
    EARLY = 1
    LATE = 2
    LOAD = 3
    LOAD_NARROW = 4
    LOAD_MULTIPLE = 5
    MAC = 6
    ADDRESS = 7
    BITFIELD = 8
    SATURATE = 9
    FADD = 10
    FMA = 11
    MLA = 12
    VLOAD = 13
    TO_CORE = 14
    FROM_CORE = 15
    VMOVE = 16
    FINISHED = 17


class Use(IntEnum):
    """The stage that reads a value; the columns of the latency table."""

    LATE = 0
    EARLY = 1
    ADDRESS = 2
    ACCUMULATE = 3
    MULTIPLY = 4
    STORE = 5
    FADD = 6
    FMUL = 7
    FMA_ADDEND = 8
    MLA_ADDEND = 9
    FMA_FACTOR = 10
    VSTORE = 11
    VMOVE = 12
    CORE_MOVE = 13
    FLAGS = 14


class Flag(IntFlag):
    """What an instruction does that timing depends on."""

    EARLY_OLDER = 1  # may compute early as the older of a pair
    EARLY_EITHER = 2  # may compute early in either place
    BRANCH = 4
    CONDITIONAL = 8
    LOAD = 16
    STORE = 32
    MULTIPLE = 64  # several registers


class KindFlag(IntFlag):
    """What all instructions of a kind have in common."""

    ALONE = 1
    MAC = 2
    SHADOW_BLOCKED = 4
    SHADOW_OLDER = 8
    ARITHMETIC = 16


class Pair(IntEnum):
    """When an instruction may join the one before it."""

    NEVER = 0
    ALWAYS = 1
    OTHER_BANK = 2
    FIRST_MAC = 3


class Reason(IntEnum):
    """Where a cycle went."""

    ISSUE = 0  # an issue group that could not be avoided
    FLOAT = 1  # a group opened because there is one float unit
    PAIRING = 2  # a group opened because the instruction may not join the one before
    LATENCY = 3  # waiting for an operand
    SHADOW = 4  # the float unit, after a multiply-accumulate
    BUSY = 5  # instructions of several cycles
    DCACHE = 6  # a load whose line was not in the cache
    STORE = 7  # a full store buffer
    FETCH = 8  # instruction bytes, without a miss
    ICACHE = 9  # an instruction line that was not in the cache
    BRANCH = 10  # a branch that went elsewhere than predicted


_IN_C: tuple[tuple[str, type[IntEnum] | type[IntFlag]], ...] = (
    ("FLAG", Flag),
    ("KIND", KindFlag),
    ("PAIR", Pair),
    ("REASON", Reason),
)


def header() -> str:
    """Return the text of `codes.h`: every member as an enumerator, `FLAG_LOAD` for `Flag.LOAD`."""
    return "\n".join(["/* Written by codes.py. */", *_enums()]) + "\n"


def _enums() -> Iterator[str]:
    for prefix, codes in _IN_C:
        members = ", ".join(f"{prefix}_{member.name} = {member.value}" for member in codes)
        yield f"enum {{ {members} }};"
    yield f"enum {{ REASON_COUNT = {len(Reason)} }};"
