"""How many rows, frames and inputs a kernel keeps in registers at once.

A tile of `rows` by `frames` accumulators needs ``rows + frames`` loads for ``rows * frames``
multiply-adds. On a Cortex-M7 two loads share a cycle when they hit the even and the odd word bank;
multiply-adds never share theirs with a load, so loads come in batches, each followed by all the
multiply-adds it feeds. `choose_tiling` weighs that up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache

from namgen.plan.layouts import Cut, Turn
from namgen.plan.layouts.divisors import divisors
from namgen.plan.layouts.frame_major.batches import load_cycles
from namgen.plan.layouts.frame_major.operations import Products, Tile
from namgen.plan.layouts.tilings import SumShape, Tiling, Tilings
from namgen.plan.operands import (
    BiasOf,
    CarryOf,
    DenseOf,
    Operand,
    TapsOf,
    WindowOf,
    group_sizes,
    inputs_of,
)
from namgen.plan.stages import GATES, CellKernel
from namgen.processors import Processor

MAX_ROWS = 8
MAX_FRAMES = 8
MAX_PRODUCTS = 256
"""Multiply-adds spelled out in one loop body; longer bodies are rolled."""
WINDOW_PRODUCTS = 8
"""Products of a tap and an input that a window spells out per turn."""
SHADOW_CYCLES = 1.5
"""What the first loads after a run of multiply-adds wait, half of them in pairs."""
AHEAD_SAVES = 1 / 12
"""Part of the cycles of its loads that a sum must save to load ahead: less is lost again."""
CELL_CONSTANTS = 2
"""Registers that compilers keep for constants of a cell's activations."""
SUMS_OF_A_VECTOR = 2
"""Sums that each register of a vector unit holds, at least: compilers put rows into its lanes."""
TILE_CYCLES = 12.0
"""What a tile costs beside its products: pointers, branches, the loop."""


@dataclass(frozen=True, slots=True)
class ScalarUnit:
    """What a processor without vectors offers."""

    registers: int
    paired_loads: bool  # of an even and an odd word in one cycle


def scalar_unit(processor: Processor) -> ScalarUnit:
    """Say what a processor offers where frames are computed one by one."""
    held = SUMS_OF_A_VECTOR if processor.lanes > 1 else 1
    return ScalarUnit(processor.registers * held, processor.paired_loads)


def padded_frames(block_frames: int) -> int:
    """Round a block up to frames that tiles of four divide; the shortest stay as they are."""
    return block_frames if block_frames < 4 else -(-block_frames // 4) * 4


def choose_tiling(shape: SumShape, padded: int, measured: Tilings, unit: ScalarUnit) -> Tiling:
    """Pick the tiling with the fewest estimated cycles per multiply-add, or the measured one."""
    known = measured.get(shape)
    if known is not None and padded % known.frames == 0:
        return known
    return _estimated_tiling(shape, padded, unit)


@cache
def _estimated_tiling(shape: SumShape, padded: int, unit: ScalarUnit) -> Tiling:
    fits = tilings(shape, padded, unit.registers)
    return min(fits, key=lambda tiling: cycles_per_product(shape, tiling, unit))


def tilings(shape: SumShape, padded: int, registers: int) -> list[Tiling]:
    """List every tiling that fits the registers; one is left for constants."""
    return [
        Tiling(rows, frames, batch, tap_unroll(shape, rows * frames))
        for rows in divisors(shape.rows, MAX_ROWS)
        for frames in divisors(padded, MAX_FRAMES)
        for batch in range(1, shape.inputs * shape.kernel_size + 1)
        if rows * frames + batch * (rows + frames) < registers
    ] or [Tiling(1, 1, 1, 1)]


def plain_tiling(padded: int) -> Tiling:
    """Pick the tiling of a kernel that only moves values."""
    return Tiling(1, max(divisors(padded, MAX_FRAMES)), 1, 1)


def cycles_per_product(shape: SumShape, tiling: Tiling, unit: ScalarUnit) -> float:
    """Estimate the cycles of one multiply-add, loads and loop included."""
    products = tiling.batch * tiling.rows * tiling.frames
    batch = products + batch_load_cycles(shape, tiling, unit) + SHADOW_CYCLES
    of_tile = shape.inputs * shape.kernel_size * tiling.rows * tiling.frames
    return batch / products + TILE_CYCLES / of_tile


def batch_load_cycles(shape: SumShape, tiling: Tiling, unit: ScalarUnit) -> float:
    """Count the cycles of one batch of loads: pairs need one even and one odd word."""
    if not unit.paired_loads:
        return float(tiling.batch * (tiling.rows + tiling.frames))
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


def unroll(inputs: int, products_per_input: int) -> int:
    """Pick how many inputs to spell out, so that a loop body stays readable and in the cache."""
    return max(divisors(inputs, max(1, MAX_PRODUCTS // products_per_input)))


@dataclass(frozen=True, slots=True)
class FrameTile:
    """Cuts up the sums of one kernel: the main one as `tiling` says, the others beside it."""

    tiling: Tiling
    unit: ScalarUnit

    @property
    def registers(self) -> int:
        """Registers of the processor."""
        return self.unit.registers

    @property
    def frames(self) -> int:
        """Frames of one tile."""
        return self.tiling.frames

    def cut(self, rows: int, operands: tuple[Operand, ...], in_registers: Collection[str]) -> Cut:
        """Cut up one sum; `in_registers` names the arrays that earlier sums left there."""
        row_tile = self._rows(rows, operands)
        resident = self.frames * _resident_channels(operands, in_registers)
        frames = self._frames(row_tile, resident) if resident else self.frames
        turns = (self._turn(operand, row_tile, frames, resident) for operand in operands)
        return Cut(row_tile, frames, tuple(turns))

    def _rows(self, rows: int, operands: tuple[Operand, ...]) -> int:
        """Pick how many rows to sum at once, never across a group of a grouped map."""
        groups = group_sizes(operands)
        main = any(isinstance(operand, TapsOf | WindowOf) for operand in operands)
        if main and all(size % self.tiling.rows == 0 for size in (rows, *groups)):
            return self.tiling.rows
        fits = (
            r
            for r in divisors(rows, MAX_ROWS)
            if r * self.frames + r + self.frames < self.registers
            and all(size % r == 0 for size in groups)
        )
        return max(fits, default=1)

    def _frames(self, rows: int, resident: int) -> int:
        """Pick how many frames go at a time beside `resident` values kept in registers."""
        every = divisors(self.frames, self.frames)
        fits = (f for f in every if rows * f + rows + resident < self.registers)
        return max(fits, default=self.frames)

    def _turn(self, operand: Operand, rows: int, frames: int, resident: int) -> Turn:
        """Pick what a turn of the loops over an operand spells out, and loads together."""
        products = rows * frames
        if isinstance(operand, BiasOf | CarryOf):
            return Turn()
        inputs = inputs_of(operand.conv)
        if isinstance(operand, WindowOf):
            return Turn(inputs, max(1, WINDOW_PRODUCTS // inputs))
        spelled = unroll(inputs, products)
        if isinstance(operand, DenseOf):
            loads = rows + (0 if resident else frames)
            free = self.registers - 1 - products - resident
            held = resident > 0 and operand.source.local and spelled == inputs
            ahead = free if held and rows <= free else 0
            return Turn(spelled, batch=max(1, free // loads), ahead=ahead)
        taps = self.tiling.tap_unroll if spelled == inputs else 1
        batch = min(self.tiling.batch, spelled * taps)
        tile = Tile(rows, frames, self.unit.paired_loads)
        return Turn(spelled, taps, batch, self._ahead(tile, spelled * taps, batch))

    def _ahead(self, tile: Tile, inputs: int, batch: int) -> int:
        """Pick how many registers hold what is loaded ahead, or 0: batch by batch."""
        free = self.registers - 1 - tile.rows * tile.frames
        whole = tile.rows + tile.frames
        if not tile.paired_loads or not whole + 2 <= free < whole * inputs:
            return 0
        apart = Products(
            tile, inputs, inputs, 1, batch, held=False, odd_weights=False, odd_values=False
        )
        before = load_cycles(apart.batches)
        saved = before - load_cycles(replace(apart, ahead=free).batches)
        return free if saved >= AHEAD_SAVES * before else 0


def _resident_channels(operands: tuple[Operand, ...], in_registers: Collection[str]) -> int:
    """Count the channels that a sum over arrays kept in registers finds there."""
    dense = (operand for operand in operands if isinstance(operand, DenseOf))
    return sum(o.source.channels for o in dense if o.source.name in in_registers)


@dataclass(frozen=True, slots=True)
class CellCut:
    """What a turn of an LSTM cell's loops spells out, and how many registers take its loads."""

    inputs: int
    hidden: int
    ahead: int


def cut_cell(kernel: CellKernel, registers: int) -> CellCut:
    """Cut up the sums of an LSTM cell: a gate's units are the rows."""
    rows = len(GATES) * kernel.unit_tile
    inputs, hidden = unroll(kernel.input_size, rows), unroll(kernel.hidden_size, rows)
    return CellCut(inputs, hidden, registers - CELL_CONSTANTS - rows)
