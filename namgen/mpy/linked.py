"""Reads a linked module from its ELF file, and finds the words that hold an address.

What a word points at is told by the section of the symbol it was made from, never by the address in
it: compilers fold offsets into addresses, and `table + 0x10000000` lies where something else does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from namgen.errors import ToolError
from namgen.mpy.archs import Arch
from namgen.mpy.format import Base, Relocation

BSS_ORIGIN = 0x10000000
TABLE_ORIGIN = 0x20000000
"""Where the linker puts what is not text, which begins at 0."""

_BLOCK_WORDS = 4
"""What MicroPython's heap is made of, and aligned to."""

_SECTIONS = {
    ".text": (Base.TEXT, 0),
    ".bss": (Base.BSS, BSS_ORIGIN),
    ".mp_fun_table": (Base.FUN_TABLE, TABLE_ORIGIN),
}
_ALLOCATED = 0x2


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Relocations of a machine by their numbers in ELF."""

    word: int  # an address in a word
    relative: frozenset[int]  # a distance, which holds inside the text
    nothing: frozenset[int]
    names: Mapping[int, str]  # of those that cannot be adapted


_ARM = _Kinds(
    word=2,
    relative=frozenset({3, 10, 11, 30, 42, 51, 53, 54, 102, 103}),
    nothing=frozenset({0, 40}),
    names=MappingProxyType({47: "movw", 48: "movt"}),
)
_X86 = _Kinds(
    word=1,
    relative=frozenset({2, 4}),
    nothing=frozenset({0}),
    names=MappingProxyType({9: "GOTPCREL", 10: "32", 11: "32S", 41: "GOTPCRELX", 42: "GOTPCRELX"}),
)


@dataclass(frozen=True, slots=True)
class Linked:
    """The parts of a module, every address in a word made relative to what it leads to."""

    text: bytes
    bss_bytes: int
    relocations: tuple[Relocation, ...]


def read_linked(path: Path, arch: Arch) -> Linked:
    """Take a module out of an ELF file that was linked with its relocations kept.

    Raises:
        ToolError: a loader could not adapt it; with the symbol it is about.

    """
    from elftools.elf.elffile import ELFFile  # slow to load, and only what is linked is read

    with path.open("rb") as file:
        elf: Any = ELFFile(file)
        _check_sections(elf, _BLOCK_WORDS * arch.word_bytes)
        text = elf.get_section_by_name(".text")
        if elf.header["e_entry"] & ~1:
            raise ToolError(f"linker: expected the entry at 0, found {elf.header['e_entry']:#x}")
        adapted = bytearray(text.data())
        relocations = tuple(sorted(_adapt(elf, adapted, arch)))
        bss = elf.get_section_by_name(".bss")
        return Linked(bytes(adapted), bss["sh_size"] if bss else 0, relocations)


def _check_sections(elf: Any, most_alignment: int) -> None:
    """Refuse what has no place in a module, as `.data`: variables that do not start as zeros."""
    for section in elf.iter_sections():
        if not section["sh_flags"] & _ALLOCATED or not section["sh_size"]:
            continue
        if section.name not in _SECTIONS:
            raise ToolError(
                f"linker: expected {', '.join(_SECTIONS)} in a module, found {section.name} "
                f"of {section['sh_size']} bytes"
            )
        if section["sh_addralign"] > most_alignment and section.name != ".mp_fun_table":
            raise ToolError(
                f"linker: {section.name}: expected alignment to {most_alignment} bytes at most, "
                f"found {section['sh_addralign']}"
            )


def _adapt(elf: Any, text: bytearray, arch: Arch) -> Iterator[Relocation]:
    """Make every word with an address relative in place, and yield what it is relative to."""
    kinds = _ARM if arch.word_bytes == 4 else _X86
    for table in elf.iter_sections():
        if not table.name.startswith((".rel.", ".rela.")) or not table["sh_size"]:
            continue
        if elf.get_section(table["sh_info"]).name != ".text":
            raise ToolError(f"linker: expected addresses in the text alone, found {table.name}")
        symbols = elf.get_section(table["sh_link"])
        for entry in table.iter_relocations():
            symbol = symbols.get_symbol(entry["r_info_sym"])
            if _is_word(entry, _home(elf, symbol), symbol, kinds):
                yield _relative(entry["r_offset"], _home(elf, symbol), symbol, text, arch)


def _home(elf: Any, symbol: Any) -> str:
    """Name of the section that a symbol is defined in; empty where it is in none."""
    index = symbol["st_shndx"]
    return elf.get_section(index).name if isinstance(index, int) else ""


def _is_word(entry: Any, home: str, symbol: Any, kinds: _Kinds) -> bool:
    """Tell addresses in words from what the linker has done with; refuse anything else."""
    kind = entry["r_info_type"]
    if kind == kinds.word:
        return True
    if kind in kinds.nothing or (kind in kinds.relative and home == ".text"):
        return False
    what = kinds.names.get(kind, f"relocation {kind}")
    raise ToolError(
        f"linker: text {entry['r_offset']:#x}: expected the address of {_named(symbol, home)} in a "
        f"word, found it in an instruction ({what})"
    )


def _relative(place: int, home: str, symbol: Any, text: bytearray, arch: Arch) -> Relocation:
    if home not in _SECTIONS:
        raise ToolError(
            f"linker: text {place:#x}: expected the address of something in the module, found "
            f"that of {_named(symbol, home)}"
        )
    size = arch.word_bytes
    if place % size:
        raise ToolError(
            f"linker: text {place:#x}: expected the address of {_named(symbol, home)} in an "
            f"aligned word of {size} bytes"
        )
    base, origin = _SECTIONS[home]
    word = int.from_bytes(text[place : place + size], "little") - origin
    text[place : place + size] = (word % (1 << 8 * size)).to_bytes(size, "little")
    return Relocation(place // size, base)


def _named(symbol: Any, home: str) -> str:
    return symbol.name or home or "nothing"
