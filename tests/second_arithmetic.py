"""Operations that watch those of float32; `Float64` is a whole second arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from namgen import ir
from namgen.arithmetic import F32, Elements
from namgen.reference.activations import curve
from namgen.reference.float32 import Float32
from namgen.reference.operations import Curve, HiddenSum


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
