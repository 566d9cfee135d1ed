"""How what a kernel is given lies in memory; its machine code reads it by these offsets."""

from __future__ import annotations

from namgen.plan.fixed.memory import WORD_BYTES

WEIGHTS, REMAINDERS, TABLE, FIRST_POINTER = (WORD_BYTES * word for word in range(4))
"""In the call: the arrays, and where the pointers begin that move on."""

ALIGNMENT = 8
"""Of a loop: two instructions are fetched at once."""


def pointer(number: int) -> int:
    """Return where a pointer that moves on lies in a call."""
    return FIRST_POINTER + in_array(number)


def in_array(number: int) -> int:
    """Return where a word of an array lies."""
    return WORD_BYTES * number


def is_aligned(instructions: int) -> bool:
    """Whether a loop behind so many instructions, of 4 bytes each, begins where it should."""
    return instructions * 4 % ALIGNMENT == 0
