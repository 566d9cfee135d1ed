"""Writes a `pedal.toml` with every key there is: said ones, and as comments all others."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namgen.boards import Board
from namgen.chain.blocks import PARAMETERS
from namgen.emit import template_environment
from namgen.errors import UnsupportedError
from namgen.naming import c_name
from namgen.pedal.said import CaptureSaid, PedalSaid
from namgen.pedal_boards import PedalBoard, is_file_name
from namgen.pedal_boards.controls import Led, Toggle

_COMMENT_COLUMN = 40


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the file: what it is worth where nobody says it, and what it does."""

    name: str
    without: object
    does: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of names that a board gives."""

    name: str
    comment: str
    lines: tuple[str, ...]


CAPTURE_KEYS = (
    Key("name", None, "as players call it"),
    Key("trim_db", 0.0, "louder or softer than the other captures, -40 to 40"),
    Key("ir", False, 'a cabinet of its own, "cab.wav", or false: none'),
    Key("bank", 1, "that a toggle chooses; without: they are spread over the banks"),
    Key("submodel", "largest-that-fits", "of a container: lite, full, or a number from 1"),
    Key("slim", 0.5, "or how wide, from 0 (small) to 1 (full); without: as submodel says"),
    Key("tanh", "exact", "or fast, as NAM plug-ins compute it"),
    Key("precision", "auto", "or float32, fixed32, fixed16: docs/fixed-point.md"),
)
"""Beside `file`."""

_OF_ALL_CAPTURES = ("submodel", "slim", "tanh", "precision")
"""What a pedal says for those that do not."""


def pedal_keys(said: PedalSaid, board: PedalBoard, module: Board) -> Iterator[Key]:
    """Yield the keys that stand before the captures, with what a board makes of them."""
    name = c_name(Path(said.captures[0].file).name)
    clocks = " or ".join(str(hz // 1_000_000) for hz in module.clock.options_hz)
    boots = ", ".join(boot.name for boot in module.boots)
    yield Key("board", said.board or board.name, "a name of `namgen board`, or a file beside this")
    yield Key("name", name, "in C, and of the folder; without, it is build/ and this file's name")
    yield Key("block", module.audio.block_frames, "frames: 8, 16, 24, ...; fewer cost more")
    yield Key("clock", module.clock.default_hz // 1_000_000, f"MHz, {clocks}")
    yield Key("boot", module.boots[0].name, f"{boots}: docs/daisy.md")
    yield Key("idle", "spin", "between two blocks: spin, or sleep, to save power")
    yield Key("normalize", True, "bring all captures to one loudness")
    yield Key("calibrate", True, 'as hard as captured; "my.wav": for this guitar: docs/pedal.md')
    yield Key("bypass_idle", False, "the model rests while bypassed, and forgets")
    yield Key("ir", "cab.wav", "the cabinet of every capture; without: none")
    yield Key("ir_length", 1024, "taps; without: as many as can be heard")
    yield Key("minimum_phase", False, "move the cabinet's energy to its beginning")
    yield from (key for key in CAPTURE_KEYS if key.name in _OF_ALL_CAPTURES)


def pedal_text(said: PedalSaid, board: PedalBoard, module: Board, *, place: Path) -> str:
    """Spell what is said of a pedal with captures as the file that will be at `place`.

    `board` is what the file is about; `module` is what it carries.

    Raises:
        UnsupportedError: the name of a file is no text.

    """
    keys = pedal_keys(said, board, module)
    folder = place.parent
    template = template_environment().get_template("pedal/pedal.toml.j2")
    return template.render(
        file=place.name,
        settings=[_line(key, _place(getattr(said, key.name), key.name, folder)) for key in keys],
        captures=[tuple(_capture(capture, folder)) for capture in said.captures],
        tables=tuple(_tables(said, board)),
    )


def _capture(said: CaptureSaid, folder: Path) -> Iterator[str]:
    yield _spelled("file", _place(said.file, "file", folder), "", is_said=True)
    for key in CAPTURE_KEYS:
        value = getattr(said, key.name)
        is_silent = value is None or (key.name, value) == ("trim_db", 0.0)
        without = Path(said.file).stem if key.name == "name" else key.without
        shown = without if is_silent else _place(value, key.name, folder)
        yield _spelled(key.name, shown, key.does, is_said=not is_silent)


def _line(key: Key, value: object) -> str:
    is_said = value is not None or key.name == "board"
    return _spelled(key.name, key.without if value is None else value, key.does, is_said=is_said)


def _spelled(name: str, value: object, does: str, *, is_said: bool) -> str:
    text = f"{'' if is_said else '# '}{_key(name)} = {_value(value)}"
    return f"{text:<{_COMMENT_COLUMN}}# {does}" if does else text


def _place(value: object, key: str, folder: Path) -> object:
    """Spell where a file is as seen from the folder that the description will be in."""
    is_file = key in ("file", "ir", "calibrate") or (key == "board" and is_file_name(str(value)))
    if not is_file or not isinstance(value, str) or Path(value).is_absolute():
        return value
    try:
        return Path(os.path.relpath(value, folder)).as_posix()
    except ValueError:  # on another drive
        return str(Path(value).absolute())


def _tables(said: PedalSaid, board: PedalBoard) -> Iterator[Table]:
    settings = tuple(_settings(said, board))
    yield Table("set", 'Where knobs stand at first: from 0 to 1, or a level, "-65 dB".', settings)
    for name, comment, values in _controls(board):
        if values:
            yield Table(name, comment, tuple(_uses(values, getattr(said, name))))


def _settings(said: PedalSaid, board: PedalBoard) -> Iterator[str]:
    knobs: dict[str, str] = {knob.sets: knob.label for knob in (*board.knobs, *board.expressions)}
    for name, parameter in PARAMETERS.items():
        value = said.positions.get(name, round(parameter.default, 6))
        there = f"; on the pedal, knob {knobs[name]} says where" if name in knobs else ""
        does = f"{parameter.lowest} to {parameter.highest}{there}"
        yield _spelled(name, value, does, is_said=name in said.positions)


def _controls(board: PedalBoard) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Yield the tables of what controls do, as the board has it."""
    yield (
        "knobs",
        f"What each knob sets: {', '.join(PARAMETERS)}, or none.",
        {knob.label: knob.sets for knob in board.knobs},
    )
    yield (
        "expressions",
        "What an expression pedal sets, as a knob.",
        {pedal.label: pedal.sets for pedal in board.expressions},
    )
    yield (
        "footswitches",
        "What a press does: bypass, next-capture, previous-capture, or none.",
        {switch.label: switch.does for switch in board.footswitches},
    )
    yield (
        "toggles",
        "What each way of a toggle does: ir-on, ir-off; gate-on, gate-off; bank-1 to bank-4; "
        "capture-1 to capture-4; none.",
        {toggle.label: _ways(toggle) for toggle in board.toggles},
    )
    yield (
        "encoders",
        "What turning chooses (capture, none), and what a press does, as a footswitch.",
        {e.label: {"turns": e.turns, "does": e.does} for e in board.encoders},
    )
    yield (
        "leds",
        "What a light shows: status, bypass, overrun, capture, capture-1 to capture-8, or none.",
        {led.label: _lit(led) for led in board.leds},
    )


def _uses(values: Mapping[str, object], said: Mapping[str, Any]) -> Iterator[str]:
    for label, value in values.items():
        yield _spelled(label, value, "", is_said=label in said)


def _ways(toggle: Toggle) -> dict[str, str]:
    return {place.label: place.does for place in toggle.positions}


def _lit(led: Led) -> str:
    return f"{led.shows}-{led.capture}" if led.capture else led.shows


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: object) -> str:
    """Spell a value as TOML does."""
    if isinstance(value, dict):
        return f"{{ {_listed(f'{_key(k)} = {_value(v)}' for k, v in value.items())} }}"
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UnsupportedError(f"{value}: expected a name that is text; rename it") from None
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)
