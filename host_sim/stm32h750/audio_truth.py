"""What really happened to each block of audio in real time, seen from the memory's side.

The answer to a received half must lie in the half that is sent a ring later before the DMA reads it
there, word by word; a frame that the receiver's DMA overwrites must have been read. Firmware can
only guess at this; here it is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from host_sim.emulator.core import Core
from host_sim.emulator.engine import unicorn
from host_sim.stm32h750.dma import DmaStream

BlockFate = Literal["whole", "torn", "missed"]

_WORD_BYTES = 4
_SILENT_HALVES = 2
_NEVER = -1


@dataclass(frozen=True, slots=True)
class AudioReport:
    """Counts since audio began.

    A block is torn when a part of it was not written before it was sent, missed when nothing was;
    then what was there before sounds again. The two silent blocks of the start do not count.
    """

    whole_blocks: int
    torn_blocks: int
    missed_blocks: int
    lost_input_frames: int
    lost_fifo_words: int
    frames_without_clock: int


class AudioTruth:
    """Watches both rings from the moment audio begins."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._is_hooked = False
        self.fates: list[BlockFate] = []
        self.lost_input_frames = 0

    def watch(self, receive: DmaStream, transmit: DmaStream) -> None:
        """Follow two streams that now begin; the same ones again after a restart."""
        self._memory = (receive.memory, transmit.memory)
        self._half = receive.words // 2
        self._halves_received = 0
        self._words_sent = transmit.moved
        self._fresh = 0
        self._unread = [False] * receive.words
        self._written_at = [_NEVER] * transmit.words
        receive.on_word = self._received
        transmit.on_word = self._sent
        if not self._is_hooked:
            self._hook(unicorn().UC_HOOK_MEM_READ, self._on_read, receive)
            self._hook(unicorn().UC_HOOK_MEM_WRITE, self._on_write, transmit)
            self._core.engine.ctl_flush_tb()
            self._is_hooked = True

    def _hook(self, kind: int, function: Any, ring: DmaStream) -> None:
        last = ring.memory + _WORD_BYTES * ring.words - 1
        self._core.engine.hook_add(kind, function, begin=ring.memory, end=last)

    # ---- the DMA

    def _received(self, index: int) -> None:
        """Note a frame that overwrites one of which nothing has been read."""
        if index % 2 == 0:
            self.lost_input_frames += int(self._unread[index] and self._unread[index + 1])
        self._unread[index] = True
        if index % self._half == self._half - 1:
            self._halves_received += 1

    def _sent(self, index: int) -> None:
        """Note whether a word answers the half that was received a ring before."""
        number = self._words_sent // self._half
        self._fresh += int(self._written_at[index] >= number - 1)
        self._words_sent += 1
        if self._words_sent % self._half == 0:
            if number >= _SILENT_HALVES:
                self.fates.append(_fate(self._fresh, self._half))
            self._fresh = 0

    # ---- the processor

    def _on_read(
        self, _uc: Any, _access: int, address: int, size: int, _value: int, _data: Any
    ) -> None:
        for index in self._indices(address - self._memory[0], size):
            self._unread[index] = False

    def _on_write(
        self, _uc: Any, _access: int, address: int, size: int, _value: int, _data: Any
    ) -> None:
        for index in self._indices(address - self._memory[1], size):
            self._written_at[index] = self._halves_received

    def _indices(self, offset: int, size: int) -> range:
        last = min((offset + size - 1) // _WORD_BYTES, 2 * self._half - 1)
        return range(max(offset // _WORD_BYTES, 0), last + 1)


def _fate(fresh: int, words: int) -> BlockFate:
    return "whole" if fresh == words else "torn" if fresh else "missed"
