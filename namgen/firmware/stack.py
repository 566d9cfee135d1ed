"""The deepest the stack can get, from the instructions of the linked image.

Every function's pushes and frame are added up, and the call graph is followed. The bound is safe,
not tight: a function that saves registers on two paths is charged for both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from namgen.boards import Stack
from namgen.errors import BudgetError, ToolError
from namgen.firmware.elf import Elf, Section
from namgen.firmware.thumb import (
    Instruction,
    branch_target,
    is_call,
    is_wide,
    jump_register,
    loads_pc_from_literal,
    stack_bytes_taken,
    wide_move,
)

EXCEPTION_FRAME_BYTES = 108
"""What the processor saves by itself: 26 words with the FPU's, and one to align."""

_MAIN = "start"
_AUDIO = ("audio_interrupt_a", "audio_interrupt_b")
_TICK = "tick_interrupt"


NOTHING: Mapping[str, tuple[str, ...]] = {}


def check_stack(elf: Elf, stack: Stack, *, through: Mapping[str, tuple[str, ...]] = NOTHING) -> int:
    """Return the worst case; raise unless it leaves the guard at the stack's end untouched.

    `through` names what a function calls through a pointer; all functions of such a name count.

    Raises:
        BudgetError: it does not; with numbers.
        ToolError: see `worst_stack_bytes`.

    """
    worst = worst_stack_bytes(elf, through=through)
    reserved_bytes = stack.size_bytes - stack.guard_bytes
    if worst > reserved_bytes:
        raise BudgetError(
            f"stack: {worst} bytes at worst, {reserved_bytes} are reserved "
            f"(and {stack.guard_bytes} to notice an overflow)"
        )
    return worst


def worst_stack_bytes(elf: Elf, *, through: Mapping[str, tuple[str, ...]] = NOTHING) -> int:
    """Main program, interrupted by the tick, interrupted by audio, each at its deepest.

    Raises:
        ToolError: a function's use of the stack cannot be bounded (recursion, a call through a
            pointer, a frame of variable size); the message names it.

    """
    code = _Code(elf, through)
    audio = max(code.depth(elf.address(name)) for name in _AUDIO)
    tick = code.depth(elf.address(_TICK))
    return code.depth(elf.address(_MAIN)) + tick + audio + 2 * EXCEPTION_FRAME_BYTES


def stack_bytes_below(elf: Elf, function: str) -> int:
    """Return how deep the stack gets from the entry of `function`, without interrupts.

    Raises:
        ToolError: see `worst_stack_bytes`.

    """
    return _Code(elf).depth(elf.address(function))


class _Code:
    """The functions of an image, and the depths found so far."""

    def __init__(self, elf: Elf, through: Mapping[str, tuple[str, ...]] = NOTHING) -> None:
        functions = [s for s in elf.symbols if s.kind == "func" and s.defined]
        mapping = [s for s in elf.symbols if s.name[:2] in ("$t", "$d") and s.defined]
        self._sections = elf.sections
        self._names = {s.address & ~1: s.name for s in functions}
        self._sizes = {s.address & ~1: s.size_bytes for s in functions if s.size_bytes}
        self._starts = sorted(self._names)
        self._is_code = {s.address & ~1: s.name.startswith("$t") for s in mapping}
        self._marks = sorted(self._is_code)
        self._depths: dict[int, int] = {}
        self._through = {
            start: {s.address & ~1 for s in functions if s.name in through[name]}
            for start, name in self._names.items()
            if name in through
        }

    def depth(self, address: int, path: tuple[int, ...] = ()) -> int:
        """Stack from a function's entry to the deepest point below it."""
        start = address & ~1
        if start not in self._depths:
            inside = (*path, start)
            below = [self.depth(target, inside) for target in self._leaves_to(start, inside)]
            self._depths[start] = self._own_bytes(start) + max(below, default=0)
        return self._depths[start]

    def _own_bytes(self, start: int) -> int:
        taken = [stack_bytes_taken(instruction) for instruction in self._instructions(start)]
        if None in taken:
            raise ToolError(f"stack: {self._names[start]}: expected a frame of constant size")
        return sum(size for size in taken if size is not None)

    def _leaves_to(self, start: int, path: tuple[int, ...]) -> set[int]:
        """Starts of the functions that `start` calls or jumps into."""
        found = set()
        before: list[Instruction] = []
        for instruction in self._instructions(start):
            if start in self._through and jump_register(instruction) is not None:
                found |= self._through[start]
                continue
            target = self._target(start, instruction, before)
            if target is not None:
                found |= self._entered(target, path, called=is_call(instruction))
            before = [*before[-1:], instruction]
        return found

    def _target(self, start: int, now: Instruction, before: list[Instruction]) -> int | None:
        literal = loads_pc_from_literal(now)
        if literal is not None:
            return self._word(literal) & ~1
        register = jump_register(now)
        if register is None:
            return branch_target(now)
        target = _constant_in(register, before)
        if target is None:
            name = self._names[start]
            raise ToolError(f"stack: {name}: expected direct calls, found one through a pointer")
        return target & ~1

    def _entered(self, target: int, path: tuple[int, ...], *, called: bool) -> set[int]:
        """The function that `target` is in; nothing when a jump only goes back up the path."""
        index = bisect_right(self._starts, target) - 1
        if index < 0:
            raise ToolError(f"stack: expected a function at {target:#010x}, found none")
        function = self._starts[index]
        if function not in path:
            return {function}
        if called:
            raise ToolError(f"stack: expected no recursion, found it in {self._names[function]}")
        return set()

    def _instructions(self, start: int) -> Iterator[Instruction]:
        """Every instruction of a function, the constants between them left out."""
        address, end = start, self._end(start)
        while address < end:
            if not self._holds_code(address):
                address += 2
                continue
            low = self._halfword(address)
            high = self._halfword(address + 2) if is_wide(low) else 0
            instruction = Instruction(address, low, high)
            yield instruction
            address += instruction.size_bytes

    def _end(self, start: int) -> int:
        """End of a function; a linker's veneer has no size and goes on to the next mark."""
        if start in self._sizes:
            return start + self._sizes[start]
        section_end = next(s.address + s.size_bytes for s in self._sections if _covers(s, start))
        later = [a for a in (*self._starts, *self._marks) if start < a < section_end]
        return min(later, default=section_end)

    def _holds_code(self, address: int) -> bool:
        index = bisect_right(self._marks, address) - 1
        return index < 0 or self._is_code[self._marks[index]]

    def _halfword(self, address: int) -> int:
        return int.from_bytes(self._bytes(address, 2), "little")

    def _word(self, address: int) -> int:
        return int.from_bytes(self._bytes(address, 4), "little")

    def _bytes(self, address: int, size: int) -> bytes:
        for section in self._sections:
            if _covers(section, address):
                offset = address - section.address
                return section.data[offset : offset + size]
        raise ToolError(f"stack: expected code at {address:#010x}, found nothing")


def _covers(section: Section, address: int) -> bool:
    return section.address <= address < section.address + len(section.data)


def _constant_in(register: int, before: list[Instruction]) -> int | None:
    """Value of a register that the two instructions before have loaded, MOVW and MOVT."""
    value = 0
    halves = set()
    for instruction in before:
        move = wide_move(instruction)
        if move is not None and move[0] == register:
            value |= move[1] << move[2]
            halves.add(move[2])
    return value if halves == {0, 16} else None
