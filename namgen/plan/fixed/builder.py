"""What all kernels' programs are built with: loads of weights, homes, products, stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from namgen.plan.fixed.homes import Homes, StackWord
from namgen.schedule import thumb
from namgen.schedule.instruction import Access, Instruction, Place, Value

WEIGHTS = "r12"
POOL = (*(f"r{n}" for n in range(12)), "lr")
"""The core registers that values live in; the weights' pointer has one to itself."""

Weight: TypeAlias = tuple[str, int, int, int]
"""What one word of weights is: a name, a row, a tap and a word of the frame, 0 where none."""

REACH_BYTES = 4096
"""From a pointer to a word that a load reaches."""

PAIR_REACH_BYTES = 1020
"""From a pointer to two words that are stored at once."""

POINTERS = ("record", "out", "turns")
"""Of every kernel, before those of its taps."""


@dataclass(slots=True)
class Builder:
    """A program while it is written, with its weights in the order of their first use."""

    homes: Homes = field(default_factory=Homes)
    weights: list[Weight] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    _offsets: dict[Weight, int] = field(default_factory=dict)

    def put(self, instruction: Instruction) -> None:
        """Append an instruction."""
        self.instructions.append(instruction)

    def onto(
        self, name: str, result: str, factors: tuple[Place, Place], onto: Value, what: str
    ) -> Value:
        """Multiply, and add onto a sum."""
        value = Value(result)
        self.put(thumb.accumulate(name, value, factors, onto, f"{result}: and {what}"))
        return value

    def load(self, name: str, base: Place, offset: int, space: str) -> Value:
        """Load a word."""
        value = Value(name)
        access = Access(space, offset, bank=(offset >> 2) & 1)
        self.put(thumb.load(value, base, offset, access, f"{name}"))
        return value

    def store(self, values: list[Value], base: Place, offset: int, space: str) -> None:
        """Store neighbours, two at a time."""
        for first in range(0, len(values), 2):
            at, some = offset + 4 * first, values[first : first + 2]
            if len(some) == 2 and at <= PAIR_REACH_BYTES:
                pair, what = (some[0], some[1]), f"store {some[0].name} and the next"
                access = Access(space, at, words=2, bank=(at >> 2) & 1)
                self.put(thumb.store_pair(pair, base, at, access, what))
            else:
                for number, value in enumerate(some):
                    self._store_word(value, base, at + 4 * number, space)

    def _store_word(self, value: Value, base: Place, offset: int, space: str) -> None:
        access = Access(space, offset, bank=(offset >> 2) & 1)
        self.put(thumb.store(value, base, offset, access, f"store {value.name}"))

    def reserve(self, name: str, row: int, tap: int = 0, word: int = 0) -> int:
        """Return where a weight lies: where it was read first."""
        key = (name, row, tap, word)
        if key not in self._offsets:
            self._offsets[key] = 4 * len(self.weights)
            self.weights.append(key)
        return self._offsets[key]

    def weight(self, name: str, row: int, tap: int = 0, word: int = 0) -> Value:
        """Load a weight."""
        offset = self.reserve(name, row, tap, word)
        value = Value(f"{name}{row}" + (f" tap {tap} word {word}" if name == "weight" else ""))
        access = Access("weights", offset, constant=True, bank=(offset >> 2) & 1)
        near = offset % REACH_BYTES
        base = self.behind(WEIGHTS, offset - near, "weights")
        self.put(thumb.load(value, base, near, access, value.name))
        return value

    def behind(self, base: Place, far: int, what: str) -> Place:
        """Point at what an instruction does not reach from a pointer."""
        if not far:
            return base
        value = Value(f"{what} behind {far}")
        self.put(thumb.add_far(value, base, far, value.name))
        return value

    def fetch(self, name: str) -> Value:
        """Read what has a home."""
        home, value = self.homes.names[name], Value(name)
        if isinstance(home, StackWord):
            access = Access("stack", home.offset, bank=(home.offset >> 2) & 1)
            self.put(thumb.load(value, "sp", home.offset, access, name))
        else:
            self.put(thumb.fetch(value, home, name))
        return value

    def keep(self, name: str, value: Value) -> None:
        """Put a value into its home."""
        home = self.homes.names[name]
        if isinstance(home, StackWord):
            access = Access("stack", home.offset, bank=(home.offset >> 2) & 1)
            self.put(thumb.store(value, "sp", home.offset, access, f"keep {name}"))
        else:
            self.put(thumb.keep(home, value, f"keep {name}"))

    def advance(self, home: str, pointer: Value, step_bytes: int) -> None:
        """Move a pointer on, for the next turn."""
        moved = Value(home)
        self.put(thumb.add_number(moved, pointer, step_bytes, f"{home}: the next turn"))
        self.keep(home, moved)

    def count_down(self) -> None:
        """One turn less; the branch behind the program asks."""
        left = Value("turns")
        self.put(thumb.count_down(left, self.fetch("turns"), "one turn less"))
        self.keep("turns", left)
