"""Plans the same network for a host: the same sums in the same order, tiles of whole vectors."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.arithmetic import F32
from namgen.ir import Conv1d
from namgen.plan.builder import Builder
from namgen.plan.draft import BiasOf, CarryOf, Cut, DenseOf, Draft, Operand, WindowOf, group_rows
from namgen.plan.layouts.frame_major.cut import Tiling
from namgen.plan.layouts.planar import cut as layout
from namgen.plan.layouts.planar.cut import VECTOR_UNITS, VectorUnit
from namgen.plan.layouts.planar.storage import Layout, make_layout
from namgen.plan.memory import FLOAT_BYTES, Buffer, History, Run, Shape
from namgen.plan.program import VectorLstmStage
from namgen.plan.steps import Bias, Carry, Dense, Rows, Taps, Term, Window, Zero


@dataclass(slots=True, eq=False)
class HostBuilder(Builder):
    """A `Builder` whose tiles are counted in vectors of `unit`."""

    unit: VectorUnit = VECTOR_UNITS[0]

    def history(
        self, symbol: str, lookback: int, start: F32, *, contiguous: bool = False
    ) -> History:
        """Make the memory of one convolution's input: always one run, past first."""
        made = History(
            f"{symbol}_history",
            len(start),
            lookback,
            self.padded,
            Shape.FLAT if lookback else Shape.BLOCK,
            tuple(float(value) for value in start),
        )
        self.histories.append(made)
        return made

    def draft(self, conv: Conv1d) -> Draft:
        """Start a kernel whose main sum is `conv`."""
        rows = conv.out_channels // conv.groups
        return self._draft(layout.main_rows(rows, self.unit))

    def plain_draft(self) -> Draft:
        """Start a kernel that only moves values."""
        return self._draft(1)

    def _draft(self, rows: int) -> Draft:
        vectors = layout.tile_vectors(rows, self.unit)
        return HostDraft(Tiling(rows, vectors, 1, 1), self.padded, unit=self.unit)

    def layout(self) -> Layout:
        """Lay out what was made."""
        return make_layout(self.unit, self.padded, self.histories)

    def buffers(self) -> tuple[Buffer, ...]:
        """List every static array; a host has but one memory."""
        lay = self.layout()
        constant = {weights.symbol: len(weights.values) for weights in self.weights}
        runs: tuple[Run, ...] = (*self.histories, *self.blocks)
        mutable = {run.symbol: lay.floats(run) for run in runs}
        for stage in self.stages:
            if isinstance(stage, VectorLstmStage):
                for cell in stage.cells:
                    mutable[f"{cell.symbol}_hidden"] = cell.units
                    mutable[f"{cell.symbol}_state"] = cell.units
        return tuple(
            Buffer(symbol, floats * FLOAT_BYTES, "host", is_constant, 1.0)
            for arrays, is_constant in ((constant, True), (mutable, False))
            for symbol, floats in arrays.items()
        )


@dataclass(slots=True, eq=False)
class HostDraft(Draft):
    """A `Draft` whose `frames` are vectors of `unit`."""

    unit: VectorUnit = VECTOR_UNITS[0]

    def _row_tile(self, rows: int, operands: tuple[Operand, ...]) -> int:
        groups = [size for size in map(group_rows, operands) if size]
        return layout.row_tile(rows, self.frames, self.unit, groups)

    def _resident(self, operands: tuple[Operand, ...]) -> int:
        return 0

    def _term(self, operand: Operand, cut: Cut) -> Term:
        if isinstance(operand, BiasOf):
            return Zero() if operand.conv.bias is None else Bias()
        if isinstance(operand, CarryOf):
            return Carry(operand.source)
        conv = operand.conv
        inputs, rows = int(conv.weight.shape[1]), conv.out_channels // conv.groups
        turn = layout.unroll(inputs, cut.rows * self.frames)
        if isinstance(operand, DenseOf):
            return Dense(operand.source, inputs, rows, turn, 1)
        if isinstance(operand, WindowOf):
            return Window(operand.source, conv.kernel_size, 1)
        self.tap_rows = Rows("past", conv.in_channels)
        return Taps(self.tap_rows, conv.kernel_size, inputs, rows, turn, 1, 1)
