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

PLACED = "NAM_PLACED"
"""With this macro the generated C puts its arrays into the sections of its board."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an image is built for."""

    board: Board
    boot: Boot
    clock_hz: int
    block_frames: int
    model_name: str
    options: Mapping[str, str] = field(default_factory=dict)  # macros of board and pedal


def room_of(source: Path) -> str:
    """Name the room of a source; what is not the firmware's own is the model's C."""
    folder = firmware_dir()
    return source.relative_to(folder).parts[0] if source.is_relative_to(folder) else "model"


def macros_of(room: str, settings: Settings) -> dict[str, str]:
    """Return the macros that a room is told."""
    boot = {f"BOOT_{settings.boot.name.upper()}": "1"}
    audio = {"PEDAL_BLOCK_FRAMES": str(settings.block_frames), **settings.options}
    told = {
        "model": dict.fromkeys((PLACED, *load_processor(settings.board.processor).macros), "1"),
        "core": {},
        "codec": {},
        "chain": {},
        "chip": {**boot, "CPU_CLOCK_HZ": str(settings.clock_hz)},
        "board": {**boot, **audio},
        "pedal": {**audio, **_names_of(settings.model_name)},
    }
    return told[room]


def headers_of(room: str, *, wiring: Path, model: Path) -> tuple[Path, ...]:
    """Return the folders whose headers a room sees: the firmware's, the board's, the model's.

    The chain's own sizes are generated into the model's folder; it knows no board.
    """
    if room == "model":
        return (model,)
    if room == "chain":
        return (firmware_dir(), model)
    firmware = (firmware_dir(),) if room == "core" else (firmware_dir(), wiring)
    return (*firmware, model) if room == "pedal" else firmware


def _names_of(model: str) -> dict[str, str]:
    return {
        "NAM_HEADER": f'"nam_{model}.h"',
        "NAM_SYMBOL": f"nam_{model}",
        "NAM_CONSTANT": f"NAM_{model.upper()}",
    }
