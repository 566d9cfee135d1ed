"""LSTM in NumPy, one operation per operation of the C."""

from __future__ import annotations

import numpy as np

from namgen import ir
from namgen.arithmetic import Elements
from namgen.reference.convolution import Convolution
from namgen.reference.operations import Curve, Operations
from namgen.start_state import LstmStart, Settled

_SETTLE_FRAMES = 64  # how often `settle` looks whether the state was there before


class LstmRunner:
    """An `ir.Lstm` with its states."""

    def __init__(self, network: ir.Lstm, operations: Operations, *, frames: int) -> None:
        tanh = ir.Activation("Fasttanh" if network.fast_tanh else "Tanh")
        curve = operations.activation(tanh)
        self._prewarm_frames = network.prewarm_frames
        self._cells = tuple(_Cell(cell, curve, operations) for cell in network.cells)
        self._from_file = self.state()
        self._head = Convolution(network.head, operations, frames=max(frames, _SETTLE_FRAMES))

    def run(self, x: Elements) -> Elements:
        """Process x (in_channels, frames); each layer over all frames before the next."""
        for cell in self._cells:
            x = cell.run(x)
        return self._head.advance(x)

    def settle(self, x: Elements) -> Elements:
        """Advance the file's state by the network's prewarm frames of constant x (in_channels, 1).

        States end in a fixed point or, by their last bits, in a cycle. A state seen before shows
        it; then whole rounds of the cycle are left out, for they change nothing.
        """
        self.load(self._from_file)
        remaining = self._prewarm_frames
        seen: dict[bytes, int] = {}
        while remaining > 1:
            block = min(remaining - 1, _SETTLE_FRAMES)
            self.run(x.repeat(block, axis=1))
            remaining -= block
            cycle_frames = seen.setdefault(self._bits(), remaining) - remaining
            if cycle_frames:
                remaining = (remaining - 1) % cycle_frames + 1
                seen.clear()
        return self.run(x)

    def load(self, start: Settled) -> None:
        """Take the state `start`."""
        assert isinstance(start, LstmStart)
        for cell, (hidden, memory) in zip(self._cells, start.cells, strict=True):
            cell.hidden, cell.memory = hidden, memory

    def state(self) -> LstmStart:
        """The present state."""
        return LstmStart(tuple((cell.hidden, cell.memory) for cell in self._cells))

    def _bits(self) -> bytes:
        return b"".join(cell.hidden.tobytes() + cell.memory.tobytes() for cell in self._cells)


class _Cell:
    """An `ir.LstmCell` with its state: `hidden` and `memory`, both (hidden,)."""

    def __init__(self, cell: ir.LstmCell, tanh: Curve, operations: Operations) -> None:
        self._tanh = tanh
        self._operations = operations
        self._bias = operations.constants(cell.bias)[:, None]
        weight = operations.constants(cell.weight)
        self._input_weight = weight[:, : cell.input_size].copy()
        self._recurrence = operations.recurrence(weight[:, cell.input_size :])
        self._scale = operations.constants(np.repeat([0.5, 0.5, 1, 0.5], cell.hidden_size))
        self.hidden = operations.constants(cell.hidden)
        self.memory = operations.constants(cell.cell)

    def run(self, x: Elements) -> Elements:
        """Process x (in, frames); returns the hidden state after each frame, (hidden, frames)."""
        inputs = self._operations.sum_products(self._bias, self._input_weight, list(x))
        out = self._operations.zeros(x.shape[1], self.hidden.size)
        for frame, partial in enumerate(inputs.T.copy()):
            self._step(partial)
            out[frame] = self.hidden
        frames_last: Elements = out.T.copy()
        return frames_last

    def _step(self, partial: Elements) -> None:
        """Advance one frame; `partial` (4 * hidden,) is the sum over bias and inputs.

        The contract's sigmoid(x) is fma(1/2, tanh(x/2), 1/2), so one tanh serves all gates.
        """
        size, do = self.hidden.size, self._operations
        rows = self._tanh(do.multiply(self._recurrence(partial, self.hidden), self._scale))
        gates, candidate = do.fma(0.5, rows, 0.5), rows[2 * size : 3 * size]
        entering = do.multiply(gates[:size], candidate)
        self.memory = do.fma(gates[size : 2 * size], self.memory, entering)
        self.hidden = do.multiply(gates[3 * size :], self._tanh(self.memory))
