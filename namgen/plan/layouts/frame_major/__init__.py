"""Frame by frame: all channels of a frame side by side, for a processor without vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from namgen.ir import Conv1d, Lstm
from namgen.plan.layouts import windows
from namgen.plan.layouts.frame_major import cut, storage
from namgen.plan.layouts.frame_major.cut import FrameTile, ScalarUnit
from namgen.plan.layouts.frame_major.lstm import plan_cells
from namgen.plan.layouts.frame_major.schedule import Schedule, schedule
from namgen.plan.layouts.frame_major.storage import FrameMajorStorage, make_storage
from namgen.plan.layouts.tilings import SumShape, Tiling, Tilings, sum_shape
from namgen.plan.memory import History, Run
from namgen.plan.parts import Parts
from namgen.start_state import LstmStart


@dataclass(frozen=True, slots=True)
class FrameMajor:
    """The layout for blocks of `padded_frames`: whole tiles, on a processor with `unit`."""

    name: ClassVar[str] = "frame_major"  # and of the folder with its templates
    vector: ClassVar[None] = None
    lanes: ClassVar[int] = 1

    padded_frames: int
    unit: ScalarUnit
    tilings: Tilings

    def tile(self, conv: Conv1d) -> FrameTile:
        """Choose the tile of a kernel whose main sum is `conv`."""
        return FrameTile(self.tiling(sum_shape(conv)), self.unit)

    def tiling(self, shape: SumShape) -> Tiling:
        """Choose how sums of one shape are cut up."""
        return cut.choose_tiling(shape, self.padded_frames, self.tilings, self.unit)

    def possible_tilings(self, shape: SumShape) -> list[Tiling]:
        """List every way that sums of one shape could be cut up."""
        return cut.tilings(shape, self.padded_frames, self.unit.registers)

    def estimated_cycles(self, shape: SumShape, tiling: Tiling) -> float:
        """Estimate the cycles of one multiply-add of such a sum."""
        return cut.cycles_per_product(shape, tiling, self.unit)

    def plain_tile(self) -> FrameTile:
        """Choose the tile of a kernel that only moves values."""
        return FrameTile(cut.plain_tiling(self.padded_frames), self.unit)

    def reads_window(self, conv: Conv1d) -> bool:
        """Whether the taps of `conv` are read as one run of memory."""
        return windows.reads_window(conv)

    def is_contiguous(self, history: History) -> bool:
        """Whether the past and the newest block are one run of memory."""
        return storage.is_contiguous(history, self.padded_frames)

    def plan_lstm(self, parts: Parts, net: Lstm, start: LstmStart, source: Run, of: str) -> Run:
        """Plan layer after layer; return where the hidden states of the last one go."""
        return plan_cells(parts, net, start, source, of)

    def schedule(self, parts: Parts) -> Schedule:
        """Decide what every kernel does to its tiles."""
        return schedule(parts.kernels.values(), parts.cell_kernels, self.unit)

    def storages(self, parts: Parts) -> tuple[FrameMajorStorage, ...]:
        """Lay out all memories, with rings of one width in one array or each in its own."""
        return tuple(
            make_storage(parts.histories, self.padded_frames, shares_rings=shares)
            for shares in (True, False)
        )


def frame_major(block_frames: int, unit: ScalarUnit, tilings: Tilings) -> FrameMajor:
    """Return the layout for calls of up to `block_frames`; `tilings` were measured before."""
    return FrameMajor(cut.padded_frames(block_frames), unit, tilings)
