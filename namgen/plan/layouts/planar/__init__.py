"""A row of memory per channel, so that frames fill the vectors of a processor that has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from namgen.ir import Conv1d, Lstm
from namgen.plan.layouts import windows
from namgen.plan.layouts.planar import cut
from namgen.plan.layouts.planar.cut import VectorTile, VectorUnit
from namgen.plan.layouts.planar.lstm import plan_cells
from namgen.plan.layouts.planar.schedule import Schedule, schedule
from namgen.plan.layouts.planar.storage import PlanarStorage, make_storage
from namgen.plan.memory import History, Run
from namgen.plan.parts import Parts
from namgen.start_state import LstmStart


@dataclass(frozen=True, slots=True)
class Planar:
    """The layout for blocks of `padded_frames`: whole vectors of `unit`."""

    name: ClassVar[str] = "planar"  # and of the folder with its templates

    padded_frames: int
    unit: VectorUnit

    @property
    def vector(self) -> str:
        """Name of the vector unit it is for."""
        return self.unit.name

    @property
    def lanes(self) -> int:
        """Frames of one vector."""
        return self.unit.lanes

    def tile(self, conv: Conv1d) -> VectorTile:
        """Choose the tile of a kernel whose main sum is `conv`."""
        return cut.main_tile(conv, self.unit)

    def plain_tile(self) -> VectorTile:
        """Choose the tile of a kernel that only moves values."""
        return cut.vector_tile(1, self.unit)

    def reads_window(self, conv: Conv1d) -> bool:
        """Whether the taps of `conv` are read as one run of memory."""
        return windows.reads_window(conv)

    def is_contiguous(self, history: History) -> bool:
        """Every history is: its past lies in front of its newest block, wherever that is."""
        return True

    def plan_lstm(self, parts: Parts, net: Lstm, start: LstmStart, source: Run, of: str) -> Run:
        """Plan all layers as one stage; return where the hidden states of the last one go."""
        return plan_cells(parts, net, start, self.unit, source, of) if net.cells else source

    def schedule(self, parts: Parts) -> Schedule:
        """Decide what every kernel does to its tiles."""
        return schedule(parts.kernels.values(), parts.cell_kernels, self.lanes)

    def storages(self, parts: Parts) -> tuple[PlanarStorage, ...]:
        """Lay out all memories: a row per channel."""
        return (make_storage(parts.histories, self.padded_frames),)


def planar(block_frames: int, unit: VectorUnit) -> Planar:
    """Return the layout for calls of up to `block_frames`."""
    return Planar(-(-block_frames // unit.lanes) * unit.lanes, unit)
