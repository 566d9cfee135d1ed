"""The STM32H750's registers behind one bus, with the clock gates before them.

Facts are from reference manual RM0433. Ready bits follow their enable bits at once; analog
behaviour (lock times, slopes, noise) is not modelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from host_sim.emulator.core import Core
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.registers import GATES, IO_RANGES, RCC, Gate, Silicon, reset_values

_PAGE_BITS = 10
_WORD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class GateViolation:
    """A write to a peripheral whose bus clock was off; the hardware would not have taken it."""

    peripheral: str
    address: int
    value: int
    pc: int
    symbol: str


@dataclass(frozen=True, slots=True)
class RegisterWrite:
    """One write to a register, after merging bytes and halfwords into words."""

    cycle: int
    pc: int
    address: int
    value: int


class Peripheral(Protocol):
    """Registers with a behaviour; all others keep what is written."""

    def read(self, address: int, stored: int) -> int:
        """Return what the processor sees."""

    def write(self, address: int, stored: int, value: int) -> int:
        """Act on a written word and return what the register then holds."""

    def reset(self, origin: int) -> None:
        """Forget everything about the part that begins at `origin`."""


class Bus:
    """Every register by address; peripherals with a behaviour hang on it by 1 KB pages.

    Writes to a peripheral whose clock is off are recorded and have no effect; reads give zero.
    """

    def __init__(self, core: Core, time: Time, silicon: Silicon) -> None:
        self._core = core
        self._time = time
        self._reset = reset_values(silicon)
        self._peripherals: dict[int, Peripheral] = {}
        self._gate_of = _pages_of_gates()
        self.words = dict(self._reset)
        self.violations: list[GateViolation] = []
        self.writes: list[RegisterWrite] = []
        for origin, size_bytes in IO_RANGES:
            core.map_io(origin, size_bytes, read=self.load, write=self.store)

    def attach(self, origin: int, size_bytes: int, peripheral: Peripheral) -> None:
        """Let a peripheral answer for a range."""
        for page in range(origin >> _PAGE_BITS, origin + size_bytes + 1023 >> _PAGE_BITS):
            self._peripherals[page] = peripheral

    def __getitem__(self, address: int) -> int:
        """Return a register as stored."""
        return self.words.get(address, 0)

    @property
    def symbol(self) -> str:
        """The function that the processor is in."""
        return self._core.image.name_at(self._core.register("pc"))

    def is_clocked(self, gate: Gate) -> bool:
        """Whether the peripheral's bus clock is on."""
        return bool(self[RCC + gate.enable_offset] >> gate.bit & 1)

    def load(self, address: int, size: int) -> int:
        """Answer a read of 1, 2 or 4 bytes."""
        word = address & ~3
        gate = self._gate_of.get(word >> _PAGE_BITS)
        if gate is not None and not self.is_clocked(gate):
            return 0
        stored = self.words.get(word, 0)
        peripheral = self._peripherals.get(word >> _PAGE_BITS)
        value = stored if peripheral is None else peripheral.read(word, stored)
        return value >> 8 * (address & 3) & ((1 << 8 * size) - 1)

    def store(self, address: int, size: int, value: int) -> None:
        """Take a write of 1, 2 or 4 bytes."""
        word, shift = address & ~3, 8 * (address & 3)
        mask = ((1 << 8 * size) - 1) << shift
        stored = self.words.get(word, 0)
        merged = (stored & ~mask | value << shift & mask) & _WORD
        pc = self._core.register("pc")
        self.writes.append(RegisterWrite(self._time.cycles, pc, word, merged))
        gate = self._gate_of.get(word >> _PAGE_BITS)
        if gate is not None and not self.is_clocked(gate):
            self._note_violation(gate, word, merged, pc)
            return
        peripheral = self._peripherals.get(word >> _PAGE_BITS)
        kept = merged if peripheral is None else peripheral.write(word, stored, merged)
        self.words[word] = kept & _WORD

    def reset_peripherals(self, reset_offset: int, bits: int) -> None:
        """Bring the peripherals of some bits of an RCC reset register to their reset state."""
        for gate in GATES:
            if gate.reset_offset == reset_offset and bits >> gate.bit & 1:
                self._reset_range(gate.origin, gate.size_bytes)

    def _reset_range(self, origin: int, size_bytes: int) -> None:
        for address in [a for a in self.words if origin <= a < origin + size_bytes]:
            del self.words[address]
        self.words |= {a: v for a, v in self._reset.items() if origin <= a < origin + size_bytes}
        peripheral = self._peripherals.get(origin >> _PAGE_BITS)
        if peripheral is not None:
            peripheral.reset(origin)

    def _note_violation(self, gate: Gate, address: int, value: int, pc: int) -> None:
        symbol = self._core.image.name_at(pc)
        self.violations.append(GateViolation(gate.name, address, value, pc, symbol))


def _pages_of_gates() -> dict[int, Gate]:
    pages: dict[int, Gate] = {}
    for gate in GATES:
        for page in range(gate.origin, gate.origin + gate.size_bytes, 1 << _PAGE_BITS):
            pages[page >> _PAGE_BITS] = gate
    return pages
