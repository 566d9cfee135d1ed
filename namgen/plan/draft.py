"""Builds one kernel step by step, and beside it the weights in the order the steps read them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from namgen.activation_kernels import KernelCall, kernel
from namgen.arithmetic import F32
from namgen.ir import Activation, Film
from namgen.plan.layouts import Tile, Turn
from namgen.plan.operands import (
    BiasOf,
    CarryOf,
    DenseOf,
    Operand,
    TapsOf,
    WindowOf,
    inputs_of,
    operand_weights,
    rows_of,
)
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
    OwnScale,
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
    reads,
)


@dataclass(slots=True, eq=False)
class Draft:
    """A kernel in the making, whose sums `tile` cuts up."""

    tile: Tile
    steps: list[Step] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    weights: list[F32] = field(default_factory=list)
    tap_rows: Rows | None = None
    in_registers: set[str] = field(default_factory=set)
    is_loaded: bool = False  # no number of the capture is part of the kernel

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
        cut = self.tile.cut(rows, operands, self.in_registers)
        terms = tuple(map(self._term, operands, cut.turns))
        tail: list[Tail] = [] if scale is None else [self._scale(scale)]
        if activation is not None:
            tail.append(activate(activation))
        self.steps.append(Sum(title, rows, cut.rows, cut.frames, terms, tuple(tail), sinks))
        if cut.rows == rows:
            self.in_registers |= {sink.target.name for sink in sinks if sink.target.local}
        for start in range(0, rows, cut.rows):
            chosen = slice(start, start + cut.rows)
            self.weights.extend(operand_weights(operand, chosen) for operand in operands)
            if scale is not None and self.is_loaded:
                self.weights.append(np.full(cut.rows, scale, np.float32))
            if activation is not None:
                self._slopes(activation, chosen)

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
        return Kernel(tuple(self.steps), tuple(self.ports), self.tile.frames, self.tap_rows)

    def weight_values(self) -> F32:
        """Return the weights of every step, flat, as the steps read them.

        Raises:
            AssertionError: they do not lie as they are read.

        """
        found = [values.shape for values in self.weights]
        read = [shape for step in self.steps for shape in reads(step)]
        if found != read:
            raise AssertionError(f"weights: the steps read {read}, the draft has {found}")
        flat = [values.ravel() for values in self.weights]
        return np.concatenate(flat) if flat else np.zeros(0, np.float32)

    def _scale(self, scale: float) -> Tail:
        return OwnScale() if self.is_loaded else Scale(scale)

    def _slopes(self, activation: Activation, rows: slice = slice(None)) -> None:
        if activation.per_channel:
            self.weights.append(np.array(activation.params, np.float32)[rows])

    def _term(self, operand: Operand, turn: Turn) -> Term:
        match operand:
            case BiasOf():
                return Zero() if operand.conv.bias is None else Bias()
            case CarryOf():
                return Carry(operand.source)
        conv = operand.conv
        inputs, rows = inputs_of(conv), rows_of(conv)
        match operand:
            case DenseOf():
                return Dense(operand.source, inputs, rows, turn.inputs, turn.batch, turn.ahead)
            case WindowOf():
                return Window(operand.source, conv.kernel_size, turn.taps)
            case TapsOf():
                self.tap_rows = Rows("past", conv.in_channels)
                spelled = turn.inputs, turn.batch, turn.ahead, conv.kernel_size, turn.taps
                return Taps(self.tap_rows, inputs, rows, *spelled)


def activate(activation: Activation) -> Activate:
    """Turn an activation into its C kernel; per-channel parameters travel with the weights."""
    call = kernel(activation)
    if activation.per_channel:
        return Activate(KernelCall(call.function, ()), per_channel=True)
    return Activate(call, per_channel=False)
