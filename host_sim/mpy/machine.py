"""What a native module runs on: an emulated processor with memory, and traps for what it calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Answer: TypeAlias = Callable[[int, Sequence[int]], int]
"""What is returned to code that called the function of a number with some words."""


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses of what a loader places."""

    text: int
    bss: int


class Machine(Protocol):
    """An emulated processor."""

    @property
    def word_bytes(self) -> int:
        """Of an address."""

    @property
    def table(self) -> int:
        """Where its table of functions goes."""

    @property
    def heap(self) -> int:
        """Where buffers go."""

    @property
    def places(self) -> tuple[Places, ...]:
        """Two for a module, which have nothing in common; where it can be, text is read-only."""

    def write(self, address: int, data: bytes) -> None:
        """Change memory."""

    def read(self, address: int, size_bytes: int) -> bytes:
        """Return a copy of memory."""

    def trap(self, number: int) -> int:
        """Address of a function that `call` lets `answer` answer for."""

    def call(self, address: int, arguments: Sequence[int], answer: Answer) -> int:
        """Run a function; whatever `answer` raises ends it.

        Raises:
            EmulationError: a fault.

        """


def word(machine: Machine, address: int) -> int:
    """Read a word of a machine."""
    return int.from_bytes(machine.read(address, machine.word_bytes), "little")


def spelled(machine: Machine, *words: int) -> bytes:
    """Spell words as a machine has them in memory."""
    size = machine.word_bytes
    return b"".join((value % (1 << 8 * size)).to_bytes(size, "little") for value in words)
