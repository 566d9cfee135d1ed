"""Builds one kernel step by step, and beside it the weights in the order the steps read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from namgen.activation_kernels import KernelCall, kernel
from namgen.arithmetic import F32
from namgen.ir import Activation, Conv1d, Film
from namgen.plan.layouts.frame_major import cut as tiles
from namgen.plan.layouts.frame_major.cut import Tiling
from namgen.plan.steps import (
    Activate,
    Add,
    Apply,
    Bias,
    Carry,
    Copy,
    Dense,
    Gate,
    Kernel,
    Modulate,
    Port,
    Rows,
    Scale,
    Sink,
    Step,
    Store,
    Sum,
    Tail,
    Taps,
    Term,
    Window,
    Zero,
)

WINDOW_PRODUCTS = 8
"""Products of a tap and an input that a window spells out per turn."""


@dataclass(frozen=True, slots=True, eq=False)
class BiasOf:
    """Start the sum with a convolution's bias, or at zero when it has none."""

    conv: Conv1d


@dataclass(frozen=True, slots=True, eq=False)
class CarryOf:
    """Start the sum with what a `Rows` holds."""

    source: Rows


@dataclass(frozen=True, slots=True, eq=False)
class DenseOf:
    """Add the products of a 1x1 map over `source`."""

    conv: Conv1d
    source: Rows


@dataclass(frozen=True, slots=True, eq=False)
class TapsOf:
    """Add the products of a convolution read through tap pointers."""

    conv: Conv1d


@dataclass(frozen=True, slots=True, eq=False)
class WindowOf:
    """Add the products of a convolution whose taps are neighbours."""

    conv: Conv1d
    source: Rows


Operand: TypeAlias = BiasOf | CarryOf | DenseOf | TapsOf | WindowOf


@dataclass(slots=True, eq=False)
class Draft:
    """A kernel in the making, over `padded` frames, cut up as `tiling` says for its main sum."""

    tiling: Tiling
    padded: int
    steps: list[Step] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    weights: list[F32] = field(default_factory=list)
    tap_rows: Rows | None = None
    in_registers: set[str] = field(default_factory=set)

    @property
    def frames(self) -> int:
        """Frames of one tile."""
        return self.tiling.frames

    def port(self, name: str, channels: int, *, writable: bool = False) -> Rows:
        """Open a pointer parameter, once per name."""
        rows = Rows(name, channels)
        if all(known.rows != rows for known in self.ports):
            self.ports.append(Port(rows, writable))
        return rows

    def local(self, name: str, channels: int) -> Rows:
        """Open an array that lives for one tile."""
        return Rows(name, channels, local=True)

    def sum(
        self,
        title: str,
        rows: int,
        operands: tuple[Operand, ...],
        sinks: tuple[Sink, ...],
        *,
        scale: float | None = None,
        activation: Activation | None = None,
    ) -> None:
        """Append a `Sum` over `operands`, then `scale` and `activation`, into `sinks`."""
        row_tile = self._row_tile(rows, operands)
        resident = self._resident(operands)
        frame_tile = tiles.frame_tile(row_tile, self.frames, resident) if resident else self.frames
        cut = Cut(row_tile, frame_tile, resident)
        terms = tuple(self._term(operand, cut) for operand in operands)
        tail: list[Tail] = [] if scale is None else [Scale(scale)]
        if activation is not None:
            tail.append(activate(activation))
        self.steps.append(Sum(title, rows, row_tile, frame_tile, terms, tuple(tail), sinks))
        if row_tile == rows:
            self.in_registers |= {sink.target.name for sink in sinks if sink.target.local}
        for start in range(0, rows, row_tile):
            chosen = slice(start, start + row_tile)
            self.weights.extend(_operand_weights(operand, chosen) for operand in operands)
            if activation is not None and activation.per_channel:
                self.weights.append(np.array(activation.params, np.float32)[chosen])

    def modulate(self, name: str, film: Film, target: Rows, source: Rows, condition: Rows) -> None:
        """Append a FiLM: its scale and shift from the condition, then the modulation."""
        modulation = self.local(f"{name}_film", film.modulator.out_channels)
        operands = (BiasOf(film.modulator), DenseOf(film.modulator, condition))
        title = "scale and shift" if film.shift else "scale"
        self.sum(
            f"{name}_film: {title} from the condition",
            film.modulator.out_channels,
            operands,
            (Store(modulation),),
        )
        self.steps.append(Modulate(f"{name}_film", target, source, modulation, film.shift))

    def apply(self, title: str, rows: Rows, activation: Activation) -> None:
        """Append an activation in place."""
        self.steps.append(Apply(title, rows, activate(activation)))
        self._slopes(activation)

    def gate(
        self,
        title: str,
        target: Rows,
        source: Rows,
        primary: Activation,
        secondary: Activation,
        *,
        blended: bool,
    ) -> None:
        """Append the gating of `source`'s two halves."""
        sides = activate(primary), activate(secondary)
        self.steps.append(Gate(title, target, source, *sides, blended))
        self._slopes(primary)
        self._slopes(secondary)

    def add(self, title: str, target: Rows, source: Rows) -> None:
        """Append ``target += source``."""
        self.steps.append(Add(title, target, source))

    def copy(self, title: str, target: Rows, source: Rows) -> None:
        """Append ``target = source``."""
        self.steps.append(Copy(title, target, source))

    def kernel(self) -> Kernel:
        """Close the draft."""
        return Kernel(tuple(self.steps), tuple(self.ports), self.frames, self.padded, self.tap_rows)

    def weight_values(self) -> F32:
        """Return the weights of every step, flat, in reading order."""
        flat = [values.ravel() for values in self.weights]
        return np.concatenate(flat) if flat else np.zeros(0, np.float32)

    def _slopes(self, activation: Activation) -> None:
        if activation.per_channel:
            self.weights.append(np.array(activation.params, np.float32))

    def _row_tile(self, rows: int, operands: tuple[Operand, ...]) -> int:
        groups = [size for size in map(group_rows, operands) if size]
        main = any(isinstance(operand, TapsOf | WindowOf) for operand in operands)
        if main and all(size % self.tiling.rows == 0 for size in (rows, *groups)):
            return self.tiling.rows
        return tiles.row_tile(rows, self.frames, groups)

    def _resident(self, operands: tuple[Operand, ...]) -> int:
        """Count the values that a sum over arrays kept in registers finds there."""
        dense = (operand for operand in operands if isinstance(operand, DenseOf))
        return sum(
            operand.source.channels * self.frames
            for operand in dense
            if operand.source.name in self.in_registers
        )

    def _term(self, operand: Operand, cut: Cut) -> Term:
        if isinstance(operand, BiasOf):
            return Zero() if operand.conv.bias is None else Bias()
        if isinstance(operand, CarryOf):
            return Carry(operand.source)
        conv = operand.conv
        inputs, rows = int(conv.weight.shape[1]), conv.out_channels // conv.groups
        products = cut.rows * cut.frames
        if isinstance(operand, DenseOf):
            loads = cut.rows + (0 if cut.resident else cut.frames)
            batch = tiles.batch_size(cut.rows, cut.frames, loads, cut.resident)
            return Dense(operand.source, inputs, rows, tiles.unroll(inputs, products), batch)
        if isinstance(operand, WindowOf):
            return Window(operand.source, conv.kernel_size, max(1, WINDOW_PRODUCTS // inputs))
        self.tap_rows = Rows("past", conv.in_channels)
        unroll = tiles.unroll(inputs, products)
        taps = self.tiling.tap_unroll if unroll == inputs else 1
        batch = min(self.tiling.batch, unroll * taps)
        return Taps(self.tap_rows, conv.kernel_size, inputs, rows, unroll, taps, batch)


@dataclass(frozen=True, slots=True)
class Cut:
    """How one sum is cut up, and how many registers others hold meanwhile."""

    rows: int
    frames: int
    resident: int


def activate(activation: Activation) -> Activate:
    """Turn an activation into its C kernel; per-channel parameters travel with the weights."""
    call = kernel(activation)
    if activation.per_channel:
        return Activate(KernelCall(call.function, ()), per_channel=True)
    return Activate(call, per_channel=False)


def group_rows(operand: Operand) -> int:
    """Count the rows of one group of a grouped map; 0 where nothing is grouped."""
    if isinstance(operand, BiasOf | CarryOf) or operand.conv.groups == 1:
        return 0
    return operand.conv.out_channels // operand.conv.groups


def _operand_weights(operand: Operand, rows: slice) -> F32:
    if isinstance(operand, CarryOf):
        return np.zeros(0, np.float32)
    if isinstance(operand, BiasOf):
        bias = operand.conv.bias
        return np.zeros(0, np.float32) if bias is None else bias[rows]
    return np.ascontiguousarray(operand.conv.weight[rows].transpose(2, 1, 0))
