"""What a player does while a sound is played, read from a CSV file: time, knob, value."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from namgen.c_text import counted
from namgen.chain.blocks import PARAMETERS
from namgen.errors import FileError, Problem, nearest
from namgen.pedal.said import position_of, position_problems
from namgen.toml_data import Signed

Switch: TypeAlias = Literal["bypass", "ir", "gate"]

SWITCHES: tuple[Switch, ...] = ("bypass", "ir", "gate")
"""On or off; `gate` with a position is the knob of that name."""
CAPTURE = "capture"
HEADING = ("time", "knob", "value")

_ON_OFF = {"on": True, "off": False}


@dataclass(frozen=True, slots=True)
class Turn:
    """A knob at a position from 0 to 1."""

    parameter: str
    position: float


@dataclass(frozen=True, slots=True)
class Throw:
    """A switch that is put on or off."""

    switch: Switch
    on: bool


@dataclass(frozen=True, slots=True)
class Choose:
    """Another capture, counted from 0."""

    capture: int


Action: TypeAlias = Turn | Throw | Choose


@dataclass(frozen=True, slots=True)
class Move:
    """Something that is done at a time."""

    seconds: float
    action: Action


def read_moves(path: Path, titles: Sequence[str]) -> tuple[Move, ...]:
    """Read a file of moves, in any order; `titles` are those of the captures.

    Raises:
        FileError: all lines that are no moves.
        OSError: it cannot be read.

    """
    rows = list(_rows(path))
    made: list[Move] = []
    problems: list[Problem] = []
    for line, cells in rows:
        told = list(_problems(cells, titles))
        problems += [Problem(f"line {line}", message) for message in told]
        if not told:
            made.append(Move(float(cells[0]), _action(cells[1].lower(), cells[2], titles)))
    if problems:
        raise FileError(path.name, problems)
    return tuple(sorted(made, key=lambda move: move.seconds))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield lines with something in them and their numbers, without heading and remarks."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, skipinitialspace=True)
            for cells in reader:
                stripped = [cell.strip() for cell in cells]
                is_remark = stripped[:1] and stripped[0].startswith("#")
                is_heading = tuple(cell.lower() for cell in stripped) == HEADING
                if any(stripped) and not is_remark and not is_heading:
                    yield reader.line_num, stripped
    except (ValueError, csv.Error) as error:
        problem = Problem("", f"expected CSV of time, knob, value, found: {error}")
        raise FileError(path.name, [problem]) from None


def _problems(cells: list[str], titles: Sequence[str]) -> Iterator[str]:
    if len(cells) != len(HEADING):
        found = counted(len(cells), "cell")
        yield f"expected time, knob and value with commas between them, found {found}"
        return
    time, knob, value = cells
    if _seconds(time) is None:
        yield f"time: expected seconds from the beginning, found {time!r}"
    known = dict.fromkeys([*PARAMETERS, CAPTURE, *SWITCHES])
    if knob.lower() not in known:
        yield f"knob: expected one of {', '.join(known)}, found {knob!r}{nearest(knob, known)}"
    else:
        yield from (f"value: {told}" for told in _value_problems(knob.lower(), value, titles))


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _value_problems(knob: str, value: str, titles: Sequence[str]) -> Iterator[str]:
    if knob == CAPTURE:
        if find_capture(value, titles) is None:
            hint = nearest(value, titles)
            yield f"expected a capture, {', '.join(titles)}, found {value!r}{hint}"
    elif value.lower() in _ON_OFF and knob in SWITCHES:
        return
    elif knob in PARAMETERS:
        yield from position_problems(knob, as_position(value))
    else:
        yield f"expected on or off, found {value!r}"


def as_position(text: str) -> Signed | str:
    """Return the number that a text spells, or else the text, which may be a level."""
    try:
        return Signed(float(text))
    except ValueError:
        return text


def find_capture(name: str, titles: Sequence[str]) -> int | None:
    """Return the number, from 0, of a capture by its title or its number from 1."""
    lower = [title.lower() for title in titles]
    if name.lower() in lower:
        return lower.index(name.lower())
    if name.isascii() and name.isdecimal() and 1 <= int(name) <= len(titles):
        return int(name) - 1
    return None


def _action(knob: str, value: str, titles: Sequence[str]) -> Action:
    switches: dict[str, Callable[[bool], Action]] = {
        "bypass": lambda on: Throw("bypass", on),
        "ir": lambda on: Throw("ir", on),
        "gate": lambda on: Throw("gate", on),
    }
    if knob == CAPTURE:
        return Choose(find_capture(value, titles) or 0)
    if knob in switches and value.lower() in _ON_OFF:
        return switches[knob](_ON_OFF[value.lower()])
    return Turn(knob, position_of(knob, as_position(value)))
