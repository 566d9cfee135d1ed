"""A causal convolution that remembers its input, summed in the order the contract fixes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from namgen import ir
from namgen.arithmetic import F32, Elements
from namgen.reference.operations import Operations


class Convolution:
    """One `ir.Conv1d` with its history; a kernel of 1 has none.

    `frames` is the most that one call may bring.
    """

    def __init__(self, conv: ir.Conv1d, operations: Operations, *, frames: int) -> None:
        self.conv = conv
        self.bias = None if conv.bias is None else operations.constants(conv.bias)[:, None]
        self._operations = operations
        self._recent = operations.zeros(conv.in_channels, conv.lookback + frames)
        self._weights = tuple(map(operations.constants, _by_tap_then_input(conv)))

    def fill(self, constant: Elements) -> None:
        """Make the whole history hold `constant` (in_channels,)."""
        self._recent[:, : self.conv.lookback] = constant[:, None]

    @property
    def constant(self) -> Elements:
        """The oldest frame (in_channels,) of the history; zeros when there is no history."""
        if self.conv.lookback == 0:
            return self._operations.zeros(self.conv.in_channels)
        oldest: Elements = self._recent[:, 0].copy()
        return oldest

    def advance(self, x: Elements, start: Elements | None = None) -> Elements:
        """Convolve x (in_channels, frames) and remember it; returns (out_channels, frames).

        Each sum begins with `start` ((out_channels, frames) or (out_channels, 1)); by default
        with the bias. Then every tap from the oldest, every input channel ascending. Without any
        beginning, the sum begins at +0.
        """
        frames, lookback = x.shape[1], self.conv.lookback
        self._recent[:, lookback : lookback + frames] = x
        out = self._sums(frames, self.bias if start is None else start)
        self._recent[:, :lookback] = self._recent[:, frames : frames + lookback]
        return out

    def settle(self, x: Elements, start: Elements | None = None) -> Elements:
        """Act as if x (in_channels, 1) had been the input forever; returns (out_channels, 1)."""
        self.fill(x[:, 0])
        return self.advance(x, start)

    def _sums(self, frames: int, start: Elements | None) -> Elements:
        out = self._operations.zeros(self.conv.out_channels, frames)
        groups = self.conv.groups
        height, width = self.conv.out_channels // groups, self.conv.in_channels // groups
        for group, weight in enumerate(self._weights):
            mine = slice(group * height, (group + 1) * height)
            rows = self._taps(slice(group * width, (group + 1) * width), frames)
            beginning = self._operations.zeros(height, 1) if start is None else start[mine]
            out[mine] = self._operations.sum_products(beginning, weight, rows)
        return out

    def _taps(self, inputs: slice, frames: int) -> list[Elements]:
        """What each product reads: taps from the oldest, and in each the inputs ascending."""
        offsets = (tap * self.conv.dilation for tap in range(self.conv.kernel_size))
        return [row[at : at + frames] for at in offsets for row in self._recent[inputs]]


Step: TypeAlias = Callable[[Convolution, Elements, Elements | None], Elements]
"""`Convolution.advance`, or `Convolution.settle` while the start state is being found."""


def _by_tap_then_input(conv: ir.Conv1d) -> list[F32]:
    """Per group, weights as (rows, products) in the order of the sum."""
    flat = conv.weight.transpose(0, 2, 1).reshape(conv.out_channels, -1)
    return [np.ascontiguousarray(part) for part in np.split(flat, conv.groups)]
