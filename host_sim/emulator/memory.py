"""The memories of the processor: where they are, and their bytes on the host."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32
from namgen.errors import NamgenError

Bytes = npt.NDArray[np.uint8]

SCRATCH = 0xC0000000
"""Where test buffers go: the board's SDRAM, in which no image places anything."""

STACK_TOP = 0x20020000
"""The first address after DTCM."""

_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory of the processor."""

    name: str
    origin: int
    size_bytes: int
    is_writable: bool = True
    is_executable: bool = True

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.origin + self.size_bytes


MEMORIES = (
    Memory("itcm", 0x00000000, 64 << 10),
    Memory("flash", 0x08000000, 2 << 20, is_writable=False),
    Memory("system", 0x1FF00000, 128 << 10, is_writable=False),
    Memory("dtcm", 0x20000000, 128 << 10),
    Memory("axi_sram", 0x24000000, 512 << 10),
    Memory("d2_sram", 0x30000000, 288 << 10),
    Memory("d3_sram", 0x38000000, 64 << 10),
    Memory("backup_sram", 0x38800000, 4 << 10),
    Memory("qspi", 0x90000000, 8 << 20, is_writable=False),
    Memory("sdram", SCRATCH, 64 << 20, is_executable=False),
)
"""STM32H743 (RM0433, memory map) with the Daisy Seed's QSPI flash and SDRAM.

An STM32H750 has the first 128 KB of the flash; `Pedal` takes no image that is longer.
"""


class Memories:
    """The bytes of every memory; `on_change(address, size)` is told of what the host changes."""

    def __init__(self, on_change: Callable[[int, int], None]) -> None:
        self._host = {memory.name: _pages(memory) for memory in MEMORIES}
        self._on_change = on_change

    def host(self, memory: Memory) -> Bytes:
        """Return a memory in whole pages, to map it."""
        return self._host[memory.name]

    @staticmethod
    def holding(address: int) -> Memory | None:
        """Return the memory that holds an address; None for peripherals and holes."""
        return next((m for m in MEMORIES if m.origin <= address < m.end), None)

    def view(self, address: int, size_bytes: int) -> Bytes:
        """Return the bytes of a memory themselves, without a copy; not for changing code.

        Raises:
            NamgenError: the range is not inside one memory.

        """
        memory = self.holding(address)
        if memory is None or address + size_bytes > memory.end:
            raise NamgenError(
                f"emulator: 0x{address:08X}: expected {size_bytes} bytes of memory, found none"
            )
        offset = address - memory.origin
        return self._host[memory.name][offset : offset + size_bytes]

    def read(self, address: int, size_bytes: int) -> bytes:
        """Return a copy of memory."""
        return self.view(address, size_bytes).tobytes()

    def write(self, address: int, data: bytes | npt.NDArray[Any]) -> None:
        """Change memory, flash included; code that is changed is translated anew."""
        raw = data if isinstance(data, bytes) else np.ascontiguousarray(data).tobytes()
        content = np.frombuffer(raw, np.uint8)
        self.view(address, len(content))[:] = content
        self._on_change(address, len(content))

    def read_word(self, address: int) -> int:
        """Return the 32-bit word at an address."""
        return int.from_bytes(self.read(address, 4), "little")

    def write_word(self, address: int, value: int) -> None:
        """Change the 32-bit word at an address."""
        self.write(address, (value & 0xFFFFFFFF).to_bytes(4, "little"))

    def read_floats(self, address: int, count: int) -> F32:
        """Return a copy of `count` float32 values."""
        return np.frombuffer(self.read(address, 4 * count), "<f4").astype(np.float32)

    def write_floats(self, address: int, values: F32) -> None:
        """Write float32 values, in C order."""
        self.write(address, np.ascontiguousarray(values, "<f4"))


def _pages(memory: Memory) -> Bytes:
    pages = mmap.mmap(-1, -(-memory.size_bytes // _PAGE) * _PAGE)
    return np.frombuffer(pages, np.uint8)
