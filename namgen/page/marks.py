"""What a picture is made of; lengths are pixels, looks are names that the style sheet knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from namgen.pedal_boards.svg import width_px

Anchor: TypeAlias = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    look: str
    corner: float = 0
    kind: str = "rect"


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle."""

    x: float
    y: float
    radius: float
    look: str
    kind: str = "circle"


@dataclass(frozen=True, slots=True)
class Path:
    """A line, as the `d` of a path spells it."""

    d: str
    look: str
    kind: str = "path"


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text whose base is at `y`."""

    x: float
    y: float
    text: str
    look: str = "t"
    anchor: Anchor = "start"
    kind: str = "label"


@dataclass(frozen=True, slots=True)
class Group:
    """Marks that belong together, and what a program knows them by."""

    data: Mapping[str, str]
    marks: Sequence[Mark]
    x: float = 0
    y: float = 0
    turn: float = 0  # degrees, clockwise
    kind: str = "group"


Mark: TypeAlias = "Rect | Circle | Path | Label | Group"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The same as a table."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with a title, what it shows in words, and its numbers."""

    key: str  # no other picture of the page has it
    title: str
    told: str
    width: float
    height: float
    marks: tuple[Mark, ...]
    numbers: Numbers | None = field(default=None)


_GATHERED = ("g", "s0 thin")
"""Looks of lines that cross nothing that is drawn between them."""


def gathered(marks: Sequence[Mark]) -> list[Mark]:
    """Return marks with thin lines of one look as one path, in the place of the first of them."""
    found: list[Mark] = []
    places: dict[str, int] = {}
    for mark in marks:
        if not isinstance(mark, Path) or mark.look not in _GATHERED:
            found.append(mark)
        elif mark.look in places:
            before = found[places[mark.look]]
            assert isinstance(before, Path)
            found[places[mark.look]] = Path(before.d + mark.d, mark.look)
        else:
            places[mark.look] = len(found)
            found.append(mark)
    return found


def spelled(value: float) -> str:
    """Spell a length: a tenth of a pixel is enough."""
    return f"{round(value, 1):g}"


def shortened(text: str, width: float, size: float) -> str:
    """Leave out the end of what would lie over its neighbour; most texts are a sixth narrower."""
    lengths = range(len(text), 0, -1)
    fits = next((n for n in lengths if width_px(text[:n], size) <= 1.2 * width), 1)
    return text if fits == len(text) else f"{text[: fits - 1]}…"
