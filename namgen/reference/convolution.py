"""A causal convolution that remembers its input, summed in the order the contract fixes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from namgen import ir
from namgen.arithmetic import F32
from namgen.reference.arithmetic import fma_rows


class Convolution:
    """One `ir.Conv1d` with its history; a kernel of 1 has none.

    `frames` is the most that one call may bring.
    """

    def __init__(self, conv: ir.Conv1d, *, frames: int) -> None:
        self.conv = conv
        self._recent = np.zeros((conv.in_channels, conv.lookback + frames), np.float32)
        self._weights = _by_tap_then_input(conv)

    def fill(self, constant: F32) -> None:
        """Make the whole history hold `constant` (in_channels,)."""
        self._recent[:, : self.conv.lookback] = constant[:, None]

    @property
    def constant(self) -> F32:
        """The oldest frame (in_channels,) of the history; zeros when there is no history."""
        if self.conv.lookback == 0:
            return np.zeros(self.conv.in_channels, np.float32)
        oldest: F32 = self._recent[:, 0].copy()
        return oldest

    def advance(self, x: F32, start: F32 | None = None) -> F32:
        """Convolve x (in_channels, frames) and remember it; returns (out_channels, frames).

        Each sum begins with `start` ((out_channels, frames) or (out_channels, 1)); by default
        with the bias. Then every tap from the oldest, every input channel ascending. Without any
        beginning, the sum begins at +0.
        """
        frames, lookback = x.shape[1], self.conv.lookback
        self._recent[:, lookback : lookback + frames] = x
        beginning = column(self.conv.bias) if start is None else start
        out = self._sums(frames, beginning)
        self._recent[:, :lookback] = self._recent[:, frames : frames + lookback]
        return out

    def settle(self, x: F32, start: F32 | None = None) -> F32:
        """Act as if x (in_channels, 1) had been the input forever; returns (out_channels, 1)."""
        self.fill(x[:, 0])
        return self.advance(x, start)

    def _sums(self, frames: int, start: F32 | None) -> F32:
        out = np.empty((self.conv.out_channels, frames), np.float32)
        groups = self.conv.groups
        height, width = self.conv.out_channels // groups, self.conv.in_channels // groups
        for group, weight in enumerate(self._weights):
            mine = slice(group * height, (group + 1) * height)
            rows = self._taps(slice(group * width, (group + 1) * width), frames)
            out[mine] = _sum_products(weight, rows, None if start is None else start[mine])
        return out

    def _taps(self, inputs: slice, frames: int) -> list[F32]:
        """What each product reads: taps from the oldest, and in each the inputs ascending."""
        offsets = (tap * self.conv.dilation for tap in range(self.conv.kernel_size))
        return [row[at : at + frames] for at in offsets for row in self._recent[inputs]]


Step: TypeAlias = Callable[[Convolution, F32, F32 | None], F32]
"""`Convolution.advance`, or `Convolution.settle` while the start state is being found."""


def column(bias: F32 | None) -> F32 | None:
    """A bias (out,) as the (out, 1) beginning of every frame's sum."""
    return None if bias is None else bias[:, None]


def _by_tap_then_input(conv: ir.Conv1d) -> tuple[F32, ...]:
    """Per group, weights as (rows, products) in the order of the sum."""
    weight = np.asarray(conv.weight, np.float32).transpose(0, 2, 1)
    flat = weight.reshape(conv.out_channels, -1)
    return tuple(np.ascontiguousarray(part) for part in np.split(flat, conv.groups))


def _sum_products(weight: F32, rows: Sequence[F32], start: F32 | None) -> F32:
    beginning = np.zeros((len(weight), 1), np.float32) if start is None else start
    return fma_rows(beginning, weight, rows)
