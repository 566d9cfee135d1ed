"""What has to stay behind what, when a straight run of code is put into another order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from namgen.processors.pipeline import Use
from namgen.schedule.instruction import Instruction, Place, Value

Cell: TypeAlias = Hashable


@dataclass(slots=True)
class Dependency:
    """`later` follows: in the same cycle at best, or once it can read the result as `use`."""

    later: int  # number of the instruction
    place: Place | None  # what it reads; None: it only must not come before
    use: Use | None


@dataclass(slots=True)
class _Seen:
    """Who wrote and read one register or word last."""

    writer: int | None = None
    readers: list[int] = field(default_factory=list)


def dependencies(program: Sequence[Instruction]) -> list[list[Dependency]]:
    """Return what depends on each instruction, by its number."""
    found: list[list[Dependency]] = [[] for _ in program]
    seen: dict[Cell, _Seen] = defaultdict(_Seen)
    for number, instruction in enumerate(program):
        for earlier, dependency in _of(number, instruction, seen):
            found[earlier].append(dependency)
    return found


def _of(
    number: int, instruction: Instruction, seen: dict[Cell, _Seen]
) -> Iterator[tuple[int, Dependency]]:
    """Yield what an instruction depends on, and note what it does."""
    for place, use in instruction.sources:
        cell = seen[place]
        if cell.writer is not None:
            yield cell.writer, Dependency(number, place, use)
    yield from _order(number, _read(instruction), _written(instruction), seen)


def _order(
    number: int, read: list[Cell], written: list[Cell], seen: dict[Cell, _Seen]
) -> Iterator[tuple[int, Dependency]]:
    for cell in dict.fromkeys((*read, *written)):
        about = seen[cell]
        behind = [] if about.writer is None else [about.writer]
        behind += about.readers if cell in written else []
        yield from ((earlier, Dependency(number, None, None)) for earlier in behind)
        if cell in written:
            seen[cell] = _Seen(number)
        else:
            about.readers.append(number)


def _read(instruction: Instruction) -> list[Cell]:
    """Return what must not be written earlier: registers with a purpose, and words of memory."""
    access = instruction.access
    read: list[Cell] = [place for place, _ in instruction.sources if not isinstance(place, Value)]
    if access and not access.stores and not access.constant:
        read += access.cells
    return read


def _written(instruction: Instruction) -> list[Cell]:
    access = instruction.access
    written: list[Cell] = [place for place, _ in instruction.results]
    return written + (list(access.cells) if access and access.stores else [])
