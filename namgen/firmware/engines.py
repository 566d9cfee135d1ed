"""Engines in one image: their arrays lie at the same addresses, as only one of them plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from namgen.boards import Board, Window

OVERLAPPING = ("--no-check-sections",)
"""For the linker: sections may overlap. `check_image` sees that only those of engines do."""
ALIGNMENT = 8
"""Of every array of the generated C."""
LINE_BYTES = 32
"""Of the data cache, and what the place of all engines is a multiple of."""


class PlannedBuffer(Protocol):
    """A static object the plan has placed."""

    @property
    def symbol(self) -> str:
        """Its name in C."""

    @property
    def size_bytes(self) -> int:
        """Its size."""

    @property
    def region(self) -> str | None:
        """Name of the board's region it belongs in; an image has a place for every one."""


class EngineBuffer(PlannedBuffer, Protocol):
    """A static array that the plan of an engine has placed."""

    @property
    def constant(self) -> bool:
        """Whether it is the same whatever plays, and so lies elsewhere."""


@dataclass(frozen=True, slots=True)
class EngineMemory:
    """What an engine needs of the board."""

    name: str  # of its C file, without the ending
    buffers: Sequence[EngineBuffer]
    is_copied: bool = False  # its constants, too, lie there: whoever lets it play copies them

    def bytes_in(self, region: str) -> int:
        """Count what it takes of a region while it plays."""
        own = (b for b in self.buffers if b.region == region)
        sizes = (b.size_bytes for b in own if self.is_copied or not b.constant)
        return sum(-(-size // ALIGNMENT) * ALIGNMENT for size in sizes)


def table_bytes(engines: Sequence[EngineMemory], region: str) -> int:
    """Count what the tables of engines take of a region, whatever plays: each has its own."""
    tables = (b for engine in engines for b in engine.buffers if b.constant and b.region == region)
    return sum(-(-table.size_bytes // LINE_BYTES) * LINE_BYTES for table in tables)


def shared_bytes(engines: Sequence[EngineMemory], region: str) -> int:
    """Count what the largest of the engines takes of a region."""
    most = max((engine.bytes_in(region) for engine in engines), default=0)
    return -(-most // LINE_BYTES) * LINE_BYTES


def shared_windows(
    engines: Sequence[EngineMemory], board: Board, extents: Mapping[str, Window]
) -> dict[str, Window]:
    """Return where engines lie, by region: at the end of what the linker may fill."""
    found = {}
    for name in board.model_regions:
        whole, size = extents[board.region(name).linker], shared_bytes(engines, name)
        if size:
            found[name] = Window(whole.end - size, size)
    return found


def section_name(board: Board, region: str, engine: EngineMemory) -> str:
    """Name an engine's section of a region: that of the generated C, and of the image."""
    return f"{board.region(region).section}_engine.{engine.name}"


def section_names(engines: Sequence[EngineMemory], board: Board) -> frozenset[str]:
    """Name the sections of all engines: those that may overlap."""
    own = {section_name(board, r, e) for r in board.model_regions for e in engines}
    copied = (e for e in engines if e.is_copied)
    return frozenset(own | {copied_name(board, r, e) for r in board.model_regions for e in copied})


def copied_name(board: Board, region: str, engine: EngineMemory) -> str:
    """Name the section of the constants that are copied to an engine's place."""
    return f"{section_name(board, region, engine)}.data"


def copied_symbol(board: Board, region: str, engine: EngineMemory) -> str:
    """Name what the linker's symbols of such a section begin with."""
    return f"ld_{board.region(region).linker.lower()}_{engine.name}"


def engine_memories(
    engines: Sequence[EngineMemory], board: Board, windows: Mapping[str, Window]
) -> Iterator[tuple[str, Window]]:
    """Yield memories for the linker, one an engine and region; those of a region overlap."""
    for region, window in windows.items():
        for engine in engines:
            yield _memory_name(board, region, engine), window


def engine_sections(
    engines: Sequence[EngineMemory], board: Board, windows: Mapping[str, Window]
) -> str:
    """Spell the sections of all engines for the linker."""
    comment = "/* Engines, of which one plays at a time: those of a memory overlap. */"
    lines = ["", comment, "SECTIONS", "{"]
    for region in windows:
        for engine in engines:
            section = section_name(board, region, engine)
            memory = _memory_name(board, region, engine)
            lines.append(f"    {section} (NOLOAD) : {{ *({section}) }} > {memory}")
            lines += _copied(board, region, engine) if engine.is_copied else []
    return "\n".join([*lines, "}", ""])


def _copied(board: Board, region: str, engine: EngineMemory) -> list[str]:
    section = copied_name(board, region, engine)
    symbol, memory = copied_symbol(board, region, engine), _memory_name(board, region, engine)
    return [
        f"    {section} : ALIGN({ALIGNMENT}) {{",
        f"        {symbol}_start = .; *({section}) . = ALIGN({ALIGNMENT}); {symbol}_end = .;",
        f"    }} > {memory} AT> CODE",
        f"    {symbol}_load = LOADADDR({section});",
    ]


def _memory_name(board: Board, region: str, engine: EngineMemory) -> str:
    return f"{board.region(region).linker}_{engine.name}"
