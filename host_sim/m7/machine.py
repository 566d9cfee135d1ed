"""A bare emulated Cortex-M7: an ELF in, calls of its functions out; no peripherals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from namgen.errors import ToolError

_RETURN_TO = 0x0000_FFF0  # where a called function returns to; the emulator stops there
_STACK_TOP = 0x2002_0000
_PAGE = 0x1000
_MAPPED = ((0x0000_0000, 0x1_0000), (0x0800_0000, 0x20_0000), (0x2000_0000, 0x2_0000),
           (0x2400_0000, 0x8_0000), (0x3000_0000, 0x4_8000), (0x9000_0000, 0x80_0000))  # fmt: skip


class Callable(Protocol):
    """What a profile needs of an emulated core."""

    @property
    def emulator(self) -> Any:
        """The `unicorn.Uc` that runs the code."""

    @property
    def symbols(self) -> Mapping[str, tuple[int, int]]:
        """Address and size in bytes of every function."""

    def call(self, symbol: str, *arguments: int) -> int:
        """Call a function with up to four integer arguments; returns r0."""


class Machine:
    """A processor with the STM32H750's memories, loaded with an ELF."""

    def __init__(self, elf: Path) -> None:
        """Load every segment at its run address.

        Raises:
            ToolError: a package is missing, or the file is not an ARM ELF that fits the memories.

        """
        self.emulator = _new_emulator()
        symbols, segments = _read_elf(elf)
        self.symbols: Mapping[str, tuple[int, int]] = MappingProxyType(symbols)
        for address, data in segments:
            try:
                self.emulator.mem_write(address, data)
            except Exception as error:
                raise ToolError(f"{elf.name}: no memory at {address:#010x}") from error

    def call(self, symbol: str, *arguments: int) -> int:
        """Call a function with up to four integer arguments; returns r0.

        Raises:
            ToolError: there is no such function, or it stopped at an invalid access.

        """
        import unicorn.arm_const as reg
        from unicorn import UcError

        if symbol not in self.symbols:
            raise ToolError(f"expected a function named {symbol}, found none in the ELF")
        for number, value in enumerate(arguments[:4]):
            self.emulator.reg_write(reg.UC_ARM_REG_R0 + number, value & 0xFFFFFFFF)
        self.emulator.reg_write(reg.UC_ARM_REG_SP, _STACK_TOP)
        self.emulator.reg_write(reg.UC_ARM_REG_LR, _RETURN_TO | 1)
        try:
            self.emulator.emu_start(self.symbols[symbol][0] | 1, _RETURN_TO)
        except UcError as error:
            at = self.emulator.reg_read(reg.UC_ARM_REG_PC)
            raise ToolError(f"{symbol}: stopped at {at:#010x}: {error}") from error
        return int(self.emulator.reg_read(reg.UC_ARM_REG_R0))

    def read(self, address: int, size: int) -> bytes:
        """Return `size` bytes of memory."""
        return bytes(self.emulator.mem_read(address, size))

    def write(self, address: int, data: bytes) -> None:
        """Store bytes in memory."""
        self.emulator.mem_write(address, data)


def _new_emulator() -> Any:
    try:
        import unicorn
        import unicorn.arm_const as reg
    except ImportError as error:
        raise ToolError("cycle model: expected the package unicorn: pip install unicorn") from error
    emulator = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
    emulator.ctl_set_cpu_model(reg.UC_CPU_ARM_CORTEX_M7)
    for origin, size in _MAPPED:
        emulator.mem_map(origin, size)
    return emulator


def _read_elf(path: Path) -> tuple[dict[str, tuple[int, int]], list[tuple[int, bytes]]]:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            segments = [
                (int(s["p_vaddr"]), bytes(s.data()))
                for s in elf.iter_segments()
                if s["p_type"] == "PT_LOAD" and s["p_filesz"]
            ]
            return _functions(elf), segments
    except (OSError, ELFError) as error:
        raise ToolError(f"{path.name}: expected an ARM ELF, found: {error}") from error


def _functions(elf: Any) -> dict[str, tuple[int, int]]:
    table = elf.get_section_by_name(".symtab")
    symbols = table.iter_symbols() if table is not None else ()
    return {
        s.name: (int(s["st_value"]) & ~1, int(s["st_size"]))
        for s in symbols
        if s["st_info"]["type"] == "STT_FUNC"
    }
