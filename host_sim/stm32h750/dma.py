"""DMA1 with DMAMUX1: streams that run in circles between a peripheral and memory (RM0433)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from host_sim.emulator.core import Core
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.registers import DMA1, DMAMUX1

DIRECT_ERROR, TRANSFER_ERROR, HALF, COMPLETE = 1 << 2, 1 << 3, 1 << 4, 1 << 5
REACHED_MEMORIES = ("axi_sram", "d2_sram", "d3_sram")
"""What DMA1 has a way to; not the memories inside the processor."""

STREAM_SIZE = 0x18
_ENABLE_OF = {DIRECT_ERROR: 1 << 1, TRANSFER_ERROR: 1 << 2, HALF: 1 << 3, COMPLETE: 1 << 4}
_IRQS = (11, 12, 13, 14, 15, 16, 17, 47)
_FLAG_SHIFTS = (0, 6, 16, 22)
_FORMATS: dict[int, Literal["B", "H", "i"]] = {1: "B", 2: "H", 4: "i"}


class DmaStream:
    """One stream; latches its registers when it is enabled and raises its flags as words move.

    A word is what one request moves: of 8, 16 or 32 bits as the peripheral has it, PSIZE.
    """

    def __init__(self, number: int, bus: Bus, core: Core, pend: Callable[[int], None]) -> None:
        self.number = number
        self.base = DMA1 + 0x10 + STREAM_SIZE * number
        self.irq = _IRQS[number]
        self.words = 0
        self.word_bytes = 4
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
    def request(self) -> int:
        """Number of the request that DMAMUX1 leads to it."""
        return self._bus[DMAMUX1 + 4 * self.number] & 0x7F

    @property
    def is_enabled(self) -> bool:
        """Whether it moves words on request."""
        return self._runs

    @property
    def reports(self) -> bool:
        """Whether it interrupts at the half or the end of its circle."""
        return bool(self.control & (_ENABLE_OF[HALF] | _ENABLE_OF[COMPLETE]))

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

    def pass_over(self, words: int) -> None:
        """Let whole circles go by whose words are overwritten before anybody looks."""
        if words:
            self.moved += words
            self._raise(HALF)
            self._raise(COMPLETE)

    def content(self) -> tuple[int, ...]:
        """Return what its memory holds; nothing where it has none."""
        return () if self._ring is None else tuple(self._ring)

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
        self.word_bytes = 1 << min(self.control >> 11 & 3, 2)
        self.moved = 0
        if self._core.memory.holding(self.memory) is None:
            self._ring = None
            return
        room = self._core.memory.view(self.memory, self.word_bytes * self.words)
        self._ring = room.data.cast(_FORMATS[self.word_bytes])

    def _moved(self, index: int) -> None:
        if self.on_word is not None:
            self.on_word(index)
        self.left -= 1
        self.moved += 1
        if self.left == self.words // 2:
            self._raise(HALF)
        if self.left == 0:
            self.left = self.words
            self._raise(COMPLETE)

    def _raise(self, flag: int) -> None:
        register = DMA1 + 4 * (self.number // 4)
        self._bus.words[register] = self._bus[register] | flag << _FLAG_SHIFTS[self.number % 4]
        if self.control & _ENABLE_OF[flag]:
            self._pend(self.irq)


class Dma1:
    """Eight streams and the registers over them; peripherals find theirs by their request.

    `on_change` are called after a register was written, `on_look` before one is read.
    """

    def __init__(self, bus: Bus, core: Core, pend: Callable[[int], None]) -> None:
        self.streams = [DmaStream(number, bus, core, pend) for number in range(8)]
        self.on_change: list[Callable[[], None]] = []
        self.on_look: list[Callable[[], None]] = []
        self._bus = bus
        for origin in (DMA1, DMAMUX1):
            bus.attach(origin, 0x400, self)

    def serving(self, request: int) -> DmaStream | None:
        """Return the stream that is enabled for a request."""
        for stream in self.streams:
            if stream.is_enabled and stream.request == request:
                return stream
        return None

    def follow(self) -> None:
        """Start and stop what CR says."""
        for stream in self.streams:
            stream.follow()
        for tell in self.on_change:
            tell()

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        for look in self.on_look:
            look()
        number, offset = divmod(address - DMA1 - 0x10, STREAM_SIZE)
        if 0 <= number < len(self.streams) and offset == 4 and self.streams[number].is_enabled:
            return self.streams[number].left
        return self._bus[address]

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        if address in (DMA1 + 0x08, DMA1 + 0x0C):  # interrupt flag clear
            self._bus.words[address - 8] = self._bus[address - 8] & ~value
            return 0
        if address in (DMA1, DMA1 + 0x04):
            return stored
        self._bus.words[address] = value
        self.follow()
        return self._bus[address]

    def reset(self, origin: int) -> None:
        """See `Peripheral.reset`."""
        self.follow()
