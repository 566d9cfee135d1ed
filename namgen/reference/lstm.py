"""LSTM in NumPy, one operation per operation of the C."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from namgen import ir
from namgen.arithmetic import F32
from namgen.reference.activations import fast_tanh, tanh
from namgen.reference.arithmetic import fma, fma_rows
from namgen.reference.convolution import Convolution
from namgen.start_state import LstmStart, Settled

_SETTLE_FRAMES = 64  # how often `settle` looks whether the state was there before
_HALFWAY = np.iinfo(np.int64).min  # a float64 halfway between two float32, shifted up by 35 bits
_HALF = np.float32(0.5)
_SMALLEST_NORMAL = np.finfo(np.float32).tiny


class LstmRunner:
    """An `ir.Lstm` with its states."""

    def __init__(self, network: ir.Lstm, *, frames: int) -> None:
        self._network = network
        self._frames = frames
        curve = fast_tanh if network.fast_tanh else tanh
        self._cells = tuple(_Cell(cell, curve) for cell in network.cells)
        self._head = Convolution(network.head, frames=max(frames, _SETTLE_FRAMES))

    def run(self, x: F32) -> F32:
        """Process x (in_channels, frames); each layer over all frames before the next."""
        for cell in self._cells:
            x = cell.run(x)
        return self._head.advance(x)

    def settle(self, x: F32) -> F32:
        """Advance the file's state by the network's prewarm frames of constant x (in_channels, 1).

        States end in a fixed point or, by their last bits, in a cycle. A state seen before shows
        it; then whole rounds of the cycle are left out, for they change nothing.
        """
        self.load(LstmStart(tuple((cell.hidden, cell.cell) for cell in self._network.cells)))
        remaining = self._network.prewarm_frames
        seen: dict[bytes, int] = {}
        while remaining > 1:
            block = min(remaining - 1, _SETTLE_FRAMES)
            self.run(np.repeat(x, block, axis=1))
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

    def __init__(self, cell: ir.LstmCell, tanh: Callable[[F32], F32]) -> None:
        self._tanh = tanh
        self._bias = cell.bias[:, None]
        self._input_weight = np.ascontiguousarray(cell.weight[:, : cell.input_size])
        self._recurrence = Recurrence(cell.weight[:, cell.input_size :])
        self._scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), cell.hidden_size)
        self.hidden = cell.hidden
        self.memory = cell.cell

    def run(self, x: F32) -> F32:
        """Process x (in, frames); returns the hidden state after each frame, (hidden, frames)."""
        inputs = fma_rows(self._bias, self._input_weight, list(x))
        out = np.empty((x.shape[1], self.hidden.size), np.float32)
        for frame, partial in enumerate(np.ascontiguousarray(inputs.T)):
            self._step(partial)
            out[frame] = self.hidden
        return np.ascontiguousarray(out.T)

    def _step(self, partial: F32) -> None:
        """Advance one frame; `partial` (4 * hidden,) is the sum over bias and inputs.

        The contract's sigmoid(x) is fma(1/2, tanh(x/2), 1/2), so one tanh serves all gates.
        """
        size = self.hidden.size
        rows = self._tanh(self._recurrence.add(partial, self.hidden) * self._scale)
        gates, candidate = fma(_HALF, rows, _HALF), rows[2 * size : 3 * size]
        self.memory = fma(gates[size : 2 * size], self.memory, gates[:size] * candidate)
        self.hidden = gates[3 * size :] * self._tanh(self.memory)


class Recurrence:
    """``acc = fma(weight[:, j], hidden[j], acc)`` for j ascending, for one frame at a time.

    The same bits as `fma_rows`, without its cost per call: all products (exact in float64) at
    once, then the sums with two roundings, then one look at all of them for a sum that two
    roundings may have got wrong; in that rare case the frame is done again by `fma_rows`.
    """

    def __init__(self, weight: F32) -> None:
        self._weight = np.ascontiguousarray(weight)
        self._columns = np.ascontiguousarray(weight.T.astype(np.float64))
        self._products = np.empty_like(self._columns)
        self._sums = np.empty_like(self._columns)
        self._rounded = np.empty(self._columns.shape, np.float32)
        self._scratch = np.empty(self._columns.shape, np.int64)
        self._accumulator = np.empty(self._columns.shape[1])
        self._steps = tuple(zip(self._products, self._sums, self._rounded, strict=True))

    def add(self, partial: F32, hidden: F32) -> F32:
        """Return (rows,) sums; `partial` is (rows,), `hidden` (columns,)."""
        np.multiply(self._columns, hidden[:, None], out=self._products)
        accumulator: npt.NDArray[np.float64] = self._accumulator
        accumulator[...] = partial
        for product, total, rounded in self._steps:
            np.add(product, accumulator, total)
            rounded[...] = total
            accumulator[...] = rounded
        if self._doubtful():
            return fma_rows(partial[:, None], self._weight, list(hidden[:, None])).ravel()
        sums: F32 = self._rounded[-1].copy()
        return sums

    def _doubtful(self) -> bool:
        """Whether a float64 sum lies halfway between two float32, or below the normal range."""
        np.left_shift(self._sums.view(np.int64), 35, out=self._scratch)
        if self._scratch.min() == _HALFWAY:
            return True
        magnitude = np.abs(self._sums)
        return bool(((magnitude < _SMALLEST_NORMAL) & (magnitude > 0)).any())
