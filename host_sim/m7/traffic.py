"""What was moved in each memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from host_sim.m7.trace import U32
from namgen.processors.pipeline import MemoryRegion


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Data traffic of one memory region per block."""

    name: str
    bytes_per_block: float
    distinct_bytes: int


@dataclass(slots=True)
class Traffic:
    """What was moved in one memory region."""

    region: MemoryRegion
    total: int = 0
    words: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, first: npt.NDArray[np.int64], size: npt.NDArray[np.int64]) -> None:
        """Add accesses: their first addresses and their bytes."""
        self.total += int(size.sum())
        self.words = np.union1d(self.words, _words(first, size))

    def use(self, blocks: int) -> MemoryUse:
        """Return it per block."""
        return MemoryUse(self.region.name, self.total / blocks, 4 * len(self.words))


def share_out(
    traffic: Sequence[Traffic], first: npt.NDArray[np.int64], size: npt.NDArray[np.int64]
) -> None:
    """Give every access to the first region that holds it."""
    unclaimed = np.ones(len(first), np.bool_)
    for one in traffic:
        inside = unclaimed & (first >= one.region.origin)
        inside &= first < one.region.origin + one.region.size_bytes
        unclaimed &= ~inside
        if inside.any():
            one.add(first[inside], size[inside])


def inside(addresses: U32, regions: Iterable[MemoryRegion]) -> int:
    """How many of the addresses lie in one of the regions."""
    inside = np.zeros(len(addresses), np.bool_)
    for region in regions:
        last = region.origin + region.size_bytes - 1
        inside |= (addresses >= region.origin) & (addresses <= last)
    return int(inside.sum())


def _words(first: npt.NDArray[np.int64], size: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The different words that accesses touch."""
    words = [first // 4]
    for extra in range(1, int(size.max(initial=4)) // 4):
        words.append(first[size > 4 * extra] // 4 + extra)
    return np.unique(np.concatenate(words))
