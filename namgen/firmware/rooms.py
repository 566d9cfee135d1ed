"""What each room of the firmware is compiled with: a room is told what it may know, and no more.

So the C of a lower room is the same in every image of its board.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from namgen.boards import Board, Boot
from namgen.processors import load_processor
from namgen.resources import firmware_dir

MODEL_PREFIX = "nam"
"""How the names of a model's files begin; those of other generated files begin with their room."""

PLACED = "NAM_PLACED"
"""With this macro the generated C puts its arrays into the sections of its board."""


SMALL = ("board", "chip", "codec", "core")
"""Rooms whose code runs at the start, or for moments of a block: size counts there, not speed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an image is built for."""

    board: Board
    boot: Boot
    clock_hz: int
    block_frames: int
    plays: str  # prefix of the functions that the pedal plays: a model's, or the sound's
    options: Mapping[str, str] = field(default_factory=dict)  # macros of board and pedal


def room_of(source: Path) -> str:
    """Name the room of a source: its folder in the firmware, or what a generated file is about."""
    folder = firmware_dir()
    if source.is_relative_to(folder):
        return source.relative_to(folder).parts[0]
    about = source.stem.partition("_")[0]
    return "model" if about == MODEL_PREFIX else about


def options_of(room: str) -> tuple[str, ...]:
    """Return what a compiler is told of a room's size; Clang would spell many loops out."""
    if room == "selftest":  # which has the models of several pedals beside it
        return ("-Os",)
    return ("-fno-unroll-loops",) if room in SMALL else ()


def macros_of(room: str, settings: Settings) -> dict[str, str]:
    """Return the macros that a room is told."""
    boot = {f"BOOT_{settings.boot.name.upper()}": "1"}
    audio = {"PEDAL_BLOCK_FRAMES": str(settings.block_frames), **settings.options}
    computes = dict.fromkeys((PLACED, *load_processor(settings.board.processor).macros), "1")
    told = {
        "model": computes,
        "chain": computes,
        "sound": computes,
        "captures": {},
        "core": {},
        "codec": {},
        "controls": {},
        "panel": {},
        "chip": {**boot, "CPU_CLOCK_HZ": str(settings.clock_hz)},
        "board": {**boot, **audio},
        "pedal": {**audio, **_names_of(settings.plays)},
        "selftest": {**boot, **audio},
    }
    return told[room]


def headers_of(room: str, *, wiring: Path, model: Path) -> tuple[Path, ...]:
    """Return the folders whose headers a room sees: the firmware's, the board's, the model's.

    The sizes of chain, sound and controls are generated into the model's folder; they know no
    board.
    """
    if room in ("model", "captures"):
        return (model,)
    if room in ("chain", "sound", "controls"):
        return (firmware_dir(), model)
    firmware = (firmware_dir(),) if room == "core" else (firmware_dir(), wiring)
    return (*firmware, model) if room in ("pedal", "selftest") else firmware


def _names_of(plays: str) -> dict[str, str]:
    return {
        "NAM_HEADER": f'"{plays}.h"',
        "NAM_SYMBOL": plays,
        "NAM_CONSTANT": plays.upper(),
    }
