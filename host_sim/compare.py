"""Compares samples bit by bit and says where they first differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from host_sim.engines import Engine
from host_sim.signals import Partition, Signal
from namgen.arithmetic import F32

Samples: TypeAlias = F32 | npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first sample that differs; values as bits in hexadecimal and as numbers."""

    signal: str
    blocks: str
    frame: int
    channel: int  # from 1
    expected: str
    found: str

    def __str__(self) -> str:
        return (
            f"signal {self.signal!r}, blocks of {self.blocks}, frame {self.frame}, "
            f"channel {self.channel}: expected {self.expected}, found {self.found}"
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """What was compared: samples, how many of them were equal, and the first that was not."""

    runs: int = 0
    samples: int = 0
    equal: int = 0
    first: Mismatch | None = None

    @property
    def is_exact(self) -> bool:
        """Whether something was compared and all of it was equal."""
        return self.samples > 0 and self.equal == self.samples

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.runs + other.runs,
            self.samples + other.samples,
            self.equal + other.equal,
            self.first or other.first,
        )


def compare(expected: Samples, found: Samples, *, signal: str, blocks: str) -> Tally:
    """Compare two float32 or int32 arrays of (frames, channels) by their bits.

    A NaN equals any NaN: IEEE 754 leaves the payload to the processor. Zeros of different sign
    differ.

    Raises:
        ValueError: the shapes differ.

    """
    if (expected.shape, expected.dtype) != (found.shape, found.dtype):
        raise ValueError(
            f"expected samples of shape {expected.shape} and type {expected.dtype}, "
            f"found {found.shape} and {found.dtype}"
        )
    equal = _bits(expected) == _bits(found)
    equal |= _is_nan(expected) & _is_nan(found)
    first = None
    if not equal.all():
        frame, channel = (int(i) for i in np.argwhere(~equal)[0])
        shown = (_shown(array[frame, channel]) for array in (expected, found))
        first = Mismatch(signal, blocks, frame, channel + 1, *shown)
    return Tally(1, expected.size, int(np.count_nonzero(equal)), first)


def compare_engine(
    engine: Engine, signal: Signal, expected: F32, partitions: Iterable[Partition]
) -> Tally:
    """Reset the engine, play the signal, compare; once for every partition."""
    tally = Tally()
    for partition in partitions:
        engine.reset()
        found = play(engine, signal.samples, partition)
        tally += compare(expected, found, signal=signal.name, blocks=partition.name)
    return tally


def play(engine: Engine, samples: F32, partition: Partition) -> F32:
    """Return the output for calls of the partition's sizes."""
    played: Sequence[F32] = [
        engine.process(samples[block]) for block in partition.blocks(len(samples))
    ]
    return np.concatenate(played)


def _bits(samples: Samples) -> npt.NDArray[np.uint32]:
    return np.ascontiguousarray(samples).view(np.uint32)


def _is_nan(samples: Samples) -> npt.NDArray[np.bool_]:
    return np.isnan(samples) if samples.dtype.kind == "f" else np.zeros(samples.shape, np.bool_)


def _shown(value: np.float32 | np.int32) -> str:
    bits = int(value.view(np.uint32))
    if isinstance(value, np.int32):
        return f"0x{bits & 0xFFFFFF:06X} ({int(value)})"
    return f"0x{bits:08X} ({value:.9g})"
