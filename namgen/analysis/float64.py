"""Float64 in place of float32: what a network's file says, but for rounding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from namgen import ir
from namgen.arithmetic import F32, Arithmetic, Elements
from namgen.reference.activations import curve
from namgen.reference.float32 import sanitize
from namgen.reference.operations import Curve, Operand, Operations


class Float64(Operations):
    """The operations of another arithmetic; results are rounded to float32 once, at the end."""

    arithmetic = Arithmetic("float64", "double", np.dtype(np.float64))

    def constants(self, values: Any) -> Elements:
        """See `Operations.constants`."""
        return np.asarray(values, np.float64)

    def enter(self, x: F32) -> Elements:
        """See `Operations.enter`."""
        return sanitize(x).astype(np.float64)

    def leave(self, y: Elements) -> F32:
        """See `Operations.leave`."""
        return y.astype(np.float32)

    def add(self, a: Operand, b: Operand) -> Elements:
        """See `Operations.add`."""
        return np.add(a, b)

    def subtract(self, a: Operand, b: Operand) -> Elements:
        """See `Operations.subtract`."""
        return np.subtract(a, b)

    def multiply(self, a: Operand, b: Operand) -> Elements:
        """See `Operations.multiply`."""
        return np.multiply(a, b)

    def divide(self, a: Operand, b: Operand) -> Elements:
        """See `Operations.divide`."""
        return np.divide(a, b)

    def fma(self, a: Operand, b: Operand, c: Operand) -> Elements:
        """See `Operations.fma`."""
        return np.add(np.multiply(a, b), c)

    def magnitude(self, a: Operand) -> Elements:
        """See `Operations.magnitude`."""
        return np.abs(a)

    def greater(self, a: Operand, b: Operand) -> Elements:
        """See `Operations.greater`."""
        return np.maximum(a, b)

    def lesser(self, a: Operand, b: Operand) -> Elements:
        """See `Operations.lesser`."""
        return np.minimum(a, b)

    def tanh(self, a: Elements) -> Elements:
        """See `Operations.tanh`."""
        return np.tanh(a)

    def activation(self, activation: ir.Activation) -> Curve:
        """See `Operations.activation`."""
        return curve(self, activation)

    def sum_products(self, start: Elements, weight: Elements, rows: Sequence[Elements]) -> Elements:
        """See `Operations.sum_products`."""
        products: Elements = weight @ np.array(rows)
        return np.add(start, products)
