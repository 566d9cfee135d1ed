"""Gives every value of an ordered program a core register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from namgen.schedule.instruction import Instruction, Place, Value


def allot(program: Sequence[Instruction], registers: Sequence[str]) -> dict[Value, str]:
    """Return the register of every value: of those free, the one that has been so the longest.

    A sum stays in its register.

    Raises:
        ValueError: there are too few.

    """
    last = {value: at for at, instruction in enumerate(program) for value in instruction.used}
    free, found = list(registers), dict[Value, str]()
    for at, instruction in enumerate(program):
        dying = [found[value] for value in instruction.used if last[value] == at]
        free += dying
        for value in instruction.made:
            if not free:
                raise ValueError(f"{instruction.remark}: no register is left")
            found[value] = dying.pop() if dying else free[0]
            free.remove(found[value])
        free += [found[value] for value in instruction.made if value not in last]
    return found


def spelled(instruction: Instruction, allotted: Mapping[Value, str]) -> str:
    """Spell an instruction with the registers of its values."""

    def name(place: Place) -> str:
        return allotted[place] if isinstance(place, Value) else place

    return instruction.form.format(*map(name, instruction.operands))
