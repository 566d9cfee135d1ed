"""The definition of correct: any network, in NumPy, bit for bit what the generated C computes."""

from __future__ import annotations

from typing import Literal

import numpy as np

from namgen import ir
from namgen.arithmetic import F32
from namgen.passes.fold import fold
from namgen.reference.activations import apply
from namgen.reference.arithmetic import sanitize
from namgen.reference.convolution import Convolution, Step
from namgen.reference.lstm import LstmRunner
from namgen.reference.runner import Runner
from namgen.reference.wavenet import WaveNetRunner
from namgen.start_state import ConvNetStart, LinearStart, SequentialStart, Settled, cold

_CHUNK_FRAMES = 4096  # frames per pass: long enough to hide NumPy's cost per call


class Reference:
    """A model that runs, in its folded form: float32 in, float32 out, state kept between calls.

    `start` is the state after `reset` and at first: "settled" is the response to endless silence,
    "cold" has zero histories and the cell states of the file.
    """

    def __init__(
        self, model: ir.Model | ir.Network, *, start: Literal["settled", "cold"] = "settled"
    ) -> None:
        network = fold(model.network if isinstance(model, ir.Model) else model)
        self.in_channels = network.in_channels
        self.out_channels = network.out_channels
        self._runner = _runner(network, frames=_CHUNK_FRAMES)
        self._start = settled(network) if start == "settled" else cold(network)
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
                out[:, here] = self._runner.run(sanitize(x[:, here]))
        return out


def settled(network: ir.Network) -> Settled:
    """Return the state that endless silence at the input leads to.

    Feed-forward parts: every convolution sees its constant input in all taps, so one pass of one
    frame in the reference's own arithmetic gives all histories. LSTM parts: the file's state
    advanced by `ir.Lstm.prewarm_frames`; what follows them settles on their last output.
    """
    runner = _runner(fold(network), frames=1)
    with np.errstate(all="ignore"):
        runner.settle(np.zeros((network.in_channels, 1), np.float32))
    return runner.state()


def respond(network: ir.Network, start: Settled, x: F32) -> F32:
    """Return what x (in_channels, frames) brings from the state `start`: (out_channels, frames)."""
    runner = _runner(fold(network), frames=x.shape[1])
    runner.load(start)
    with np.errstate(all="ignore"):
        return runner.run(sanitize(x))


def _runner(network: ir.Network, *, frames: int) -> Runner:
    match network:
        case ir.WaveNet():
            condition = _runner(network.condition, frames=frames) if network.condition else None
            return WaveNetRunner(network, condition, frames=frames)
        case ir.Lstm():
            return LstmRunner(network, frames=frames)
        case ir.ConvNet():
            return _ConvNetRunner(network, frames=frames)
        case ir.Linear():
            return _LinearRunner(network, frames=frames)
        case ir.Sequential():
            return _SequentialRunner(network, frames=frames)


class _ConvNetRunner:
    def __init__(self, network: ir.ConvNet, *, frames: int) -> None:
        self._activations = tuple(block.activation for block in network.blocks)
        self._convs = tuple(Convolution(block.conv, frames=frames) for block in network.blocks)
        self._head = Convolution(network.head, frames=frames)

    def run(self, x: F32) -> F32:
        return self._forward(x, Convolution.advance)

    def settle(self, x: F32) -> F32:
        return self._forward(x, Convolution.settle)

    def load(self, start: Settled) -> None:
        assert isinstance(start, ConvNetStart)
        for conv, constant in zip(self._convs, start.blocks, strict=True):
            conv.fill(constant)

    def state(self) -> ConvNetStart:
        return ConvNetStart(tuple(conv.constant for conv in self._convs))

    def _forward(self, x: F32, step: Step) -> F32:
        for conv, activation in zip(self._convs, self._activations, strict=True):
            x = apply(activation, step(conv, x, None))
        return self._head.advance(x)


class _LinearRunner:
    def __init__(self, network: ir.Linear, *, frames: int) -> None:
        self._conv = Convolution(network.conv, frames=frames)

    def run(self, x: F32) -> F32:
        return self._conv.advance(x)

    def settle(self, x: F32) -> F32:
        """Find the constant; on zeros it is the bias, without a long sum of zeros."""
        bias = self._conv.conv.bias
        if x.any() or (bias is not None and not bias.all()):
            return self._conv.settle(x)
        self._conv.fill(x[:, 0])
        silence = np.zeros((self._conv.conv.out_channels, 1), np.float32)
        return silence if bias is None else bias[:, None].copy()

    def load(self, start: Settled) -> None:
        assert isinstance(start, LinearStart)
        self._conv.fill(start.conv)

    def state(self) -> LinearStart:
        return LinearStart(self._conv.constant)


class _SequentialRunner:
    def __init__(self, network: ir.Sequential, *, frames: int) -> None:
        self._parts = tuple(_runner(part, frames=frames) for part in network.networks)

    def run(self, x: F32) -> F32:
        for part in self._parts:
            x = part.run(x)
        return x

    def settle(self, x: F32) -> F32:
        for part in self._parts:
            x = part.settle(x)
        return x

    def load(self, start: Settled) -> None:
        assert isinstance(start, SequentialStart)
        for part, state in zip(self._parts, start.networks, strict=True):
            part.load(state)

    def state(self) -> SequentialStart:
        return SequentialStart(tuple(part.state() for part in self._parts))
