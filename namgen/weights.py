"""A cursor over the flat weight list of a `.nam` file.

Every component takes its block in the order the trainer exported it; a convolution is output
channel slowest, then input channel within its group, then tap, and its biases follow.
"""

from __future__ import annotations

import math

from namgen.arithmetic import F32


class WeightStream:
    """A cursor over a flat weight list; `take` hands out the next block."""

    def __init__(self, values: F32) -> None:
        self._values = values
        self._next = 0

    @property
    def remaining(self) -> int:
        """Numbers not taken yet."""
        return int(self._values.size) - self._next

    def take(self, *shape: int) -> F32:
        """The next values in C order, as a new array of that shape; IndexError past the end."""
        size = math.prod(shape)
        if size > self.remaining:
            raise IndexError(f"{size} weights wanted, {self.remaining} left")
        start, self._next = self._next, self._next + size
        block: F32 = self._values[start : self._next].reshape(shape).copy()
        return block
