"""What ran on an emulated core, in the shape the cycle model takes: one row per instruction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from host_sim.core import Core
from host_sim.core import Trace as CoreTrace

U32 = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Executed instructions in order."""

    address: U32  # (instructions,)
    data_address: U32  # (instructions,) first byte the instruction accessed, 0 where none
    marks: tuple[int, ...] = ()  # positions at which the host called, or got control back

    def __len__(self) -> int:
        return len(self.address)


@dataclass(slots=True)
class Recording:
    """A recording in progress; `trace` is there when it has ended."""

    core: Core
    marks: list[int] = field(default_factory=list)
    trace: Trace | None = None

    def mark(self) -> None:
        """Note that the host is about to call, or has got control back."""
        self.marks.append(self.core.trace_position().instructions)


@contextmanager
def recording(core: Core) -> Iterator[Recording]:
    """Record every instruction the core runs inside the `with` block.

    Raises:
        NamgenError: more ran than the core has room for.

    """
    running = Recording(core)
    with core.tracing() as result:
        yield running
    running.trace = from_core(result(), marks=tuple(running.marks))


def from_core(trace: CoreTrace, *, marks: tuple[int, ...] = ()) -> Trace:
    """Keep, of each instruction's accesses, the first address: the others follow it."""
    data_address = np.zeros(len(trace.instructions), np.uint32)
    position, first = np.unique(trace.accesses["position"], return_index=True)
    data_address[position] = trace.accesses["address"][first]
    return Trace(trace.instructions.copy(), data_address, marks)
