"""How a kernel's loop walks over frames and rows."""

from __future__ import annotations

from dataclasses import dataclass

SUMS = 8
"""Sums in registers: rows of a group times frames of a tile."""


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a kernel walks: frames of a tile, tiles of a turn, rows of a group."""

    frames: int
    tiles: int
    rows: int

    @property
    def turn_frames(self) -> int:
        """Frames of one turn of the loop."""
        return self.frames * self.tiles

    @classmethod
    def of(cls, rows: int) -> Tiling:
        """Tile a layer by so many rows."""
        return cls(SUMS // rows, 1, rows)
