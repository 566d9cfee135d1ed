"""From one channel of a recording to blocks: any rate, any clock within 900 ppm, either polarity.

A band-pass by FFT, then both tones are mixed down and summed, so that the energy of each over one
bit from any moment on is a difference of two sums. Blocks are looked for by their preamble and
sync word; the clock and the phase of the bits are found for each block by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen.afsk.framing import BODY_BITS, SYNC_BITS, Bits, Block, read_body, sync_bits
from namgen.afsk.tones import BITS_PER_S, TONES_HZ

F64: TypeAlias = npt.NDArray[np.float64]

LOOKED_PER_BIT = 8
PREAMBLE_LOOKED = 16
LIKENESS = 0.4
"""Of a place to preamble and sync word, 1 being clean, from which on it is tried."""
MOST_PPM = 900

_EDGE_HZ = 100.0
_BELOW_HZ = 250.0
_ENOUGH_HZ = 40_000
_PPM_STEP = 100e-6
_OFFSETS = np.arange(-0.25, 0.26, 0.05)
_BESIDE = 0.2
_TINY = 1e-9
_CUT = 0.3
"""Part of the last bit that the end of a recording may take away."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A block with a right check, and how it was heard."""

    block: Block
    at_s: float  # where its body begins
    ppm: float  # of the player's clock against the recorder's, by this block alone
    signal: float  # energy of a bit's own tone, any unit
    noise: float  # of the other


class Receiver:
    """One channel, (frames,), at a sample rate."""

    def __init__(self, samples: F64, rate_hz: int) -> None:
        narrow, self._rate_hz = _band(samples, rate_hz)
        self._bit = self._rate_hz / BITS_PER_S
        time = np.arange(len(narrow)) / self._rate_hz
        self._sums = [
            np.concatenate([[0], np.cumsum(narrow * np.exp(-2j * np.pi * tone * time))])
            for tone in TONES_HZ
        ]
        self._frames = len(narrow)

    def blocks(self) -> Iterator[Heard]:
        """Yield what was heard, in order."""
        for place in self._candidates():
            found = self._read(place)
            if found is not None:
                yield found

    def _energies(self, at: F64) -> tuple[F64, F64]:
        """Return the amplitude of both tones over a bit from each of some moments on."""
        zero, one = (np.abs(_at(s, at + self._bit) - _at(s, at)) for s in self._sums)
        return zero, one

    def _soft(self, at: F64) -> F64:
        """From -1, a sure 0, to 1, a sure 1."""
        zero, one = self._energies(at)
        return np.asarray((one - zero) / (one + zero + _TINY))

    def _candidates(self) -> list[float]:
        """Where bodies may begin: places like a preamble and a sync word."""
        grid = np.arange(0.0, self._frames - self._bit - 1, self._bit / LOOKED_PER_BIT)
        bits = np.concatenate([np.arange(PREAMBLE_LOOKED) % 2, sync_bits()]) * 2.0 - 1.0
        places = len(grid) - LOOKED_PER_BIT * len(bits)
        if places <= 0:
            return []
        soft, likeness = self._soft(grid), np.zeros(places)
        for number, bit in enumerate(bits):
            likeness += bit * soft[number * LOOKED_PER_BIT :][:places]
        likeness /= len(bits)
        return sorted(grid[at] + len(bits) * self._bit for at in _peaks(likeness))

    def _read(self, start: float) -> Heard | None:
        """Find clock and phase of a block, and read it."""
        before = np.arange(-SYNC_BITS - PREAMBLE_LOOKED, BODY_BITS)
        stretch = self._best_stretch(start, before)
        first = start + self._best_shift(start, before, stretch) * self._bit * stretch
        at = np.asarray(first + np.arange(BODY_BITS) * self._bit * stretch, np.float64)
        at = at[at + (1 - _CUT) * self._bit < self._frames]
        zero, one = self._energies(at)
        bits: Bits = (one > zero).astype(np.uint8)
        block = read_body(bits)
        if block is None:
            return None
        right, wrong = np.maximum(zero, one), np.minimum(zero, one)
        signal, noise = float(np.mean(right**2)), float(np.mean(wrong**2))
        return Heard(block, first / self._rate_hz, (1 - stretch) * 1e6, signal, noise)

    def _best_stretch(self, start: float, bits: npt.NDArray[np.int64]) -> float:
        steps = np.arange(-MOST_PPM * 1e-6, (MOST_PPM + 1) * 1e-6, _PPM_STEP)
        return max((self._sureness(start, bits, 1 + step), float(1 + step)) for step in steps)[1]

    def _best_shift(self, start: float, bits: npt.NDArray[np.int64], stretch: float) -> float:
        """Parts of a bit; sureness falls off to both sides alike, which tells more than its top."""

        def sure(shift: float) -> float:
            return self._sureness(start, bits + shift, stretch)

        best = max((sure(float(shift)), float(shift)) for shift in _OFFSETS)[1]
        early, middle, late = (sure(best + part) for part in (-_BESIDE, 0.0, _BESIDE))
        falls = 2 * middle - early - late
        return best + (_BESIDE * (late - early) / falls if falls > _TINY else 0.0)

    def _sureness(self, start: float, bits: npt.NDArray[np.generic], stretch: float) -> float:
        at: F64 = start + bits.astype(np.float64) * self._bit * stretch
        at = at[(at >= 0) & (at + self._bit < self._frames)]
        return float(np.mean(np.abs(self._soft(at)))) if len(at) else 0.0


def _band(samples: F64, rate_hz: int) -> tuple[F64, float]:
    """Keep what the tones are in, at a lower rate where there is a higher one."""
    count = 1 << max(1, len(samples) - 1).bit_length()
    mean = np.mean(samples) if len(samples) else 0.0
    spectrum = np.fft.rfft(samples - mean, count)
    frequency = np.fft.rfftfreq(count, 1 / rate_hz)
    low, high = min(TONES_HZ) - 1.2 * BITS_PER_S, max(TONES_HZ) + 1.2 * BITS_PER_S
    rising = np.clip((frequency - max(low, _BELOW_HZ) + _EDGE_HZ) / _EDGE_HZ, 0, 1)
    spectrum *= rising * np.clip((high + _EDGE_HZ - frequency) / _EDGE_HZ, 0, 1)
    part = 1
    while rate_hz / part > _ENOUGH_HZ:
        part *= 2
    kept = count // part
    narrow = np.fft.irfft(spectrum[: kept // 2 + 1], kept)[: len(samples) // part] / part
    return narrow, rate_hz / part


def _at(sums: npt.NDArray[np.complex128], place: F64) -> npt.NDArray[np.complex128]:
    """Return running sums between their places."""
    inside = np.clip(place, 0, len(sums) - 1.001)
    whole = inside.astype(np.intp)
    rest = inside - whole
    return np.asarray(sums[whole] * (1 - rest) + sums[whole + 1] * rest)


def _peaks(likeness: F64) -> Iterator[int]:
    """Yield the best places, none near a better one."""
    above = np.flatnonzero(likeness > LIKENESS)
    order = above[np.argsort(-likeness[above], kind="stable")]
    taken = np.zeros(len(likeness), np.bool_)
    near = 12 * LOOKED_PER_BIT
    for at in order.tolist():
        if not taken[at]:
            taken[max(0, at - near) : at + near + 1] = True
            yield at
