"""Reads a `pedal.toml`: every problem at once, files as seen from the folder it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from namgen.chain.impulse import read_impulse
from namgen.controls.banks import banks_of
from namgen.errors import FileError, NamgenError, Problem, UnsupportedError
from namgen.nam_file import read
from namgen.nam_file.json_text import printable
from namgen.order import Order, make_order
from namgen.pedal.assigning import assigned, assignment_problems, is_known, label_problems
from namgen.pedal.choosing import choice_problem
from namgen.pedal.said import (
    MOST_BANKS,
    CabinetName,
    CaptureSaid,
    FileName,
    PedalSaid,
    RecordingName,
)
from namgen.pedal_boards import PedalBoard, is_file_name, load_pedal_board
from namgen.selection.recording import is_recording, read_recording
from namgen.targets import DEFAULT_TARGET, load_target
from namgen.toml_data import UNKNOWN, each_of, leaves, parse_toml, read_table, spelled

ENDING = ".toml"


def default_board(target: str | None = None) -> str:
    """Name the board that a pedal is built on where nobody says one."""
    usual = load_target(DEFAULT_TARGET).pedal
    return (load_target(target or DEFAULT_TARGET).board or usual).pedal_board


def is_pedal_file(path: Path) -> bool:
    """Whether a path means the description of a pedal, by its ending."""
    return path.suffix.lower() == ENDING


def read_pedal(path: Path, *, board: str | None = None, target: str | None = None) -> PedalSaid:
    """Read the description of a pedal; its paths lead on from where this process stands.

    Args:
        path: the file's.
        board: the one it is built on, where that is not the file's.
        target: of which its board is, where neither says one; and that it is made for.

    Raises:
        FileError: all that is wrong in it.

    """
    data = parse_toml(path)
    if "module" in data and "capture" not in data:
        told = "expected the description of a pedal, found that of a board; --board takes it"
        raise FileError(path.name, [Problem("", told)])
    chosen = _board_of(path.parent, data, board, default_board(target))
    more = partial(_cross_problems, path.parent, chosen, target)
    said = read_table(path, data, PedalSaid, more)
    return from_here(path.parent, said)


def _bank_problems(board: PedalBoard, said: PedalSaid) -> Iterator[Problem]:
    """Yield banks that no toggle chooses."""
    banks = banks_of(board)
    words = ", ".join(map(str, banks)) or "none, for no toggle of it chooses any"
    for number, capture in enumerate(said.captures):
        bank = None if capture is UNKNOWN or capture.bank is UNKNOWN else capture.bank
        if bank is not None and 1 <= bank <= MOST_BANKS and bank not in banks:
            told = f"expected a bank of {board.name}, {words}, found {bank}"
            yield Problem(f"capture[{number}].bank", told)


def _choice_problems(board: PedalBoard, said: PedalSaid) -> Iterator[Problem]:
    """Yield captures that nothing chooses, where their banks are right."""
    asked = [capture.bank for capture in said.captures]
    if {None, *banks_of(board)}.issuperset(asked) and (told := choice_problem(board, asked)):
        yield Problem("capture", told)


def from_here(folder: Path, said: PedalSaid) -> PedalSaid:
    """Return what is said of files in a folder, as it is said where this process stands."""
    captures = tuple(_capture_from_here(folder, capture) for capture in said.captures)
    ir = said.ir and CabinetName(str(folder / said.ir))
    board, calibrate = said.board, said.calibrate
    if board is not None and is_file_name(board):
        board = str(folder / board)
    if isinstance(calibrate, str):
        calibrate = RecordingName(str(folder / calibrate))
    return replace(said, board=board, ir=ir, calibrate=calibrate, captures=captures)


def _capture_from_here(folder: Path, said: CaptureSaid) -> CaptureSaid:
    ir = CabinetName(str(folder / said.ir)) if said.ir else said.ir
    return replace(said, file=FileName(str(folder / said.file)), ir=ir)


def _board_of(folder: Path, data: Mapping[str, Any], other: str | None, usual: str) -> str:
    if other is not None:
        return other
    name = str(next((value for _, value in spelled(PedalSaid, data, "board")), usual))
    return str(folder / name) if is_file_name(name) else name


def _cross_problems(
    folder: Path, chosen: str, target: str | None, data: dict[str, Any], said: PedalSaid
) -> Iterator[Problem]:
    """Yield what no single table can know."""
    if not any(tables for _, tables in spelled(PedalSaid, data, "capture")):
        yield Problem("capture", "expected at least one [[capture]], found none")
    yield from _file_problems(folder, data)
    yield from _name_problems(data)
    try:
        board = load_pedal_board(chosen)
    except NamgenError as error:
        yield from (Problem("board", line) for line in _lines(error))
        return
    yield from label_problems(board, data)
    yield from _order_problems(target or board.carried.target, data)
    used = assigned(board, said)
    yield from assignment_problems(used, said)
    if is_known(used, said, "toggles"):
        yield from _bank_problems(used, said)
    if is_known(used, said, "toggles", "footswitches", "encoders"):
        yield from each_of(partial(_choice_problems, used, said))


def _examine_recording(path: Path) -> None:
    """Read a recording; another word has its own problem."""
    if is_recording(path.name):
        read_recording(path)


_READERS: Mapping[Any, Callable[[Path], object]] = {
    FileName: read,
    CabinetName: read_impulse,
    RecordingName: _examine_recording,
}


def _file_problems(folder: Path, data: dict[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the files of captures, cabinets and recordings."""
    for leaf in leaves(PedalSaid, data):
        if leaf.kind not in _READERS or not isinstance(leaf.value, str):
            continue
        try:
            _READERS[leaf.kind](folder / leaf.value)
        except (NamgenError, ValueError) as error:
            yield from (Problem(leaf.path, line) for line in _lines(error))


def _name_problems(data: dict[str, Any]) -> Iterator[Problem]:
    """Yield names that two captures have; case does not tell them apart."""
    places: dict[str, list[str]] = {}
    for key, tables in spelled(PedalSaid, data, "capture"):
        for number, table in enumerate(tables if isinstance(tables, list) else ()):
            if isinstance(table, dict):
                name = title_of(*(_first(table, key) for key in ("name", "file"))).lower()
                places.setdefault(name, []).append(f"{key}[{number}]")
    for name, which in places.items():
        if name and len(which) > 1:
            who = " and ".join(which[:-1])
            said = f'{who} is called {name!r} too; name = "..." tells them apart'
            yield Problem(f"{which[-1]}.name", said)


def _first(capture: dict[str, Any], key: str) -> object:
    return next((value for _, value in spelled(CaptureSaid, capture, key)), "")


def title_of(name: object, file: object) -> str:
    """Return what players call a capture: its name, or that of its file without the ending."""
    return printable(str(name) if name else Path(str(file)).stem)


def _order_problems(name: str, data: dict[str, Any]) -> Iterator[Problem]:
    """Yield ways to run that a target does not offer."""
    target = load_target(name)
    asked: dict[str, Callable[[str], Order]] = {
        "clock": lambda value: make_order(target, clock=value, block_frames=None),
        "boot": lambda value: make_order(target, clock=None, block_frames=None, boot=value),
    }
    for key, check in asked.items():
        for place, value in spelled(PedalSaid, data, key):
            try:
                check(str(value))
            except UnsupportedError as error:
                yield from (Problem(place, line) for line in _lines(error))


def _lines(error: Exception) -> tuple[str, ...]:
    match error:
        case UnsupportedError():  # the key says already what this is about
            return tuple(line[max(0, line.find("expected ")) :] for line in error.lines)
        case NamgenError():
            return error.lines
    return (str(error),)
