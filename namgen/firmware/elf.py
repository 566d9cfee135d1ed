"""What the linker made, read back from the ELF, and the checks an image has to pass."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namgen.boards import Board, Boot, Region, Window
from namgen.errors import BudgetError, ToolError
from namgen.firmware.engines import EngineMemory, PlannedBuffer, section_names

_VECTOR_WORDS = 166
_ALLOCATED = 0x2
_UNDEFINED = "SHN_UNDEF"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named address; `size_bytes` is 0 where the linker knows none."""

    name: str
    address: int
    size_bytes: int
    kind: str  # "object", "func", "notype", ...
    defined: bool
    file: str = ""  # name of the C file for what is static there, else empty


@dataclass(frozen=True, slots=True)
class Section:
    """A part of memory the program occupies, where it runs."""

    name: str
    address: int
    size_bytes: int
    data: bytes  # empty for what starts as zeros


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes the image carries, where it carries them."""

    load_address: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Elf:
    """The parts of an ELF file that matter here."""

    symbols: tuple[Symbol, ...]
    sections: tuple[Section, ...]
    segments: tuple[Segment, ...]

    def address(self, name: str) -> int:
        """Address of a symbol that must exist."""
        for symbol in self.symbols:
            if symbol.name == name and symbol.defined:
                return symbol.address
        raise ToolError(f"linker: expected the symbol {name} in the image, found none")

    def end_within(self, window: Window, *, but: Collection[str] = ()) -> int:
        """End of the last section that starts in the window; its origin when none does.

        `but` names sections that do not count.
        """
        there = (s for s in self.sections if window.holds(s.address, 0) and s.name not in but)
        ends = (section.address + section.size_bytes for section in there)
        return max(ends, default=window.origin)


def read_elf(path: Path) -> Elf:
    """Read a 32-bit little-endian ELF file that a toolchain has just written."""
    from elftools.elf.elffile import ELFFile  # slow to load, and only what is linked is read

    with path.open("rb") as file:
        elf = ELFFile(file)
        symtab: Any = elf.get_section_by_name(".symtab")
        symbols = () if symtab is None else tuple(_symbols(symtab))
        sections = tuple(_section(s) for s in elf.iter_sections() if _occupies_memory(s))
        segments = tuple(
            Segment(s["p_paddr"], s.data())
            for s in elf.iter_segments()
            if s["p_type"] == "PT_LOAD" and s["p_filesz"]
        )
    return Elf(symbols, sections, segments)


def flat_image(elf: Elf) -> tuple[int, bytes]:
    """Start address and bytes from the first loaded byte to the last; gaps are erased flash."""
    segments = sorted(elf.segments, key=lambda segment: segment.load_address)
    if not segments:
        raise ToolError("linker: expected an image, found an ELF file that loads nothing")
    start = segments[0].load_address
    image = bytearray()
    for segment in segments:
        offset = segment.load_address - start
        if offset < len(image):
            raise ToolError(f"linker: two parts of the image overlap at {segment.load_address:#x}")
        image += b"\xff" * (offset - len(image)) + segment.data
    return start, bytes(image)


def used_bytes(elf: Elf, board: Board) -> dict[str, int]:
    """Bytes the program occupies in each region, where it runs; the stack is not in it.

    What several engines share counts once.
    """
    return {region.name: _taken_bytes(elf, region) for region in board.regions}


def _taken_bytes(elf: Elf, region: Region) -> int:
    taken, end = 0, region.origin
    for section in sorted(elf.sections, key=lambda section: section.address):
        if region.holds(section.address, section.size_bytes):
            last = section.address + section.size_bytes
            taken += max(0, last - max(end, section.address))
            end = max(end, last)
    return taken


def check_image(
    elf: Elf,
    *,
    board: Board,
    boot: Boot,
    buffers: Sequence[PlannedBuffer],
    c_file: str,
    c_text: str,
    image_bytes: int,
    engines: Sequence[EngineMemory] = (),
    code: Sequence[PlannedBuffer] = (),
) -> None:
    """Raise unless the linked program is what the plan and the board ask for.

    `c_file` is the name of the generated C file, in which `buffers` are static; `c_text` is the
    text of it and of its headers. `code` are functions of it, with the most bytes they may take.
    `engines` have files of their own, and are all that may overlap.

    Raises:
        BudgetError: something is too large; with numbers.
        ToolError: something is missing or in the wrong place.

    """
    if image_bytes > boot.limit_bytes:
        raise BudgetError(
            f"image: {image_bytes} bytes, {boot.title} takes {boot.limit_bytes} "
            f"({image_bytes - boot.limit_bytes} too many)"
        )
    files = [(c_file, buffers), *((f"{engine.name}.c", engine.buffers) for engine in engines)]
    wrong = [
        *_undefined(elf),
        *_misplaced_vectors(elf, boot),
        *(line for _, arrays in files for line in _unused_buffers(arrays, c_text)),
        *(line for file, arrays in files for line in _misplaced_buffers(elf, board, arrays, file)),
        *_misplaced_code(elf, board, code, c_file),
        *_misplaced_dma(elf, board),
        *overlaps(elf, section_names(engines, board)),
    ]
    if wrong:
        raise ToolError(*wrong)


def _undefined(elf: Elf) -> Iterable[str]:
    for symbol in elf.symbols:
        if not symbol.defined and symbol.name:
            yield f"linker: expected {symbol.name} to be defined, found it undefined"


def _misplaced_vectors(elf: Elf, boot: Boot) -> Iterable[str]:
    address = elf.address("vectors")
    alignment = 1 << (4 * _VECTOR_WORDS - 1).bit_length()
    if address != boot.origin or address % alignment:
        yield (
            f"vectors: expected at {boot.origin:#010x}, a multiple of {alignment}, "
            f"found at {address:#010x}"
        )


def _unused_buffers(buffers: Sequence[PlannedBuffer], c_text: str) -> Iterable[str]:
    for buffer in buffers:
        if not re.search(rf"\b{re.escape(buffer.symbol)}\b", c_text):
            yield f"{buffer.symbol}: expected in {buffer.region}, found nowhere in the C"


def _misplaced_buffers(
    elf: Elf, board: Board, buffers: Sequence[PlannedBuffer], c_file: str
) -> Iterable[str]:
    """A buffer that is in the C and not in the image takes no room: the compiler saw through it."""
    for buffer in buffers:
        for symbol in _pieces(elf, buffer.symbol, c_file):
            if symbol.name == buffer.symbol and symbol.size_bytes != buffer.size_bytes:
                yield (
                    f"{buffer.symbol}: expected {buffer.size_bytes} bytes, "
                    f"found {symbol.size_bytes}"
                )
            region = board.region(buffer.region) if buffer.region else None
            if region is None or not region.holds(symbol.address, symbol.size_bytes):
                yield (
                    f"{symbol.name}: expected in {buffer.region or 'a region of the board'}, "
                    f"found at {symbol.address:#010x} ({_region_name(board, symbol.address)})"
                )


def _misplaced_code(
    elf: Elf, board: Board, code: Sequence[PlannedBuffer], c_file: str
) -> Iterable[str]:
    """A function that nobody calls is not in the image."""
    for planned in code:
        for symbol in elf.symbols:
            if (symbol.kind, symbol.name, symbol.file) != ("func", planned.symbol, c_file):
                continue
            region = board.region(planned.region) if planned.region else None
            if region is None or not region.holds(symbol.address & ~1, symbol.size_bytes):
                yield (
                    f"{symbol.name}: expected in {planned.region or 'a region of the board'}, "
                    f"found at {symbol.address:#010x} ({_region_name(board, symbol.address)})"
                )
            if symbol.size_bytes > planned.size_bytes:
                yield (
                    f"{symbol.name}: expected {planned.size_bytes} bytes at most, "
                    f"found {symbol.size_bytes}"
                )


def _pieces(elf: Elf, name: str, c_file: str) -> Iterable[Symbol]:
    """The object of that name in a C file, and the parts `name.0`, `name.1` it may be split into.

    Other files of the image may have statics of the same name.
    """
    for symbol in elf.symbols:
        same_name = symbol.name.partition(".")[0] == name
        if symbol.kind == "object" and symbol.file == c_file and same_name:
            yield symbol


def _misplaced_dma(elf: Elf, board: Board) -> Iterable[str]:
    objects = {symbol.name: symbol for symbol in elf.symbols if symbol.kind == "object"}
    for name in ("audio_received", "audio_to_send"):
        symbol = objects.get(name)
        if symbol is None:
            yield f"{name}: expected among the DMA buffers, found nowhere in the image"
        elif not board.dma.holds(symbol.address, symbol.size_bytes):
            yield (
                f"{name}: expected in the memory the data cache leaves alone, "
                f"found at {symbol.address:#010x}"
            )


def overlaps(elf: Elf, engines: Collection[str]) -> Iterator[str]:
    """Yield what lies where something else does; `engines` names the sections that may."""
    before: list[Section] = []  # that may reach so far
    for section in sorted(elf.sections, key=lambda section: (section.address, section.name)):
        before = [other for other in before if section.address < other.address + other.size_bytes]
        for other in before:
            if section.name not in engines or other.name not in engines:
                yield f"linker: {other.name} and {section.name} lie in the same place"
        before.append(section)


def _region_name(board: Board, address: int) -> str:
    names = (region.name for region in board.regions if region.holds(address, 1))
    return next(names, "no region")


def _symbols(symtab: Any) -> Iterable[Symbol]:
    """All symbols; local ones stand behind the entry that names their file."""
    file = ""
    for entry in symtab.iter_symbols():
        if entry["st_info"]["type"] == "STT_FILE":
            file = entry.name
        is_local = entry["st_info"]["bind"] == "STB_LOCAL"
        yield _symbol(entry, file if is_local else "")


def _symbol(entry: Any, file: str) -> Symbol:
    return Symbol(
        name=entry.name,
        address=entry["st_value"],
        size_bytes=entry["st_size"],
        kind=entry["st_info"]["type"].removeprefix("STT_").lower(),
        defined=entry["st_shndx"] != _UNDEFINED,
        file=file,
    )


def _section(entry: Any) -> Section:
    data = b"" if entry["sh_type"] == "SHT_NOBITS" else entry.data()
    return Section(entry.name, entry["sh_addr"], entry["sh_size"], data)


def _occupies_memory(entry: Any) -> bool:
    return bool(entry["sh_flags"] & _ALLOCATED and entry["sh_size"])
