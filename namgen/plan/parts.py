"""Collects what a network needs, in the order of need: memories, weights, kernels, their calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from namgen.arithmetic import Arithmetic, Elements
from namgen.plan.memory import Block, History, State, Weights
from namgen.plan.stages import (
    Cell,
    CellKernel,
    Label,
    LstmStage,
    Name,
    NamedKernel,
    Stage,
)
from namgen.plan.steps import Kernel


@dataclass(slots=True, eq=False)
class Parts:
    """The parts of one network, computed in `arithmetic`.

    Where `is_loaded`, the numbers of a capture are no part of the C: weights are loaded.
    """

    arithmetic: Arithmetic
    is_loaded: bool = False
    histories: list[History] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    weights: list[Weights] = field(default_factory=list)
    kernels: dict[Kernel, NamedKernel] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)

    def history(
        self, name: Name, lookback: int, start: Elements, *, contiguous: bool = False
    ) -> History:
        """Make the memory of one convolution's input; `start` is its settled value per channel."""
        made = History(name.symbol, lookback, self._elements(start), contiguous)
        self.histories.append(made)
        return made

    def block(self, name: Name, channels: int) -> Block:
        """Make a block buffer."""
        made = Block(name.symbol, channels)
        self.blocks.append(made)
        return made

    def constant(self, name: Name, values: Elements, title: str) -> Weights:
        """Make a weight array."""
        made = Weights(f"{name.symbol}_weights", self._elements(values), title)
        self.weights.append(made)
        return made

    def state(self, name: Name, start: Elements) -> State:
        """Make what an LSTM layer keeps; it becomes part of the plan with the layer's cell."""
        return State(name.symbol, self._elements(start))

    def _elements(self, values: Elements) -> Elements:
        return values.astype(self.arithmetic.dtype)

    def named(self, kernel: Kernel, name: str, label: Label) -> NamedKernel:
        """Return the kernel under its name, a new one if it is the first of its shape.

        Where another kernel has the name, the part that `label` is of follows it: the first that
        this one serves.
        """
        if kernel not in self.kernels:
            taken = any(known.name == name for known in self.kernels.values())
            own = f"{name}_from_{label.part.symbol}" if taken else name
            self.kernels[kernel] = NamedKernel(own, kernel, label.formula)
        return self.kernels[kernel]

    @property
    def lstms(self) -> tuple[LstmStage, ...]:
        """The calls that step LSTM layers, in order."""
        return tuple(stage for stage in self.stages if isinstance(stage, LstmStage))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every LSTM layer, in order."""
        return tuple(cell for stage in self.lstms for cell in stage.cells)

    @property
    def cell_kernels(self) -> tuple[CellKernel, ...]:
        """The C function of every LSTM layer, each once."""
        return tuple(dict.fromkeys(cell.kernel for cell in self.cells))

    @property
    def states(self) -> tuple[State, ...]:
        """What LSTM layers keep from frame to frame."""
        return tuple(state for cell in self.cells for state in cell.states)

    def functions(self) -> Iterator[str]:
        """Yield the activation functions of every kernel."""
        for kernel in self.kernels:
            for activation in kernel.activations:
                yield activation.call.function
        for cell in self.cell_kernels:
            yield from (cell.tanh, cell.sigmoid)
