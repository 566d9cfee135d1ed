"""What an arithmetic has to be able to do, so that a network runs in it.

The reference does nothing to elements but by these operations; it moves them about, and asks
whether they are zero. A second arithmetic is one more implementation, in a file of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen import ir
from namgen.arithmetic import F32, Arithmetic, Elements

Operand: TypeAlias = Elements | float
"""What an operation takes: elements, or a constant of a formula, which becomes an element."""

Curve: TypeAlias = Callable[[Elements], Elements]
"""A function of every element by itself; channels come first, where it differs between them."""

HiddenSum: TypeAlias = Callable[[Elements, Elements], Elements]
"""Adds the products of one frame (columns,) to sums (rows,); returns the new sums."""


class Operations(ABC):
    """The operations of one arithmetic, on arrays of its elements; shapes broadcast."""

    arithmetic: Arithmetic

    def zeros(self, *shape: int) -> Elements:
        """Return an array of that shape, ready to be written."""
        return np.zeros(shape, self.arithmetic.dtype)

    @abstractmethod
    def constants(self, values: npt.ArrayLike) -> Elements:
        """Return weights, biases or parameters as elements, in their shape."""

    @abstractmethod
    def enter(self, x: F32) -> Elements:
        """Take samples through the door of the model: NaN and infinities count as 0."""

    @abstractmethod
    def leave(self, y: Elements) -> F32:
        """Give elements out as samples."""

    @abstractmethod
    def add(self, a: Operand, b: Operand) -> Elements:
        """Return ``a + b``."""

    @abstractmethod
    def subtract(self, a: Operand, b: Operand) -> Elements:
        """Return ``a - b``."""

    @abstractmethod
    def multiply(self, a: Operand, b: Operand) -> Elements:
        """Return ``a * b``."""

    @abstractmethod
    def divide(self, a: Operand, b: Operand) -> Elements:
        """Return ``a / b``."""

    @abstractmethod
    def fma(self, a: Operand, b: Operand, c: Operand) -> Elements:
        """Return ``a * b + c``, rounded once."""

    @abstractmethod
    def magnitude(self, a: Operand) -> Elements:
        """Return ``|a|``."""

    @abstractmethod
    def greater(self, a: Operand, b: Operand) -> Elements:
        """Return the greater of the two; b where they are equal, or a is no number."""

    @abstractmethod
    def lesser(self, a: Operand, b: Operand) -> Elements:
        """Return the lesser of the two; b where they are equal, or a is no number."""

    @abstractmethod
    def tanh(self, a: Elements) -> Elements:
        """Return the hyperbolic tangent."""

    @abstractmethod
    def activation(self, activation: ir.Activation) -> Curve:
        """Return the function of an activation, for (channels, frames)."""

    @abstractmethod
    def sum_products(self, start: Elements, weight: Elements, rows: Sequence[Elements]) -> Elements:
        """Return ``start`` after ``start = fma(weight[:, [j]], rows[j], start)``, j ascending.

        `start` is (out, frames), or (out, 1) to begin every frame alike; `weight` is (out, n);
        `rows` are n arrays of (frames,).
        """

    def recurrence(self, weight: Elements) -> HiddenSum:
        """Return `sum_products` for this weight (rows, columns) and one frame at a time.

        An arithmetic may know a faster way to the same bits.
        """

        def add(partial: Elements, hidden: Elements) -> Elements:
            sums: Elements = self.sum_products(partial[:, None], weight, list(hidden[:, None]))
            return sums.ravel()

        return add
