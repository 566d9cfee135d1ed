"""The calls of one block, in order: kernels, LSTM layers, and the upkeep of memory between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from namgen.plan.memory import History, OldestRun, Run, State, TapPointers, Weights
from namgen.plan.steps import Kernel

GATES = "ifgo"
"""Input, forget, cell and output gate, in the order of their weights."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a part of the network is called: one of several alike in a whole, or the only one."""

    of: str  # the whole: array0; empty for the network itself
    kind: str  # layer, head
    number: int | None = None  # among those alike
    detail: str = ""  # what of it: conv_pre_film

    @property
    def symbol(self) -> str:
        """The identifier."""
        number = "" if self.number is None else self.number
        return "_".join(filter(None, (self.of, f"{self.kind}{number}", self.detail)))


@dataclass(frozen=True, slots=True)
class Label:
    """What a call is named in the C."""

    part: Name  # that is computed
    title: str  # above the weights
    formula: tuple[str, ...]  # above the kernel

    @classmethod
    def of(cls, part: Name, remark: str, *formula: str) -> Label:
        """Make the label of a part's main call."""
        return cls(part, f"{part.symbol}: {remark}", formula)


@dataclass(frozen=True, slots=True)
class NamedKernel:
    """A kernel, the name of its C function and the formula above it."""

    name: str
    kernel: Kernel
    formula: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class KernelStage:
    """Call one kernel on one layer's memory."""

    part: Name  # that is computed
    title: str
    kernel: str  # name of the C function
    weights: Weights | None
    arguments: tuple[Run | OldestRun, ...]  # in the order of the kernel's ports
    taps: TapPointers | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PublishStage:
    """Keep a history that is not contiguous in step with the block just written."""

    history: History


@dataclass(frozen=True, slots=True)
class CellKernel:
    """The C function of LSTM layers of one size, `unit_tile` units in registers at a time."""

    name: str
    input_size: int
    hidden_size: int
    units: int  # in whole tiles; those behind `hidden_size` do nothing
    unit_tile: int
    tanh: str  # functions of nam_tanh.h
    sigmoid: str
    vectors: int = 0  # of one gate; 0 in a layout without

    @property
    def units_in_vectors(self) -> int:
        """The units that fill whole vectors."""
        lanes = self.units // self.vectors
        return self.hidden_size // lanes * lanes


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One LSTM layer: its function, its numbers, and what it keeps that no history holds."""

    part: Name
    kernel: CellKernel
    weights: Weights
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LstmStage:
    """Step LSTM layers over the frames of the call, all of them in each frame.

    The hidden states of the last one go to `target`.
    """

    part: Name  # that is computed
    title: str
    kernel: str  # name of the C function
    cells: tuple[Cell, ...]
    source: Run
    target: Run

    @property
    def lag(self) -> int:
        """Layers between the first and the last: frames these are apart if each is one behind."""
        return len(self.cells) - 1


Stage: TypeAlias = KernelStage | PublishStage | LstmStage
