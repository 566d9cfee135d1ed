"""Collects what a model needs, stage by stage: memories, weights, kernels and their calls."""

from __future__ import annotations

from dataclasses import dataclass, field

from namgen.arithmetic import F32
from namgen.ir import Conv1d
from namgen.plan.draft import Draft
from namgen.plan.layouts.divisors import divisors
from namgen.plan.layouts.frame_major.cut import MAX_FRAMES, SumShape, Tiling, Tilings, choose_tiling
from namgen.plan.memory import Block, History, OldestRun, Ring, Run, Shape, TapPointers, Weights
from namgen.plan.program import CellKernel, KernelStage, NamedKernel, PublishStage, Stage
from namgen.plan.steps import Kernel

FLAT_BLOCKS = 2
"""A past of up to so many blocks is moved down after each call rather than kept in a ring."""


@dataclass(slots=True, eq=False)
class Builder:
    """The program under construction; `padded` frames a block.

    With `shares_rings`, rings of one width are one array: one copy of a block in place of many.
    """

    padded: int
    tilings: Tilings = field(default_factory=dict)
    shares_rings: bool = False
    histories: list[History] = field(default_factory=list)
    rings: dict[str, Ring] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    weights: list[Weights] = field(default_factory=list)
    kernels: dict[Kernel, NamedKernel] = field(default_factory=dict)
    cells: list[CellKernel] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    def history(
        self, symbol: str, lookback: int, start: F32, *, contiguous: bool = False
    ) -> History:
        """Make the memory of one convolution's input; `start` is its settled value per channel."""
        shape = Shape.BLOCK
        if lookback:
            flat = contiguous or lookback <= FLAT_BLOCKS * self.padded
            shape = Shape.FLAT if flat else Shape.RING
        made = History(
            f"{symbol}_history",
            len(start),
            lookback,
            self.padded,
            shape,
            tuple(float(value) for value in start),
            self._ring(f"{symbol}_history", len(start)) if shape is Shape.RING else None,
        )
        self.histories.append(made)
        return made

    def _ring(self, symbol: str, channels: int) -> Ring:
        """Return the ring for the history `symbol`."""
        name = f"ring_{channels}ch" if self.shares_rings else symbol
        return self.rings.setdefault(name, Ring(name, channels, self.padded))

    def block(self, symbol: str, channels: int) -> Block:
        """Make a block buffer."""
        made = Block(symbol, channels, self.padded)
        self.blocks.append(made)
        return made

    def draft(self, conv: Conv1d) -> Draft:
        """Start a kernel whose main sum is `conv`."""
        shape = SumShape(
            rows=conv.out_channels // conv.groups,
            inputs=int(conv.weight.shape[1]),
            kernel_size=conv.kernel_size,
            stride=conv.in_channels,
        )
        return Draft(choose_tiling(shape, self.padded, self.tilings), self.padded)

    def plain_draft(self) -> Draft:
        """Start a kernel that only moves values."""
        return Draft(Tiling(1, max(divisors(self.padded, MAX_FRAMES)), 1, 1), self.padded)

    def constant(self, symbol: str, values: F32, title: str) -> Weights:
        """Make a weight array."""
        made = Weights(f"{symbol}_weights", values, title)
        self.weights.append(made)
        return made

    def call(
        self,
        draft: Draft,
        *,
        symbol: str,
        kernel_name: str,
        title: str,
        formula: tuple[str, ...],
        runs: dict[str, Run | OldestRun],
        taps: TapPointers | None = None,
    ) -> None:
        """Append a call of the drafted kernel with its ports bound to `runs`."""
        kernel = draft.kernel()
        values = draft.weight_values()
        weights = self.constant(symbol, values, title) if len(values) else None
        arguments = tuple(runs[port.rows.name] for port in kernel.ports)
        name = self._named(kernel, kernel_name, formula).name
        self.stages.append(KernelStage(title, name, weights, arguments, taps))

    def publish(self, run: Run) -> None:
        """Append the upkeep a ring needs after its newest block is written."""
        if isinstance(run, History) and run.is_ring:
            self.stages.append(PublishStage(run))

    def _named(self, kernel: Kernel, name: str, formula: tuple[str, ...]) -> NamedKernel:
        if kernel not in self.kernels:
            taken = sum(1 for known in self.kernels.values() if known.name.startswith(name))
            unique = f"{name}_v{taken + 1}" if taken else name
            self.kernels[kernel] = NamedKernel(unique, kernel, formula)
        return self.kernels[kernel]
