"""A block of a SAI: eight words of FIFO between the DMA and the codec's lines (RM0433)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.dma import DmaStream
from host_sim.stm32h750.elapsed import Time

BLOCKS = {"A": 0x04, "B": 0x24}
"""Where the registers of each begin, in those of their SAI."""

CR1, CR2, SR, CLRFR, DR = 0x00, 0x04, 0x14, 0x18, 0x1C
FIFO_WORDS = 8
FIRST_REQUEST_CYCLES = 48
"""From DMAEN to the first word in the FIFO: the DMA's way through two buses."""

_OVERRUN = 1
_REQUEST = 1 << 3


class SaiBlock:
    """One direction. A transmitter reads ahead: its DMA keeps `lookahead_words` in the FIFO.

    Word n is read from memory when word n - `lookahead_words` begins to be sent.
    """

    def __init__(
        self,
        name: str,
        origin: int,
        bus: Bus,
        time: Time,
        stream: Callable[[], DmaStream | None],
        lookahead_words: int,
    ) -> None:
        self.origin = origin
        self.name = name  # SAI1 A
        self.errors = 0
        self._bus = bus
        self._time = time
        self._stream = stream
        self._lookahead = lookahead_words
        self._fifo: deque[int] = deque()
        self._has_error = False
        self._fed_from: int | None = None
        self._lost_slot: int | None = None

    @property
    def control(self) -> int:
        """Its CR1."""
        return self._bus[self.origin]

    @property
    def is_enabled(self) -> bool:
        """Whether words move on its line."""
        return bool(self.control >> 16 & 1)

    @property
    def is_master(self) -> bool:
        """Whether it makes the clocks."""
        return not self.control >> 1 & 1

    @property
    def is_receiver(self) -> bool:
        """Whether words come in."""
        return bool(self.control & 1)

    @property
    def level(self) -> int:
        """Words in the FIFO."""
        self.serve()
        return len(self._fifo)

    def read_status(self) -> int:
        """Return SR: overrun, request and FIFO level."""
        level = self.level
        coarse = 0 if level == 0 else 5 if level >= FIFO_WORDS else 1 + level // 2
        return (_OVERRUN if self._has_error else 0) | _REQUEST | coarse << 16

    def clear(self, bits: int) -> None:
        """Take a write to CLRFR."""
        if bits & _OVERRUN:
            self._has_error = False

    def flush(self) -> None:
        """Empty the FIFO."""
        self._fifo.clear()
        self._lost_slot = None

    def fail(self) -> None:
        """Report a lost word: overrun of a receiver, underrun of a transmitter."""
        self._has_error = True
        self.errors += 1

    def follow(self) -> None:
        """Note since when the DMA may serve this block."""
        stream = self._stream()
        fed = bool(self.control >> 17 & 1) and stream is not None and stream.is_enabled
        if not fed:
            self._fed_from = None
        elif self._fed_from is None:
            self._fed_from = self._time.cycles + FIRST_REQUEST_CYCLES

    def serve(self) -> None:
        """Let the DMA move what it can."""
        stream = self._stream()
        if self._fed_from is None or self._time.cycles < self._fed_from or stream is None:
            return
        if not stream.is_enabled:
            self._fed_from = None
        elif self.is_receiver:
            while self._fifo:
                stream.write_word(self._fifo.popleft())
        else:
            # Once it runs, one more is in the shift register, on its way to the codec.
            while len(self._fifo) < max(1, self._lookahead + int(self.is_enabled)):
                self._fifo.append(stream.read_word())

    def shift_out(self, slot: int) -> int:
        """Give the codec the word of a slot; zeros from an underrun to the same slot again."""
        self.serve()
        if not self._fifo or self._lost_slot not in (None, slot):
            self._lose(slot)
            return 0
        self._lost_slot = None
        word = self._fifo.popleft()
        self.serve()
        return word

    def shift_in(self, slot: int, word: int) -> None:
        """Take the codec's word of a slot; lost from an overrun to the same slot again."""
        self.serve()
        if len(self._fifo) >= FIFO_WORDS or self._lost_slot not in (None, slot):
            self._lose(slot)
            return
        self._lost_slot = None
        self._fifo.append(word)
        self.serve()

    def _lose(self, slot: int) -> None:
        if self._lost_slot is None:
            self._lost_slot = slot
            self.fail()
