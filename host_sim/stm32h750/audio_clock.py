"""The clock of the audio interface: words move between codec, FIFO and memory as time passes.

It either waits for the processor (an interrupt takes no audio time, so that a model of any size
can be verified bit by bit) or it does not, as on a board: then what the interrupt has not written
when the DMA reads it is not heard, and what it has not read when the DMA writes it is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from host_sim.stm32h750.audio import Audio
from host_sim.stm32h750.audio_checks import CHANNELS

I32 = npt.NDArray[np.int32]
Pace = Callable[[int], float]

_SILENT_FRAME = (0, 0)


@dataclass(frozen=True, slots=True)
class RealTime:
    """Settings of the mode in which the audio clock does not wait.

    `lookahead_frames`: how far the transmitter's DMA reads ahead of the codec. `pace(n)`: the
    cycles an instruction takes in the n-th audio interrupt since reset; elsewhere it takes one.
    """

    lookahead_frames: int = 2
    pace: Pace = lambda _number: 1.0


class AudioClock:
    """Moves a word per direction every 1 / (2 * sample rate), while the master block is enabled."""

    def __init__(
        self, audio: Audio, cpu_hz: Callable[[], int], rate_hz: Callable[[], float]
    ) -> None:
        self._audio = audio
        self._cpu_hz = cpu_hz
        self._rate_hz = rate_hz
        self._due: float | None = None  # the cycle at which the next word has gone by
        self._slot = 0
        self._was_on = False
        self._recorded: list[tuple[int, int]] = []
        self._next_recorded = 0
        self._now_recorded: tuple[int, int] = _SILENT_FRAME
        self._played: list[tuple[int, int]] = []
        self._frame = [0, 0]
        self.frames_without_clock = 0

    # ---- what the codec hears

    def feed(self, recorded: I32) -> None:
        """Queue frames for the codec's inputs, (2, n)."""
        self._recorded = [(int(left), int(right)) for left, right in recorded.T]
        self._next_recorded = 0
        self._played = []

    @property
    def frames_left(self) -> int:
        """Frames of the queue that are not over."""
        return len(self._recorded) - len(self._played)

    def played(self) -> I32:
        """Return what the codec's outputs played since `feed`, (2, n)."""
        frames: I32 = np.array(self._played, np.int32).reshape(-1, CHANNELS)
        return np.ascontiguousarray(frames.T)

    # ---- time

    def advance(self, now: int, paused: Callable[[], bool]) -> None:
        """Let every word go by that is due, until `paused` says so."""
        self._follow_master(now)
        if self._due is None:
            return
        word_cycles = self._word_cycles  # no firmware runs meanwhile: it stays what it is
        while self._due <= now and not paused():
            if self._recorded and not self.frames_left:
                return
            self._word()
            self._due += word_cycles

    def hold(self, cycles: int) -> None:
        """Let the processor have time that no audio passes in."""
        if self._due is not None:
            self._due += cycles

    def next_word(self) -> int | None:
        """Return the cycle at which the next word goes by."""
        return None if self._due is None else int(np.ceil(self._due))

    def next_flag(self) -> int | None:
        """Return the cycle at which a stream next raises a flag, or the queue ends."""
        if self._due is None or (self._recorded and not self.frames_left):
            return self.next_word()  # at the queue's end time goes no further
        words = [s.words_to_flag() for s in (self._audio.receive, self._audio.transmit) if s]
        if self.frames_left:
            words.append(CHANNELS * self.frames_left - self._slot)
        ahead = max(1, min(words, default=1)) - 1
        return int(np.ceil(self._due + ahead * self._word_cycles))

    @property
    def _word_cycles(self) -> float:
        return self._cpu_hz() / (CHANNELS * self._rate_hz())

    def _follow_master(self, now: int) -> None:
        """Begin a frame when the master begins; without a master the codec stands still."""
        is_on = self._audio.master_is_on
        if is_on and not self._was_on:
            self._end_frame_early()
            self._due = now + self._word_cycles
        self._was_on = is_on

    def _end_frame_early(self) -> None:
        if self._slot:
            self._finish_frame()

    def _word(self) -> None:
        if self._slot == 0:
            self._now_recorded = self._take()
        if self._was_on and self._audio.master_is_on:
            channel = self._audio.channel_of_slot(self._slot)
            self._frame[channel] = self._audio.word(self._slot, self._now_recorded[channel])
        self._slot += 1
        if self._slot == CHANNELS:
            self._finish_frame()

    def _finish_frame(self) -> None:
        if not self._was_on:
            self.frames_without_clock += 1
        if self._recorded:
            self._played.append((self._frame[0], self._frame[1]))
        self._slot = 0
        self._frame = [0, 0]

    def _take(self) -> tuple[int, int]:
        if self._next_recorded >= len(self._recorded):
            return _SILENT_FRAME
        self._next_recorded += 1
        return self._recorded[self._next_recorded - 1]


def steady(cycles_per_instruction: float) -> Pace:
    """Let every interrupt run at one pace."""
    return lambda _number: cycles_per_instruction


def alternating(cycles_per_instruction: Iterable[float]) -> Pace:
    """Let the paces of a list follow each other, again and again."""
    paces = list(cycles_per_instruction)
    return lambda number: paces[number % len(paces)]
