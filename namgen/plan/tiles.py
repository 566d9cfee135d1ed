"""How many rows and frames a kernel keeps in registers at once.

The Cortex-M7 has 32 float registers. A tile of `rows` by `frames` accumulators needs
``rows + frames`` loads for ``rows * frames`` multiply-adds, so square tiles win, until the
accumulators, one input's weights and its frames no longer fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_ACCUMULATORS = 16
MAX_ROWS = 8
MAX_FRAMES = 8
MAX_PRODUCTS = 256
"""Multiply-adds spelled out in one loop body; longer bodies are rolled."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Rows and frames in registers."""

    rows: int
    frames: int

    @property
    def reuse(self) -> float:
        """Multiply-adds per load."""
        return self.rows * self.frames / (self.rows + self.frames)


def divisors(number: int, limit: int) -> list[int]:
    """List the divisors of `number` up to `limit`, ascending."""
    return [d for d in range(1, min(number, limit) + 1) if number % d == 0]


def padded_frames(block_frames: int) -> int:
    """Round a block up to frames that tiles of four divide; the shortest blocks stay as they are."""
    return block_frames if block_frames < 4 else -(-block_frames // 4) * 4


def choose_tile(rows: int, padded: int) -> Tile:
    """Pick the tile with the most multiply-adds per load that fits the registers."""
    tiles = (
        Tile(r, f)
        for r in divisors(rows, MAX_ROWS)
        for f in divisors(padded, MAX_FRAMES)
        if r * f <= MAX_ACCUMULATORS
    )
    return max(tiles, key=lambda tile: (tile.reuse, tile.rows))


def row_tile(rows: int, frames: int, group_rows: Iterable[int]) -> int:
    """Pick how many rows go with `frames` frames, never across a group of a grouped map."""
    fits = [
        r
        for r in divisors(rows, MAX_ROWS)
        if r * frames <= MAX_ACCUMULATORS and all(size % r == 0 for size in group_rows)
    ]
    return max(fits, default=1)


def unroll(inputs: int, products_per_input: int) -> int:
    """Pick how many inputs to spell out, so that a loop body stays readable and in the cache."""
    return max(divisors(inputs, max(1, MAX_PRODUCTS // products_per_input)))
