"""An ELF image: what goes where, and which name an address has."""

from __future__ import annotations

import bisect
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from namgen.errors import NamgenError


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name in the image, the Thumb bit of functions removed."""

    name: str
    address: int
    size_bytes: int
    is_function: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the image where it is at run time."""

    name: str
    address: int
    size_bytes: int

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.address + self.size_bytes


class Image:
    """Segments, sections and symbols of an ELF file; of none at all, without `content`.

    Raises:
        NamgenError: this is no 32-bit ARM ELF.

    """

    def __init__(self, content: Path | bytes | None = None) -> None:
        self._elf = None if content is None else _open_elf(content)
        self.sections = tuple(sorted(_sections(self._elf), key=lambda section: section.address))
        """Those that take memory, by run address."""
        self.symbols = tuple(sorted(_symbols(self._elf), key=lambda symbol: symbol.address))
        """All, by address."""

    def segments(self, at: Literal["run", "load"]) -> Iterator[tuple[int, bytes]]:
        """Yield address and content of what is to be placed.

        "run": where the program expects it once started, uninitialised data as zeros. "load": where
        a programmer would write it (physical addresses).
        """
        for segment in self._elf.iter_segments("PT_LOAD") if self._elf is not None else ():
            content = segment.data()
            if at == "run":
                yield segment["p_vaddr"], content.ljust(segment["p_memsz"], b"\0")
            elif content:
                yield segment["p_paddr"], content

    def address(self, name: str) -> int:
        """Return the address of a function or object, static ones included.

        Raises:
            NamgenError: no symbol, or several, have this name.

        """
        return self.symbol(name).address

    def symbol(self, name: str) -> Symbol:
        """Return address and size of a function or object, as `address`."""
        found = self._by_name.get(name, [])
        if len(found) != 1:
            count = f"{len(found)} of them" if found else "none"
            raise NamgenError(f"emulator: expected one symbol {name} in the image, found {count}")
        return found[0]

    def name_at(self, address: int) -> str:
        """Name the function that holds an address, as `name+0x12`; `?` when there is none."""
        entry = self.function_at(address)
        if entry is None:
            return "?"
        offset = (address & ~1) - entry.address
        return f"{entry.name}+0x{offset:X}" if offset else entry.name

    def function_at(self, address: int) -> Symbol | None:
        """Return the function that holds an address."""
        functions, starts = self._functions
        index = bisect.bisect_right(starts, address & ~1) - 1
        if index < 0:
            return None
        entry = functions[index]
        inside = (address & ~1) < entry.address + max(entry.size_bytes, 2)
        return entry if inside or entry.size_bytes == 0 else None

    @cached_property
    def _by_name(self) -> dict[str, list[Symbol]]:
        names: dict[str, list[Symbol]] = {}
        for symbol in self.symbols:
            names.setdefault(symbol.name, []).append(symbol)
        return names

    @cached_property
    def _functions(self) -> tuple[list[Symbol], list[int]]:
        functions = [symbol for symbol in self.symbols if symbol.is_function]
        return functions, [symbol.address for symbol in functions]


def _open_elf(content: Path | bytes) -> Any:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    data = content if isinstance(content, bytes) else content.read_bytes()
    try:
        elf = ELFFile(io.BytesIO(data))
    except ELFError as error:
        raise NamgenError(f"emulator: expected an ELF file, found none ({error})") from error
    if elf["e_machine"] != "EM_ARM" or elf.elfclass != 32:
        raise NamgenError(f"emulator: expected a 32-bit ARM ELF, found {elf['e_machine']}")
    return elf


def _sections(elf: Any) -> Iterator[Section]:
    allocated = 2  # SHF_ALLOC
    for section in elf.iter_sections() if elf is not None else ():
        if section["sh_flags"] & allocated and section["sh_size"]:
            yield Section(section.name, section["sh_addr"], section["sh_size"])


def _symbols(elf: Any) -> Iterator[Symbol]:
    table = elf.get_section_by_name(".symtab") if elf is not None else None
    for entry in table.iter_symbols() if table is not None else ():
        kind = entry["st_info"]["type"]
        if kind not in ("STT_FUNC", "STT_OBJECT", "STT_NOTYPE") or not entry.name:
            continue
        if entry.name.startswith("$") or entry["st_shndx"] == "SHN_UNDEF":
            continue
        is_function = kind == "STT_FUNC"
        address = entry["st_value"] & ~1 if is_function else entry["st_value"]
        yield Symbol(entry.name, address, entry["st_size"], is_function)
