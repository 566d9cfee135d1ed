"""The definition of correct: any network, in NumPy, bit for bit what the generated C computes."""

from __future__ import annotations

from typing import Literal

import numpy as np

from namgen import ir
from namgen.arithmetic import F32, Elements
from namgen.passes.fold import fold
from namgen.reference.cold import cold
from namgen.reference.convolution import Convolution, Step
from namgen.reference.float32 import IN_FLOAT32
from namgen.reference.lstm import LstmRunner
from namgen.reference.operations import Operations
from namgen.reference.runner import Runner
from namgen.reference.wavenet import WaveNetRunner
from namgen.start_state import ConvNetStart, LinearStart, SequentialStart, Settled

_CHUNK_FRAMES = 4096  # frames per pass: long enough to hide NumPy's cost per call


class Reference:
    """A model that runs, in its folded form: float32 in, float32 out, state kept between calls.

    `start` is the state after `reset` and at first: "settled" is the response to endless silence,
    "cold" has zero histories and the cell states of the file. `operations` are those of the
    arithmetic it runs in.
    """

    def __init__(
        self,
        model: ir.Model | ir.Network,
        *,
        start: Literal["settled", "cold"] = "settled",
        operations: Operations = IN_FLOAT32,
    ) -> None:
        network = fold(model.network if isinstance(model, ir.Model) else model)
        self.in_channels = network.in_channels
        self.out_channels = network.out_channels
        self._operations = operations
        self._runner = _runner(network, operations, frames=_CHUNK_FRAMES)
        begin = settled if start == "settled" else cold
        self._start = begin(network, operations)
        self.reset()

    def reset(self) -> None:
        """Go back to the start state."""
        self._runner.load(self._start)

    def process(self, x: F32) -> F32:
        """Process x (in_channels, frames), any number of frames; returns (out_channels, frames).

        NaN and infinities count as 0. The partition into calls does not change the output.
        """
        if x.ndim != 2 or x.shape[0] != self.in_channels:
            raise ValueError(f"x: expected shape ({self.in_channels}, frames), found {x.shape}")
        out = np.empty((self.out_channels, x.shape[1]), np.float32)
        with np.errstate(all="ignore"):
            for first in range(0, x.shape[1], _CHUNK_FRAMES):
                here = slice(first, first + _CHUNK_FRAMES)
                heard = self._operations.enter(x[:, here])
                out[:, here] = self._operations.leave(self._runner.run(heard))
        return out


def settled(network: ir.Network, operations: Operations = IN_FLOAT32) -> Settled:
    """Return the state that endless silence at the input leads to.

    Feed-forward parts: every convolution sees its constant input in all taps, so one pass of one
    frame in the reference's own arithmetic gives all histories. LSTM parts: the file's state
    advanced by `ir.Lstm.prewarm_frames`; what follows them settles on their last output.
    """
    runner = _runner(fold(network), operations, frames=1)
    with np.errstate(all="ignore"):
        runner.settle(operations.zeros(network.in_channels, 1))
    return runner.state()


def respond(
    network: ir.Network, start: Settled, x: F32, operations: Operations = IN_FLOAT32
) -> F32:
    """Return what x (in_channels, frames) brings from the state `start`: (out_channels, frames)."""
    runner = _runner(fold(network), operations, frames=x.shape[1])
    runner.load(start)
    with np.errstate(all="ignore"):
        return operations.leave(runner.run(operations.enter(x)))


def _runner(network: ir.Network, operations: Operations, *, frames: int) -> Runner:
    match network:
        case ir.WaveNet():
            inner = network.condition
            condition = _runner(inner, operations, frames=frames) if inner else None
            return WaveNetRunner(network, condition, operations, frames=frames)
        case ir.Lstm():
            return LstmRunner(network, operations, frames=frames)
        case ir.ConvNet():
            return _ConvNetRunner(network, operations, frames=frames)
        case ir.Linear():
            return _LinearRunner(network, operations, frames=frames)
        case ir.Sequential():
            return _SequentialRunner(network, operations, frames=frames)


class _ConvNetRunner:
    def __init__(self, network: ir.ConvNet, operations: Operations, *, frames: int) -> None:
        blocks = network.blocks
        self._curves = tuple(operations.activation(block.activation) for block in blocks)
        self._convs = tuple(Convolution(block.conv, operations, frames=frames) for block in blocks)
        self._head = Convolution(network.head, operations, frames=frames)

    def run(self, x: Elements) -> Elements:
        return self._forward(x, Convolution.advance)

    def settle(self, x: Elements) -> Elements:
        return self._forward(x, Convolution.settle)

    def load(self, start: Settled) -> None:
        assert isinstance(start, ConvNetStart)
        for conv, constant in zip(self._convs, start.blocks, strict=True):
            conv.fill(constant)

    def state(self) -> ConvNetStart:
        return ConvNetStart(tuple(conv.constant for conv in self._convs))

    def _forward(self, x: Elements, step: Step) -> Elements:
        for conv, curve in zip(self._convs, self._curves, strict=True):
            x = curve(step(conv, x, None))
        return self._head.advance(x)


class _LinearRunner:
    def __init__(self, network: ir.Linear, operations: Operations, *, frames: int) -> None:
        self._operations = operations
        self._conv = Convolution(network.conv, operations, frames=frames)

    def run(self, x: Elements) -> Elements:
        return self._conv.advance(x)

    def settle(self, x: Elements) -> Elements:
        """Find the constant; on zeros it is the bias, without a long sum of zeros."""
        bias = self._conv.bias
        if x.any() or (bias is not None and not bias.all()):
            return self._conv.settle(x)
        self._conv.fill(x[:, 0])
        outputs = self._conv.conv.out_channels
        return self._operations.zeros(outputs, 1) if bias is None else bias.copy()

    def load(self, start: Settled) -> None:
        assert isinstance(start, LinearStart)
        self._conv.fill(start.conv)

    def state(self) -> LinearStart:
        return LinearStart(self._conv.constant)


class _SequentialRunner:
    def __init__(self, network: ir.Sequential, operations: Operations, *, frames: int) -> None:
        parts = (_runner(part, operations, frames=frames) for part in network.networks)
        self._parts = tuple(parts)

    def run(self, x: Elements) -> Elements:
        for part in self._parts:
            x = part.run(x)
        return x

    def settle(self, x: Elements) -> Elements:
        for part in self._parts:
            x = part.settle(x)
        return x

    def load(self, start: Settled) -> None:
        assert isinstance(start, SequentialStart)
        for part, state in zip(self._parts, start.networks, strict=True):
            part.load(state)

    def state(self) -> SequentialStart:
        return SequentialStart(tuple(part.state() for part in self._parts))
