"""One instruction as the cycle model sees it, and the draft it is while it is decoded."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from host_sim.m7.codes import Flag
from namgen.processors.pipeline import Kind, Producer, Use

FLAGS_REGISTER = 48
FLOAT_FLAGS_REGISTER = 49
SP, LR, PC = 13, 14, 15
FIRST_FLOAT = 16

_SPECIAL = {
    **{"sb": 9, "sl": 10, "fp": 11, "ip": 12, "sp": SP, "lr": LR, "pc": PC},
    **{"apsr_nzcv": FLAGS_REGISTER, "fpscr": FLOAT_FLAGS_REGISTER},
}

Operand = tuple[int, int]  # register, Use of a source or Producer of a result


@dataclass(frozen=True, slots=True)
class Decoded:
    """One instruction as the model sees it, and as a person reads it."""

    address: int
    size_bytes: int
    text: str
    kind: Kind
    sources: tuple[Operand, ...] = ()
    results: tuple[Operand, ...] = ()
    flags: int = 0
    access_bytes: int = 0
    busy_cycles: int = 0
    is_call: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the decoder knows the instruction; if not, its cost is a conservative guess."""
        return self.kind is not Kind.UNKNOWN


@dataclass(slots=True)
class Draft:
    """An instruction while its operands are being collected."""

    mnemonic: str
    operands: list[Any]
    name: Callable[[int], str]
    writeback: bool
    kind: Kind = Kind.UNKNOWN
    sources: list[Operand] = field(default_factory=list)
    results: list[Operand] = field(default_factory=list)
    flags: int = 0
    access_bytes: int = 0
    busy: str = ""
    is_call: bool = False

    def read(self, position: int, use: Use) -> None:
        """Note the registers of one operand as sources; an immediate has none."""
        self.sources += [(r, use) for r in self._registers(position)]

    def write(self, position: int, producer: Producer) -> None:
        """Note the registers of one operand as results."""
        self.results += [(r, producer) for r in self._registers(position)]

    def read_rest(self, first: int, use: Use) -> None:
        """Note all operands from position `first` on as sources."""
        for position in range(first, len(self.operands)):
            self.read(position, use)

    def address(self) -> None:
        """Note base and index of the memory operand, and the base that is written back."""
        for operand in self.operands:
            if operand.type != arm().ARM_OP_MEM:
                continue
            base = numbers(self.name(operand.mem.base))
            index = numbers(self.name(operand.mem.index)) if operand.mem.index else []
            self.sources += [(r, Use.ADDRESS) for r in (*base, *index) if r != PC]
            if self.writeback:
                self.results += [(r, Producer.ADDRESS) for r in base]

    def _registers(self, position: int) -> list[int]:
        operand = self.operands[position]
        if operand.type != arm().ARM_OP_REG:
            return []
        return [r for r in numbers(self.name(operand.reg)) if r != PC]


@functools.cache
def arm() -> Any:
    """Import capstone's names for Arm, only when something is decoded."""
    import capstone.arm

    return capstone.arm


@functools.cache
def numbers(name: str) -> tuple[int, ...]:
    """Model numbers of a register by its name: r0-r14, s0-s31 as 16-47, a double as two."""
    if name in _SPECIAL:
        return (_SPECIAL[name],)
    number = int(name[1:]) if name[1:].isdigit() else -1
    if name.startswith("r") and 0 <= number < 16:
        return (number,)
    if name.startswith("s") and 0 <= number < 32:
        return (FIRST_FLOAT + number,)
    if name.startswith("d") and 0 <= number < 16:
        return (FIRST_FLOAT + 2 * number, FIRST_FLOAT + 2 * number + 1)
    return ()


def multiple(draft: Draft, *, loads: bool, use: Use) -> None:
    """A transfer of several registers; push and pop have no base operand."""
    draft.flags |= Flag.MULTIPLE | (Flag.LOAD if loads else Flag.STORE)
    on_stack = draft.mnemonic.startswith(("push", "pop", "vpush", "vpop"))
    first = 0 if on_stack else 1
    if on_stack:
        draft.sources.append((SP, Use.ADDRESS))
        draft.results.append((SP, Producer.ADDRESS))
    else:
        draft.read(0, Use.ADDRESS)
        if draft.writeback:
            draft.write(0, Producer.ADDRESS)
    words = 0
    for position in range(first, len(draft.operands)):
        moved = numbers(draft.name(draft.operands[position].reg))
        words += len(moved)
        if PC in moved:
            draft.flags |= Flag.BRANCH
        if loads:
            draft.write(position, Producer.LOAD_MULTIPLE)
        else:
            draft.read(position, use)
    draft.access_bytes = 4 * words


Handler = Callable[[Draft], None]


Handlers = tuple[tuple[re.Pattern[str], Handler], ...]


def table(*rows: tuple[str, Handler]) -> Handlers:
    """Pair patterns of mnemonics with what fills the draft; the first that matches counts."""
    return tuple((re.compile(pattern), handler) for pattern, handler in rows)
