"""The definition of correct for integer networks: NumPy, one operation per instruction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from namgen.arithmetic import F32
from namgen.fixed import exact
from namgen.fixed.ir import (
    IntegerActivation,
    IntegerArray,
    IntegerHead,
    IntegerLayer,
    IntegerNetwork,
    LongTanh,
    ShortTanh,
    Slopes,
    Word,
)
from namgen.fixed.operations import (
    I64,
    Sum,
    checked,
    clip,
    enter,
    high,
    leave,
    long_tanh,
    short_tanh,
    slopes,
    wide,
    wrapped,
)

_CHUNK_FRAMES = 2048  # frames per pass: long enough to hide NumPy's cost per call


class FixedReference:
    """An integer network that runs: float32 in, float32 out, state kept between calls.

    It starts, and starts again, settled: as endless silence leaves it. With `check` a sum that
    does not fit into 32 bits raises OverflowError, where it would wrap otherwise.
    """

    def __init__(self, network: IntegerNetwork, *, check: bool = False) -> None:
        self._gain = network.gain
        add = checked if check else wrapped
        self._arrays = tuple(_Array(array, add) for array in network.arrays)
        self.reset()

    def reset(self) -> None:
        """Go back to the start state."""
        _settle(self._arrays)

    def process(self, x: F32) -> F32:
        """Process x (1, frames), any number of frames; returns (1, frames).

        The partition into calls does not change the output.
        """
        if x.ndim != 2 or x.shape[0] != 1:
            raise ValueError(f"x: expected shape (1, frames), found {x.shape}")
        out = np.empty(x.shape, np.float32)
        for first in range(0, x.shape[1], _CHUNK_FRAMES):
            here = slice(first, first + _CHUNK_FRAMES)
            out[:, here] = leave(_forward(self._arrays, enter(x[:, here])), self._gain)
        return out


@dataclass(frozen=True, slots=True, eq=False)
class ArrayRest:
    """What one array's memories hold at reset; feedback begins at 0."""

    layers: tuple[I64, ...]  # per layer (in,): the words the convolution reads; x is 0
    head: I64  # (width,): the head sum, shifted as the head reads it


Rest: TypeAlias = tuple[ArrayRest, ...]


def settled(network: IntegerNetwork) -> Rest:
    """Return what endless silence leaves in every history, which is constant."""
    arrays = tuple(_Array(array, wrapped) for array in network.arrays)
    _settle(arrays)
    return tuple(array.rest() for array in arrays)


def _settle(arrays: tuple[_Array, ...]) -> None:
    """Silence keeps every number constant, so one frame finds them all, layer by layer."""
    for array in arrays:
        array.forget()
    _forward(arrays, np.zeros((1, 1), np.int64), settle=True)
    for array in arrays:
        array.forget()


def _forward(arrays: tuple[_Array, ...], x: I64, *, settle: bool = False) -> I64:
    """Run x (1, frames); returns the last head (1, frames)."""
    residual, head = x, np.zeros((1, 1), np.int64)
    for array in arrays:
        residual, head = array.run(residual, head, x, settle=settle)
    return head


class _Array:
    """An `IntegerArray` with its memories."""

    def __init__(self, array: IntegerArray, add: Sum) -> None:
        self._array, self._add = array, add
        self._layers = tuple(_Layer(layer, add) for layer in array.layers)
        self._head = _Head(array.head, add)

    def run(self, residual: I64, head: I64, x: I64, *, settle: bool) -> tuple[I64, I64]:
        """Return the residual and the head's output; `head` is the sum so far."""
        if self._array.rechannel is not None:
            residual = self._add(_products(wide(self._array.rechannel), residual, short=False))
        for layer in self._layers:
            residual, t = layer.run(residual, x, settle=settle)
            head = self._add(head + layer.contribution(t))
        return residual, self._head.run(head, settle=settle)

    def forget(self) -> None:
        """Take the remainders of the words away."""
        for layer in self._layers:
            layer.forget()

    def rest(self) -> ArrayRest:
        constants = tuple(layer.history.oldest for layer in self._layers)
        return ArrayRest(constants, self._head.history.oldest)


class _Layer:
    """An `IntegerLayer` with the history of its convolution and the remainders of its words."""

    def __init__(self, layer: IntegerLayer, add: Sum) -> None:
        self._layer, self._add = layer, add
        self._read = _Reader(layer.word or Word(), add)
        self._dense = _Reader(layer.dense.word if layer.dense else Word(), add)
        self._flat = wide(layer.weight).transpose(0, 2, 1).reshape(layer.rows, -1)
        self.history = _History(layer.inputs, layer.kernel_size, layer.dilation)

    def run(self, residual: I64, x: I64, *, settle: bool) -> tuple[I64, I64]:
        """Return the next residual and what the activation gives."""
        layer = self._layer
        read = residual if layer.reads_input else self._read(residual)
        if settle:
            self.history.fill(read[:, 0])
        short = not layer.reads_input and self._read.is_short
        taps = _products(self._flat, self.history.advance(read), short=short)
        z = self._add(wide(layer.bias)[:, None] + high(wide(layer.mixin)[:, None], x) + taps)
        t = _activated(layer.activation, z, self._add)
        return self._carried(residual, t), t

    def contribution(self, t: I64) -> I64:
        """What the layer adds to the head sum."""
        layer = self._layer
        return t >> layer.drop if layer.skip is None else high(wide(layer.skip)[:, None], t)

    def forget(self) -> None:
        """Take the remainders of the words away."""
        self._read.forget()
        self._dense.forget()

    def _carried(self, residual: I64, t: I64) -> I64:
        layer = self._layer
        if layer.dense is None:
            return residual
        if layer.carry is not None:
            changed = high(wide(layer.carry)[:, None], residual)
            residual = changed if layer.reads_input else self._add(residual + changed)
        weight, a = wide(layer.dense.weight), self._dense(t)
        products = self._add(_products(weight, a, short=layer.dense.word.is_short))
        return self._add(residual + (products >> layer.dense.drop))


class _Reader:
    """A `Word` with its remainders."""

    def __init__(self, word: Word, add: Sum) -> None:
        self._word, self._add = word, add
        self.is_short = word.is_short
        self.forget()

    def forget(self) -> None:
        """Take the remainders away."""
        self._remainder = None if self._word.masks is None else 0 * wide(self._word.masks)

    def __call__(self, v: I64) -> I64:
        """Read v (channels, frames).

        Under a mask remainders only ever add up: those of all frames before, modulo 2^shift.
        """
        word = self._word
        if not word.is_short:
            return clip(v, word.bits) << word.left
        if word.masks is not None and self._remainder is not None:
            masks = wide(word.masks)[:, None]
            sums = np.cumsum(v & masks, axis=1) + self._remainder[:, None]
            before = np.concatenate((self._remainder[:, None], sums[:, :-1]), axis=1) & masks
            self._remainder = sums[:, -1] & masks[:, 0]
            v = self._add(v + before)
        return clip(v >> word.shift, word.bits)


class _Head:
    """An `IntegerHead` with its history."""

    def __init__(self, head: IntegerHead, add: Sum) -> None:
        self._head, self._add = head, add
        outputs, width, kernel_size = head.weight.shape
        self._flat = wide(head.weight).transpose(0, 2, 1).reshape(outputs, -1)
        self.history = _History(width, kernel_size, 1)

    def run(self, head_sum: I64, *, settle: bool) -> I64:
        read = self._add(head_sum << self._head.shift)
        if settle:
            self.history.fill(read[:, 0])
        taps = _products(self._flat, self.history.advance(read), short=False)
        return self._add(wide(self._head.bias)[:, None] + taps)


class _History:
    """The frames a convolution looks back on."""

    def __init__(self, inputs: int, kernel_size: int, dilation: int) -> None:
        self._kernel_size, self._dilation = kernel_size, dilation
        self._past = np.zeros((inputs, (kernel_size - 1) * dilation), np.int64)
        self.oldest = np.zeros(inputs, np.int64)

    def fill(self, constant: I64) -> None:
        """Make the whole past hold `constant` (in,)."""
        self._past[:] = constant[:, None]
        self.oldest = constant

    def advance(self, read: I64) -> I64:
        """Remember read (in, frames); return what the taps see, (kernel * in, frames)."""
        frames = read.shape[1]
        recent = np.concatenate((self._past, read), axis=1)
        self._past = recent[:, frames:]
        offsets = (tap * self._dilation for tap in range(self._kernel_size))
        return np.concatenate([recent[:, at : at + frames] for at in offsets])


def _activated(curve: IntegerActivation, z: I64, add: Sum) -> I64:
    match curve:
        case Slopes():
            return slopes(curve, z, add)
        case LongTanh():
            return long_tanh(curve, z, add)
        case ShortTanh():
            return short_tanh(curve, z, add)


def _products(weight: I64, read: I64, *, short: bool) -> I64:
    """Sum the products of weight (out, in) and read (in, frames): (out, frames).

    Sums of products of 16 bits are integers that a float64 holds, so any order gives the same.
    """
    if short:
        return exact.product(weight.astype(np.float64), read.astype(np.float64)).astype(np.int64)
    total = np.zeros((weight.shape[0], read.shape[1]), np.int64)
    for column, row in zip(weight.T, read, strict=True):
        total += high(column[:, None], row[None, :])
    return total
