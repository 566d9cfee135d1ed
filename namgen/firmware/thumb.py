"""Just enough of the Thumb-2 instruction set to see stack use and calls.

Encodings: Armv7-M architecture reference manual, chapter A7. An instruction is its address and its
one or two halfwords; `high` is 0 for the short ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_SP = 13
_LR = 14


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: `low` is the halfword at `address`, `high` the one after it."""

    address: int
    low: int
    high: int = 0

    @property
    def size_bytes(self) -> int:
        """2 or 4."""
        return 4 if is_wide(self.low) else 2


def is_wide(low: int) -> bool:
    """Whether a second halfword follows this first one."""
    return low >> 11 in (0b11101, 0b11110, 0b11111)


def stack_bytes_taken(instruction: Instruction) -> int | None:
    """Bytes by which the stack pointer goes down; None when only running it would tell.

    Moving a computed address into the stack pointer (a realignment, or its undoing) is 64 bytes:
    no more can be lost to an alignment of 64.
    """
    low, high = instruction.low, instruction.high
    for matches, size in _STACK_RULES:
        if matches(low, high):
            return size(low, high)
    return None if _is_subtract_register_from_sp(low, high) else 0


def branch_target(instruction: Instruction) -> int | None:
    """Where a direct branch or call goes; None for any other instruction."""
    low, high, pc = instruction.low, instruction.high, instruction.address + 4
    if is_call(instruction) or (low & 0xF800 == 0xF000 and high & 0xD000 == 0x9000):
        return pc + _long_offset(low, high)
    if low & 0xF800 == 0xF000 and high & 0xD000 == 0x8000 and (low >> 6) & 0xE != 0xE:
        return pc + _conditional_offset(low, high)
    if low & 0xF800 == 0xE000:
        return pc + _signed((low & 0x7FF) << 1, 12)
    if low & 0xF000 == 0xD000 and low & 0x0E00 != 0x0E00:
        return pc + _signed((low & 0xFF) << 1, 9)
    return None


def is_call(instruction: Instruction) -> bool:
    """Whether this is BL, a direct call."""
    return instruction.low & 0xF800 == 0xF000 and instruction.high & 0xD000 == 0xD000


def jump_register(instruction: Instruction) -> int | None:
    """Number of the register a BX or BLX goes to, returns left out; None for anything else."""
    low = instruction.low
    if low & 0xFF07 != 0x4700:
        return 15 if low & 0xFF87 == 0x4687 else None
    register = (low >> 3) & 15
    is_return = register == _LR and not low & 0x80
    return None if is_return else register


def loads_pc_from_literal(instruction: Instruction) -> int | None:
    """Address of the word a linker's veneer jumps to; None for any other instruction."""
    if instruction.low & 0xFF7F != 0xF85F or instruction.high & 0xF000 != 0xF000:
        return None
    offset = instruction.high & 0xFFF
    base = (instruction.address + 4) & ~3
    return base + (offset if instruction.low & 0x80 else -offset)


def wide_move(instruction: Instruction) -> tuple[int, int, int] | None:
    """Register, value and shift of a MOVW or MOVT; None for any other instruction."""
    low, high = instruction.low, instruction.high
    if low & 0xFB70 != 0xF240 or high & 0x8000:
        return None
    value = (low & 15) << 12 | (low >> 10 & 1) << 11 | (high >> 12 & 7) << 8 | high & 0xFF
    return high >> 8 & 15, value, 16 if low & 0x80 else 0


def _is_subtract_register_from_sp(low: int, high: int) -> bool:
    return low & 0xFFEF == 0xEBAD and _destination(high) == _SP


def _destination(high: int) -> int:
    return high >> 8 & 15


def _words(mask: int) -> int:
    return 4 * bin(mask).count("1")


def _expanded(low: int, high: int) -> int:
    """ThumbExpandImm of a 12-bit immediate."""
    code = (low >> 10 & 1) << 11 | (high >> 12 & 7) << 8 | high & 0xFF
    byte = code & 0xFF
    if code >> 10:
        rotation = code >> 7
        value = 0x80 | code & 0x7F
        return (value >> rotation | value << (32 - rotation)) & 0xFFFFFFFF
    return (byte, byte * 0x00010001, byte * 0x01000100, byte * 0x01010101)[code >> 8]


def _immediate12(low: int, high: int) -> int:
    return (low >> 10 & 1) << 11 | (high >> 12 & 7) << 8 | high & 0xFF


def _long_offset(low: int, high: int) -> int:
    sign = low >> 10 & 1
    i1 = 1 ^ (high >> 13 & 1) ^ sign
    i2 = 1 ^ (high >> 11 & 1) ^ sign
    offset = sign << 24 | i1 << 23 | i2 << 22 | (low & 0x3FF) << 12 | (high & 0x7FF) << 1
    return _signed(offset, 25)


def _conditional_offset(low: int, high: int) -> int:
    offset = (low >> 10 & 1) << 20 | (high >> 11 & 1) << 19 | (high >> 13 & 1) << 18
    return _signed(offset | (low & 0x3F) << 12 | (high & 0x7FF) << 1, 21)


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


_Rule = tuple[Callable[[int, int], bool], Callable[[int, int], int]]

_STACK_RULES: tuple[_Rule, ...] = (
    # PUSH and STMDB SP!
    (lambda low, high: low & 0xFE00 == 0xB400, lambda low, high: _words(low & 0x1FF)),
    (lambda low, high: low == 0xE92D, lambda low, high: _words(high)),
    # STR and STRD with SP decremented first
    (lambda low, high: low == 0xF84D and high & 0xF00 == 0xD00, lambda low, high: high & 0xFF),
    (lambda low, high: low == 0xE96D, lambda low, high: 4 * (high & 0xFF)),
    # VPUSH
    (
        lambda low, high: low & 0xFFBF == 0xED2D and high & 0xE00 == 0xA00,
        lambda low, high: 4 * (high & 0xFF),
    ),
    # SUB SP, SP, #constant: short, modified and plain
    (lambda low, high: low & 0xFF80 == 0xB080, lambda low, high: 4 * (low & 0x7F)),
    (lambda low, high: low & 0xFBEF == 0xF1AD and _destination(high) == _SP, _expanded),
    (lambda low, high: low & 0xFBFF == 0xF2AD and _destination(high) == _SP, _immediate12),
    # MOV SP, Rm
    (lambda low, high: low & 0xFF87 == 0x4685, lambda low, high: 64),
)
