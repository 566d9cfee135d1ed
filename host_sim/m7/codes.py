"""Numbers that the model's Python and its C share: written here, and from here into `codes.h`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum, IntFlag

from namgen.processors.pipeline import KindFlag, Pair


class Flag(IntFlag):
    """What an instruction does that timing depends on."""

    EARLY_OLDER = 1  # may compute early as the older of a pair
    EARLY_EITHER = 2  # may compute early in either place
    BRANCH = 4
    CONDITIONAL = 8
    LOAD = 16
    STORE = 32
    MULTIPLE = 64  # several registers


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
