"""A recording to the message in it, or to what keeps it from being read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from namgen.afsk.framing import block_bits, message_of
from namgen.afsk.receiver import F64, Heard, Receiver
from namgen.afsk.tones import BITS_PER_S

CLIPPED = 0.999
"""Of a channel's own peak: what lies there again and again was cut off."""
OVERLOADED = 1e-3
"""Part of a channel's samples, from which on it is said."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How a channel was recorded."""

    level_db: float  # its peak, of full scale
    clipped: float  # part of its samples that stand at the peak
    snr_db: float | None  # in the 600 Hz around a tone; None: no block was heard
    ppm: float | None  # the pedal's clock against the interface's; None: nothing to tell it by

    @property
    def is_overloaded(self) -> bool:
        """Whether so much was cut off that it should be said."""
        return self.clipped > OVERLOADED

    def __str__(self) -> str:
        told = [f"peak {self.level_db:.1f} dBFS", f"clipped {100 * self.clipped:.2f} %"]
        told += [] if self.snr_db is None else [f"SNR {self.snr_db:.0f} dB"]
        told += [] if self.ppm is None else [f"clock {self.ppm:+.0f} ppm"]
        return ", ".join(told + (["overloaded"] if self.is_overloaded else []))


@dataclass(frozen=True, slots=True)
class Reception:
    """What a channel gave."""

    message: bytes | None  # None: not all of it was heard
    blocks: tuple[int, ...]  # numbers of those that were
    count: int | None  # of all; None: not one was heard
    quality: Quality

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the blocks that are not there."""
        return tuple(n for n in range(self.count or 0) if n not in self.blocks)


@dataclass(slots=True)
class _Joined:
    """Blocks of one message, from all passes over it."""

    count: int = 0
    data: dict[int, bytes] = field(default_factory=dict)

    def add(self, heard: Heard) -> bytes | None:
        """Take a block; return the message when it is whole."""
        block = heard.block
        known = self.data.get(block.index, block.data)
        if self.count != block.count or known != block.data:
            self.count, self.data = block.count, {}  # another message begins
        self.data[block.index] = block.data
        return message_of(self.data) if len(self.data) == self.count else None


def decode(samples: F64, rate_hz: int) -> Reception:
    """Read a message from a recording, (frames, channels); the best of its channels counts."""
    receptions = (_of_channel(samples[:, number], rate_hz) for number in range(samples.shape[1]))
    return max(receptions, key=lambda found: (found.message is not None, len(found.blocks)))


def _of_channel(samples: F64, rate_hz: int) -> Reception:
    heard, joined, message = [], _Joined(), None
    for found in Receiver(samples, rate_hz).blocks():
        heard.append(found)
        message = joined.add(found) if message is None else message
    blocks = tuple(sorted(joined.data))
    return Reception(message, blocks, joined.count or None, _quality(samples, heard))


def _quality(samples: F64, heard: Sequence[Heard]) -> Quality:
    peak = float(np.max(np.abs(samples), initial=0.0))
    level = float(20 * np.log10(peak)) if peak > 0 else -np.inf
    is_still = not len(samples) or np.ptp(samples) == 0
    return Quality(level, 0.0 if is_still else _clipped(samples), _snr(heard), _ppm(heard))


def _clipped(samples: F64) -> float:
    """Part of the samples that stand, three or more in a row, at the top or at the bottom."""
    low, high = float(np.min(samples)), float(np.max(samples))
    room = (1 - CLIPPED) * (high - low)
    return sum(_standing(at) for at in (samples >= high - room, samples <= low + room))


def _standing(at: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    if len(at) < 3:
        return 0.0
    inside = at[1:-1] & at[:-2] & at[2:]
    return float(np.mean(inside))


def _snr(heard: Sequence[Heard]) -> float | None:
    if not heard:
        return None
    signal, noise = np.mean([h.signal for h in heard]), np.mean([h.noise for h in heard])
    return float(10 * np.log10(max(signal - noise, 1e-30) / max(noise, 1e-30)))


def _ppm(heard: Sequence[Heard]) -> float | None:
    """By the longest run of blocks that follow each other; by the blocks themselves, if none do."""
    best: tuple[float, float] = (0.0, 0.0)  # bits, and seconds, of a run
    bits, began = 0.0, 0.0
    for before, after in pairwise(heard):
        size = block_bits(len(before.block.data))
        is_next = abs((after.at_s - before.at_s) * BITS_PER_S - size) < 1
        if not is_next or not bits:
            bits, began = 0.0, before.at_s
        bits += size if is_next else 0
        best = max(best, (bits, after.at_s - began))
    if best[0]:
        return float((1 - best[1] * BITS_PER_S / best[0]) * 1e6)
    return float(np.median([h.ppm for h in heard])) if heard else None
