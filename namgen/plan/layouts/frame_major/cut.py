"""How many rows, frames and inputs a kernel keeps in registers at once.

The Cortex-M7 has 32 float registers. A tile of `rows` by `frames` accumulators needs
``rows + frames`` loads for ``rows * frames`` multiply-adds. Two loads share a cycle when they hit
the even and the odd word bank, and multiply-adds never share theirs with a load, so loads come in
batches, each followed by all the multiply-adds it feeds. `choose_tiling` weighs that up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from namgen.plan.layouts.divisors import divisors
from namgen.targets import target_data

REGISTERS = 31
"""Float registers a tile may use; one is left for constants."""
MAX_ROWS = 8
MAX_FRAMES = 8
MAX_PRODUCTS = 256
"""Multiply-adds spelled out in one loop body; longer bodies are rolled."""
SHADOW_CYCLES = 1.5
"""What the first loads after a run of multiply-adds wait, half of them in pairs."""
TILE_CYCLES = 12.0
"""What a tile costs beside its products: pointers, branches, the loop."""


@dataclass(frozen=True, slots=True)
class Tiling:
    """Rows and frames in registers, inputs loaded together, taps spelled out per turn."""

    rows: int
    frames: int
    batch: int
    tap_unroll: int


@dataclass(frozen=True, slots=True)
class SumShape:
    """What decides a tiling: the size of a sum and of what it reads."""

    rows: int  # of one group
    inputs: int  # of one group
    kernel_size: int
    stride: int  # floats from one frame to the next


Tilings = Mapping[SumShape, Tiling]
"""Measured choices, by shape; they win over the estimate."""


@cache
def measured_tilings(target: str) -> Tilings:
    """Read the choices that `namgen tune` stored for a target; empty where there are none."""
    data = target_data(target, "tilings") or {"tiling": []}
    return {SumShape(**entry["shape"]): Tiling(**entry["choice"]) for entry in data["tiling"]}


def padded_frames(block_frames: int) -> int:
    """Round a block up to frames that tiles of four divide; the shortest stay as they are."""
    return block_frames if block_frames < 4 else -(-block_frames // 4) * 4


def choose_tiling(shape: SumShape, padded: int, measured: Tilings) -> Tiling:
    """Pick the tiling with the fewest estimated cycles per multiply-add, or the measured one."""
    known = measured.get(shape)
    if known is not None and padded % known.frames == 0:
        return known
    return _estimated_tiling(shape, padded)


@cache
def _estimated_tiling(shape: SumShape, padded: int) -> Tiling:
    return min(tilings(shape, padded), key=lambda tiling: cycles_per_product(shape, tiling))


def tilings(shape: SumShape, padded: int) -> list[Tiling]:
    """List every tiling that fits the registers."""
    return [
        Tiling(rows, frames, batch, tap_unroll(shape, rows * frames))
        for rows in divisors(shape.rows, MAX_ROWS)
        for frames in divisors(padded, MAX_FRAMES)
        for batch in range(1, shape.inputs * shape.kernel_size + 1)
        if rows * frames + batch * (rows + frames) <= REGISTERS
    ] or [Tiling(1, 1, 1, 1)]


def cycles_per_product(shape: SumShape, tiling: Tiling) -> float:
    """Estimate the cycles of one multiply-add, loads and loop included."""
    products = tiling.batch * tiling.rows * tiling.frames
    batch = products + load_cycles(shape, tiling) + SHADOW_CYCLES
    of_tile = shape.inputs * shape.kernel_size * tiling.rows * tiling.frames
    return batch / products + TILE_CYCLES / of_tile


def load_cycles(shape: SumShape, tiling: Tiling) -> float:
    """Count the cycles of one batch of loads: pairs need one even and one odd word."""
    banks = [0, 0]
    for i in range(tiling.batch):
        for row in range(tiling.rows):
            banks[(i * tiling.rows + row) % 2] += 1
        for frame in range(tiling.frames):
            banks[(frame * shape.stride + i) % 2] += 1
    return float(max(banks))


def tap_unroll(shape: SumShape, products_per_input: int) -> int:
    """Pick how many taps to spell out per turn of the loop over taps."""
    limit = MAX_PRODUCTS // max(1, products_per_input * shape.inputs)
    return max(divisors(shape.kernel_size, max(1, limit)))


def row_tile(rows: int, frames: int, group_rows: Iterable[int]) -> int:
    """Pick how many rows go with `frames` frames, never across a group of a grouped map."""
    sizes = tuple(group_rows)
    fits = [
        r
        for r in divisors(rows, MAX_ROWS)
        if r * frames + r + frames <= REGISTERS and all(size % r == 0 for size in sizes)
    ]
    return max(fits, default=1)


def frame_tile(rows: int, frames: int, resident: int) -> int:
    """Pick how many frames of a sum go at a time beside `resident` values kept in registers."""
    fits = [f for f in divisors(frames, frames) if rows * f + rows + resident <= REGISTERS]
    return max(fits, default=frames)


def batch_size(rows: int, frames: int, loads_per_input: int, resident: int) -> int:
    """Pick how many inputs to load together."""
    return max(1, (REGISTERS - rows * frames - resident) // loads_per_input)


def unroll(inputs: int, products_per_input: int) -> int:
    """Pick how many inputs to spell out, so that a loop body stays readable and in the cache."""
    return max(divisors(inputs, max(1, MAX_PRODUCTS // products_per_input)))
