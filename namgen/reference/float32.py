"""The operations in float32, bit for bit what the generated C computes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from namgen import ir
from namgen.arithmetic import F32, FLOAT32, Elements
from namgen.reference.activations import curve
from namgen.reference.fma import fma, fma_rows
from namgen.reference.operations import Curve, HiddenSum, Operand, Operations
from namgen.reference.recurrence import Recurrence
from namgen.reference.tanh import tanh

_EXPONENT = np.uint32(0x7F800000)


class Float32(Operations):
    """Every operation rounds once, to the nearest float32, ties to even."""

    arithmetic = FLOAT32

    def constants(self, values: npt.ArrayLike) -> F32:
        """Return the nearest float32; no copy of what is float32 already."""
        return np.asarray(values, np.float32)

    def enter(self, x: F32) -> F32:
        """Take samples as they are, but NaN and infinities as +0."""
        return sanitize(x)

    def leave(self, y: Elements) -> F32:
        """Give elements out as they are."""
        return self.constants(y)

    def add(self, a: Operand, b: Operand) -> F32:
        """Return ``a + b``."""
        return np.asarray(np.add(a, b, dtype=np.float32))

    def subtract(self, a: Operand, b: Operand) -> F32:
        """Return ``a - b``."""
        return np.asarray(np.subtract(a, b, dtype=np.float32))

    def multiply(self, a: Operand, b: Operand) -> F32:
        """Return ``a * b``."""
        return np.asarray(np.multiply(a, b, dtype=np.float32))

    def divide(self, a: Operand, b: Operand) -> F32:
        """Return ``a / b``."""
        return np.asarray(np.divide(a, b, dtype=np.float32))

    def fma(self, a: Operand, b: Operand, c: Operand) -> F32:
        """Return ``a * b + c``, rounded once: `fma`."""
        return fma(a, b, c)

    def magnitude(self, a: Operand) -> F32:
        """Return ``|a|``."""
        return np.asarray(np.abs(self.constants(a)))

    def greater(self, a: Operand, b: Operand) -> F32:
        """``nam_max``: b where the two are equal, or a is NaN."""
        left, right = self.constants(a), self.constants(b)
        return np.where(left > right, left, right)

    def lesser(self, a: Operand, b: Operand) -> F32:
        """``nam_min``: b where the two are equal, or a is NaN."""
        left, right = self.constants(a), self.constants(b)
        return np.where(left < right, left, right)

    def tanh(self, a: Elements) -> F32:
        """Return the hyperbolic tangent, by the table of cubics: `tanh`."""
        return tanh(self.constants(a))

    def activation(self, activation: ir.Activation) -> Curve:
        """Return the twin of a kernel of ``nam_activations.h``."""
        return curve(self, activation)

    def sum_products(self, start: Elements, weight: Elements, rows: Sequence[Elements]) -> F32:
        """Return the sums of products in their order: `fma_rows`."""
        return fma_rows(self.constants(start), self.constants(weight), rows)

    def recurrence(self, weight: Elements) -> HiddenSum:
        """Return the sums of one frame, the fast way: `Recurrence`."""
        return Recurrence(self.constants(weight)).add


IN_FLOAT32 = Float32()
"""The operations of what is compiled."""


def sanitize(x: npt.ArrayLike) -> F32:
    """Replace NaN and infinities by +0: the door of the model. Any shape."""
    values = np.asarray(x, np.float32)
    bad = (values.view(np.uint32) & _EXPONENT) == _EXPONENT
    return np.where(bad, np.float32(0), values)
