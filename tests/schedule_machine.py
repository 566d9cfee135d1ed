"""A tiny machine: what the instructions of kernels do, one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence

from namgen.schedule.instruction import Instruction, Place, Value

Registers = dict[Hashable, int]
Memory = dict[tuple[str, int], int]


def wrapped(value: int) -> int:
    """Keep the lower 32 bits of a number."""
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def high(a: int, b: int) -> int:
    return (a * b + (1 << 31)) >> 32


def dual(a: int, b: int) -> int:
    return sum(_half(a, n) * _half(b, n) for n in (0, 1))


def held(value: int, bits: int) -> int:
    return max(-(1 << (bits - 1)), min((1 << (bits - 1)) - 1, value))


def _half(word: int, number: int) -> int:
    return ((word >> (16 * number)) + (1 << 15)) % (1 << 16) - (1 << 15)


_COMPUTED: Mapping[str, Callable[..., int]] = {
    "smlad": lambda a, b, c: c + dual(a, b),
    "smmlar": lambda a, b, c: c + high(a, b),
    "smmulr": high,
    "smuad": dual,
    "smlabb": lambda a, b, c: c + _half(a, 0) * _half(b, 0),
    "asr.w": lambda a, n: a >> n,
    "and.w": lambda a, b: a & b,
    "add.w": lambda a, b: a + b,
    "addw": lambda a, n: a + n,
    "subs.w": lambda a, n: a - n,
    "lsl.w": lambda a, n: a << n,
    "pkhbt": lambda a, b: (a & 0xFFFF) | (b << 16),
    "vmov": lambda a: a,
}


class Machine:
    """Registers and words of memory, which begin as numbers of their own."""

    def __init__(self) -> None:
        self.registers: Registers = {}
        self.memory: Memory = {}

    def run(self, program: Sequence[Instruction], names: Mapping[Value, str] | None = None) -> None:
        """Run a program; with `names`, values are in registers."""
        for instruction in program:
            places = [self._place(place, names) for place in instruction.operands]
            self._step(instruction, places)

    def _place(self, place: Place, names: Mapping[Value, str] | None) -> Hashable:
        return names[place] if names and isinstance(place, Value) else place

    def _step(self, instruction: Instruction, places: list[Hashable]) -> None:
        access = instruction.access
        if access is None:
            self._compute(instruction.form, places)
        elif access.stores:
            for cell, place in zip(access.cells, places, strict=False):
                self.memory[cell] = self._value(place)
        else:
            (cell,) = access.cells
            self.registers[places[0]] = self.memory.setdefault(cell, _beginning(cell))

    def _compute(self, form: str, places: list[Hashable]) -> None:
        name, numbers = form.split(maxsplit=1)[0], [int(n) for n in re.findall(r"#(\d+)", form)]
        values = [self._value(place) for place in places[1:]]
        if name == "ssat":
            shift = numbers[1] if len(numbers) > 1 else 0
            result = held(values[0] >> shift, numbers[0])
        elif name == "and.w" and numbers:
            result = values[0] & (values[1] >> numbers[0])
        elif name == "pkhtb":
            result = (values[0] & ~0xFFFF) | (values[1] >> 16 & 0xFFFF)
        elif name == "add.w" and "asr" in form:
            result = values[0] + (values[1] >> numbers[0])
        elif name == "pkhbt":
            result = _COMPUTED[name](*values)
        else:
            result = _COMPUTED[name](*values, *numbers)
        self.registers[places[0]] = wrapped(result)

    def _value(self, place: Hashable) -> int:
        return self.registers.setdefault(place, _beginning(place))


def _beginning(of: object) -> int:
    """A number of its own for a place that nobody has written."""
    total = 17
    for character in str(of):
        total = (total * 1_000_003 + ord(character)) % (1 << 32)
    return wrapped(total * 2_654_435_761)
