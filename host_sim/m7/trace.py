"""What ran on an emulated core, in the shape the cycle model takes: one row per instruction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from host_sim.emulator.core import Core
from host_sim.emulator.trace import Trace as CoreTrace
from namgen.errors import ToolError

U32 = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Executed instructions of one call from the host, in order."""

    address: U32  # (instructions,)
    data_address: U32  # (instructions,) first byte the instruction accessed, 0 where none

    def __len__(self) -> int:
        return len(self.address)


@dataclass(slots=True)
class Recording:
    """A recording in progress; `result` is there when it has ended."""

    trace: Trace | None = None

    @property
    def result(self) -> Trace:
        """What ran.

        Raises:
            ToolError: the recording goes on.

        """
        if self.trace is None:
            raise ToolError("trace: expected a recording that has ended")
        return self.trace


@contextmanager
def recording(core: Core) -> Iterator[Recording]:
    """Record every instruction the core runs inside the `with` block."""
    running = Recording()
    with core.tracing() as result:
        yield running
    running.trace = from_core(result())


def from_core(trace: CoreTrace) -> Trace:
    """Keep, of each instruction's accesses, the first address: the others follow it."""
    data_address = np.zeros(len(trace.instructions), np.uint32)
    position = trace.accesses["position"]
    first = np.flatnonzero(np.diff(position, prepend=np.uint32(0xFFFFFFFF)))
    data_address[position[first]] = trace.accesses["address"][first]
    return Trace(trace.instructions.copy(), data_address)
