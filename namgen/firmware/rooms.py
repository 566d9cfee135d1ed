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
    name = settings.model_name
    processor = load_processor(settings.board.processor)
    model = dict.fromkeys((PLACED, *processor.macros), "1")
    chip = {"CPU_CLOCK_HZ": str(settings.clock_hz), f"BOOT_{settings.boot.name.upper()}": "1"}
    board = {**chip, "PEDAL_BLOCK_FRAMES": str(settings.block_frames), **settings.options}
    pedal = {
        **board,
        "NAM_HEADER": f'"nam_{name}.h"',
        "NAM_SYMBOL": f"nam_{name}",
        "NAM_CONSTANT": f"NAM_{name.upper()}",
    }
    return {"model": model, "core": {}, "chip": chip, "board": board, "pedal": pedal}[room]


def headers_of(room: str, *, wiring: Path, model: Path) -> tuple[Path, ...]:
    """Return the folders whose headers a room sees: the firmware's, the board's, the model's."""
    board = (firmware_dir(), wiring)
    pedal = (*board, model)
    return {"model": (model,), "core": board[:1], "chip": board, "board": board, "pedal": pedal}[
        room
    ]
