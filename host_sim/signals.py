"""The signals and block sizes that every engine is compared on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32

_SEED = 20240229
_SUBNORMAL_LIMIT = 1 << 23  # bit patterns below this one are denormal


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A named input, float32 of shape (frames, channels)."""

    name: str
    samples: F32


@dataclass(frozen=True, slots=True)
class Partition:
    """A way to cut a signal into calls: the sizes are used in turn, again and again."""

    name: str
    sizes: tuple[int, ...]

    def blocks(self, frames: int) -> Iterator[slice]:
        """Cut `frames` frames; the last block takes what is left."""
        begin = 0
        turn = 0
        while begin < frames:
            end = min(begin + self.sizes[turn % len(self.sizes)], frames)
            yield slice(begin, end)
            begin, turn = end, turn + 1


PARTITIONS = (
    *(Partition(str(size), (size,)) for size in (1, 7, 16, 47, 48, 49, 64, 256)),
    Partition("irregular", (1, 48, 3, 129, 47, 2, 97, 16, 31, 0, 200)),
)
"""Every size about the usual blocks, single frames, and a mixture (an empty call included)."""


def standard_signals(*, frames: int, channels: int, sample_rate_hz: int) -> tuple[Signal, ...]:
    """Every kind of input that has been known to break an engine, `frames` frames of each."""
    made = []
    for name, make in _KINDS.items():
        columns = [make(frames, sample_rate_hz, _SEED + c) for c in range(channels)]
        made.append(Signal(name, np.stack(columns, axis=1)))
    return tuple(made)


def long_noise(*, frames: int, channels: int) -> Signal:
    """Noise for as long as it takes to fill every history of a network."""
    columns = [_noise(frames, 0, _SEED + 100 + c) for c in range(channels)]
    return Signal("long noise", np.stack(columns, axis=1))


def _impulses(frames: int, sample_rate_hz: int, seed: int) -> F32:
    """Single samples of both signs and many sizes, ever further apart."""
    del sample_rate_hz
    out = np.zeros(frames, np.float32)
    at, gap, size = seed % 3, 5, 1.0
    while at < frames:
        out[at] = size
        at, gap, size = at + gap, gap * 2, -size / 3
    return out


def _sweep(frames: int, sample_rate_hz: int, seed: int) -> F32:
    """An exponential sine sweep from 20 Hz to 0.45 of the sample rate."""
    time = np.arange(frames) / sample_rate_hz
    length = frames / sample_rate_hz
    rate = np.log(0.45 * sample_rate_hz / 20.0)
    phase = 2 * np.pi * 20.0 * length / rate * np.expm1(time / length * rate)
    wave: F32 = (0.9 * np.sin(phase + seed % 7)).astype(np.float32)
    return wave


def _noise(frames: int, sample_rate_hz: int, seed: int) -> F32:
    del sample_rate_hz
    return np.random.default_rng(seed).uniform(-1, 1, frames).astype(np.float32)


def _quiet_noise(frames: int, sample_rate_hz: int, seed: int) -> F32:
    quiet: F32 = _noise(frames, sample_rate_hz, seed) * np.float32(1e-5)
    return quiet


def _silence(frames: int, sample_rate_hz: int, seed: int) -> F32:
    """Zeros of both signs."""
    del sample_rate_hz, seed
    out = np.zeros(frames, np.float32)
    out[frames // 2 :] = -0.0
    return out


def _steps(frames: int, sample_rate_hz: int, seed: int) -> F32:
    """Full scale up and down, then far beyond full scale."""
    del sample_rate_hz
    period = 2 * (23 + seed % 5)
    square = np.where(np.arange(frames) % period < period // 2, 1.0, -1.0)
    square[frames * 3 // 4 :] *= 100.0
    return square.astype(np.float32)


def _denormals(frames: int, sample_rate_hz: int, seed: int) -> F32:
    """Denormals of every size and sign, with a few of the smallest normal numbers."""
    del sample_rate_hz
    random = np.random.default_rng(seed)
    bits = random.integers(0, _SUBNORMAL_LIMIT, frames).astype(np.uint32)
    bits >>= random.integers(0, 23, frames).astype(np.uint32)
    bits[::17] = _SUBNORMAL_LIMIT
    bits |= random.integers(0, 2, frames).astype(np.uint32) << np.uint32(31)
    return bits.view(np.float32)


def _not_numbers(frames: int, sample_rate_hz: int, seed: int) -> F32:
    """Noise with NaN (quiet, signalling, of both signs) and infinities strewn in."""
    bits = _noise(frames, sample_rate_hz, seed).view(np.uint32)
    specials = (0x7FC00000, 0xFFC00001, 0x7F800001, 0xFFBFFFFF, 0x7F800000, 0xFF800000)
    for index, special in enumerate(specials):
        bits[(3 + index) :: 29 + 2 * index] = special
    return bits.view(np.float32)


_KINDS: dict[str, Callable[[int, int, int], F32]] = {
    "impulses": _impulses,
    "sweep": _sweep,
    "noise": _noise,
    "quiet noise": _quiet_noise,
    "silence": _silence,
    "full-scale steps": _steps,
    "denormals": _denormals,
    "NaN and Inf": _not_numbers,
}
