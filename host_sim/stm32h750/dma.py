"""Streams of DMA1 that run in circles between an SAI block and memory, word by word (RM0433)."""

from __future__ import annotations

from collections.abc import Callable

from host_sim.emulator.core import Core
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.registers import DMA1

DIRECT_ERROR, TRANSFER_ERROR, HALF, COMPLETE = 1 << 2, 1 << 3, 1 << 4, 1 << 5
_ENABLE_OF = {DIRECT_ERROR: 1 << 1, TRANSFER_ERROR: 1 << 2, HALF: 1 << 3, COMPLETE: 1 << 4}
_IRQS = (11, 12, 13, 14, 15, 16, 17, 47)
_FLAG_SHIFTS = (0, 6, 16, 22)
STREAM_SIZE = 0x18


class DmaStream:
    """One stream; latches its registers when it is enabled and raises its flags as words move."""

    def __init__(self, number: int, bus: Bus, core: Core, pend: Callable[[int], None]) -> None:
        self.number = number
        self.base = DMA1 + 0x10 + STREAM_SIZE * number
        self.irq = _IRQS[number]
        self.words = 0
        self.memory = 0
        self.left = 0
        self.moved = 0  # words since it was enabled
        self.on_word: Callable[[int], None] | None = None
        self._bus = bus
        self._core = core
        self._pend = pend
        self._ring: memoryview | None = None
        self._runs = False

    @property
    def control(self) -> int:
        """Its CR."""
        return self._bus[self.base]

    @property
    def peripheral(self) -> int:
        """Its PAR."""
        return self._bus[self.base + 0x08]

    @property
    def is_enabled(self) -> bool:
        """Whether it moves words on request."""
        return self._runs

    def follow(self) -> None:
        """Start or stop as CR now says."""
        enabled = bool(self.control & 1)
        if enabled and not self._runs:
            self._latch()
        self._runs = enabled

    def read_word(self) -> int:
        """Move a word from memory; signed."""
        assert self._ring is not None
        index = self.words - self.left
        word = int(self._ring[index])
        self._moved(index)
        return word

    def write_word(self, word: int) -> None:
        """Move a word to memory; signed."""
        assert self._ring is not None
        index = self.words - self.left
        self._ring[index] = word
        self._moved(index)

    def words_to_flag(self) -> int:
        """Count the words until the next half or end."""
        half = self.words // 2
        return self.left - half if self.left > half else self.left

    def fail(self, flag: int) -> None:
        """Meet a bus error: a transfer error also stops the stream, as the hardware does."""
        if flag == TRANSFER_ERROR:
            self._bus.words[self.base] = self.control & ~1
            self._runs = False
        self._raise(flag)

    def _latch(self) -> None:
        self.words = self.left = self._bus[self.base + 0x04] & 0xFFFF
        self.memory = self._bus[self.base + 0x0C]
        self.moved = 0
        if self._core.memory.holding(self.memory) is None:
            self._ring = None
            return
        self._ring = self._core.memory.view(self.memory, 4 * self.words).data.cast("i")

    def _moved(self, index: int) -> None:
        if self.on_word is not None:
            self.on_word(index)
        self.left -= 1
        self.moved += 1
        if self.left == self.words // 2:
            self._raise(HALF)
        elif self.left == 0:
            self.left = self.words
            self._raise(COMPLETE)

    def _raise(self, flag: int) -> None:
        register = DMA1 + 4 * (self.number // 4)
        self._bus.words[register] = self._bus[register] | flag << _FLAG_SHIFTS[self.number % 4]
        if self.control & _ENABLE_OF[flag]:
            self._pend(self.irq)
