"""Other operations than float32's: what a second arithmetic is, and what watches the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from namgen import ir
from namgen.arithmetic import F32, Arithmetic, Elements
from namgen.reference.activations import curve
from namgen.reference.float32 import Float32, sanitize
from namgen.reference.operations import Curve, HiddenSum, Operand, Operations


class Float64(Operations):
    """The whole of another arithmetic."""

    arithmetic = Arithmetic("float64", "double", np.dtype(np.float64))

    def constants(self, values: Any) -> Elements:
        return np.asarray(values, np.float64)

    def enter(self, x: F32) -> Elements:
        return sanitize(x).astype(np.float64)

    def leave(self, y: Elements) -> F32:
        return y.astype(np.float32)

    def add(self, a: Operand, b: Operand) -> Elements:
        return np.add(a, b)

    def subtract(self, a: Operand, b: Operand) -> Elements:
        return np.subtract(a, b)

    def multiply(self, a: Operand, b: Operand) -> Elements:
        return np.multiply(a, b)

    def divide(self, a: Operand, b: Operand) -> Elements:
        return np.divide(a, b)

    def fma(self, a: Operand, b: Operand, c: Operand) -> Elements:
        return np.add(np.multiply(a, b), c)

    def magnitude(self, a: Operand) -> Elements:
        return np.abs(a)

    def greater(self, a: Operand, b: Operand) -> Elements:
        return np.maximum(a, b)

    def lesser(self, a: Operand, b: Operand) -> Elements:
        return np.minimum(a, b)

    def tanh(self, a: Elements) -> Elements:
        return np.tanh(a)

    def activation(self, activation: ir.Activation) -> Curve:
        return curve(self, activation)

    def sum_products(self, start: Elements, weight: Elements, rows: Sequence[Elements]) -> Elements:
        return start + weight @ np.array(rows)


class Counting(Float32):
    """Float32 that counts the products of sums and the values of activations."""

    def __init__(self) -> None:
        self.products = 0
        self.values = 0

    def sum_products(self, start: Elements, weight: Elements, rows: Sequence[Elements]) -> F32:
        self.products += weight.size * rows[0].size
        return super().sum_products(start, weight, rows)

    def recurrence(self, weight: Elements) -> HiddenSum:
        add = super().recurrence(weight)

        def counted(partial: Elements, hidden: Elements) -> Elements:
            self.products += weight.size
            return add(partial, hidden)

        return counted

    def activation(self, activation: ir.Activation) -> Curve:
        compute = super().activation(activation)

        def counted(x: Elements) -> Elements:
            self.values += x.size
            return compute(x)

        return counted


class Sealed(np.ndarray):
    """Elements with which nothing can be computed; whether they are zero may be asked."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc in {np.logical_or, np.logical_and}:
            return getattr(ufunc, method)(*map(opened, inputs), **options)
        raise AssertionError(f"{ufunc.__name__} on elements, past the operations")


def sealed(value: Any) -> Sealed:
    return np.asarray(value, np.float32).view(Sealed)


def opened(value: Any) -> Any:
    if isinstance(value, Sealed):
        return value.view(np.ndarray)
    return [opened(each) for each in value] if isinstance(value, list) else value


class SealedFloat32(Float32):
    """Float32 that hands out sealed elements, and opens them inside its operations only."""

    def zeros(self, *shape: int) -> Elements:
        return sealed(super().zeros(*shape))

    def constants(self, values: Any) -> Elements:
        return sealed(opened(values))

    def enter(self, x: F32) -> Elements:
        return sealed(super().enter(x))

    def leave(self, y: Elements) -> F32:
        assert isinstance(y, Sealed)
        return opened(y)

    def activation(self, activation: ir.Activation) -> Curve:
        return curve(self, activation)

    def recurrence(self, weight: Elements) -> HiddenSum:
        add = Float32().recurrence(opened(weight))
        return lambda partial, hidden: sealed(add(opened(partial), opened(hidden)))


def sealing(name: str) -> Any:
    """An operation of float32, its arguments opened and its result sealed."""

    def operation(self: SealedFloat32, *arguments: Any) -> Elements:
        return sealed(getattr(Float32(), name)(*map(opened, arguments)))

    return operation


ELEMENTARY = (
    "add",
    "subtract",
    "multiply",
    "divide",
    "fma",
    "magnitude",
    "greater",
    "lesser",
    "tanh",
    "sum_products",
)

for _name in ELEMENTARY:
    setattr(SealedFloat32, _name, sealing(_name))
