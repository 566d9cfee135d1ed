"""Networks with tanh in words of 32 bits: steps are powers of two, found by the bounds alone.

Nothing is listened to. tanh holds every activation within 1, so the worst case of every sum is
near, and 32 bits have room for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.errors import UnsupportedError
from namgen.fixed.bounds import Bound, bounds
from namgen.fixed.ir import (
    I32,
    Dense,
    IntegerArray,
    IntegerHead,
    IntegerLayer,
    IntegerNetwork,
    Word,
)
from namgen.fixed.quantise.tanh_tables import long_tanh
from namgen.fixed.real import F64, RealArray, RealLayer, RealNetwork

_FIT = 2.0**31 - 2.0**8
_ROOM = 2.0**31 * 0.99
_UNIT_BITS = 32
_INPUT_BITS = 30
_MOST_T_BITS = 28
_MOST_Z_BITS = 28
_LEAST_Z_BITS = 12
_MOST_HEAD_SHIFT = 5


@dataclass(frozen=True, slots=True)
class WideSteps:
    """Fractional bits of everything."""

    t: int
    z: int
    residual: tuple[int, ...]  # per array
    shift: tuple[int, ...]  # of the head sum, per array
    out: int  # of the last head


def wide(network: RealNetwork) -> tuple[IntegerNetwork, tuple[Bound, ...]]:
    """Return the integers with the finest steps that nothing wraps with, and the proof.

    Raises:
        UnsupportedError: there are none.

    """
    steps = _steps(network)
    if steps.z >= _LEAST_Z_BITS:
        made = _Maker(network, steps).network()
        proof = bounds(made)
        if all(bound.share < 1.0 for bound in proof):
            return made, proof
    raise UnsupportedError(
        "weights: expected sums that fixed point keeps within 32 bits, found larger ones"
    )


def _steps(network: RealNetwork) -> WideSteps:
    *heads, output = _head_reach(network)
    inner = [max(_bits_above(a.head) + 1, 0) for a in network.arrays[:-1]]
    shifted = [reach * 2.0**shift for reach, shift in zip(heads, [*inner, 0], strict=True)]
    t = min(_room(max(shifted)), _MOST_T_BITS)
    last = min(_room(heads[-1]) - t, _MOST_HEAD_SHIFT)
    reach = _residual_reach(network)
    residual: list[int] = []
    for a, array in enumerate(network.arrays):
        bits = min(_room(reach[a]), *(t - 1 - _bits_above(y.dense) for y in array.layers))
        bits = min(bits, *(_INPUT_BITS - 1 - _bits_above(y.carry) for y in array.layers))
        if array.rechannel is not None:
            bits = min(bits, residual[-1] - 1 - _bits_above(array.rechannel))
        residual.append(bits)
    z = min(_z_bits(a, bits, r) for a, bits, r in zip(network.arrays, residual, reach, strict=True))
    out = min(t + last - _bits_above(network.arrays[-1].head) - 1, _room(output))
    return WideSteps(t, min(z, _MOST_Z_BITS), tuple(residual), (*inner, last), out)


def _head_reach(network: RealNetwork) -> list[float]:
    """Return how far every array's head sum gets, every tanh at its largest, and the output."""
    reach, entering = [], np.zeros(1)
    for array in network.arrays:
        total = entering + float(len(array.layers))
        reach.append(float(total.max()))
        width = np.zeros(array.head.shape[1]) + total
        entering = (np.abs(array.head) * width[None, :, None]).sum(axis=(1, 2)) + abs(
            array.head_bias
        )
    return [*reach, float(entering.max())]


def _residual_reach(network: RealNetwork) -> list[float]:
    """Return how far the residual of every array gets."""
    reach, residual = [], np.full(1, 2.0)
    for array in network.arrays:
        if array.rechannel is not None:
            residual = (np.abs(array.rechannel) * residual[None, :]).sum(axis=1)
        largest = float(residual.max())
        for layer in array.layers:
            if layer.carry is not None:
                residual = 2.0 * np.abs(layer.carry)
            if layer.dense is not None:
                residual = residual + np.abs(layer.dense).sum(axis=1)
            largest = max(largest, float(residual.max()))
        reach.append(largest)
    return reach


def _z_bits(array: RealArray, residual: int, reach: float) -> int:
    """Return the most fractional bits that z can have in every layer of an array."""
    found = []
    for layer in array.layers:
        first = layer.carry is not None
        read, most = (_INPUT_BITS, 2.0) if first else (residual, reach)
        total = np.abs(layer.weight).sum(axis=(1, 2)) * most + abs(layer.bias)
        total = total + 2.0 * np.abs(layer.mixin)
        found.append(_room(float(total.max())))
        found.append(read - 1 - _bits_above(layer.weight))
        found.append(_INPUT_BITS - 1 - _bits_above(layer.mixin))
    return min(found)


def _room(reach: float) -> int:
    """Return the most fractional bits with which `reach` fits into 32."""
    return int(np.floor(np.log2(_ROOM / max(reach, 1e-9))))


def _bits_above(weights: F64 | None) -> int:
    """Return the bits that the largest weight has before its point; negative below 1/2."""
    largest = 0.0 if weights is None else float(np.abs(weights).max(initial=0.0))
    return int(np.frexp(largest * (1.0 + 2.0**-20))[1]) if largest else -_UNIT_BITS


class _Maker:
    """Rounds every coefficient at given steps."""

    def __init__(self, network: RealNetwork, steps: WideSteps) -> None:
        self._real, self._steps = network, steps
        self._table = long_tanh(steps.z, steps.t)

    def network(self) -> IntegerNetwork:
        """Make the integers."""
        arrays = tuple(self._array(a, array) for a, array in enumerate(self._real.arrays))
        return IntegerNetwork(arrays, np.float32(self._real.scale * 2.0**-self._steps.out))

    def _array(self, a: int, array: RealArray) -> IntegerArray:
        bits = self._steps.residual[a]
        rechannel = None
        if array.rechannel is not None:
            more = bits - self._steps.residual[a - 1]
            rechannel = _rounded(array.rechannel, more + _UNIT_BITS)
        layers = tuple(self._layer(layer, bits) for layer in array.layers)
        return IntegerArray(rechannel, layers, self._head(a, array))

    def _layer(self, layer: RealLayer, bits: int) -> IntegerLayer:
        first, z = layer.carry is not None, self._steps.z
        read = _INPUT_BITS if first else bits
        dense = layer.dense
        return IntegerLayer(
            word=None if first else Word(),
            weight=_rounded(layer.weight, z - read + _UNIT_BITS),
            dilation=layer.dilation,
            bias=_rounded(layer.bias, z),
            mixin=_rounded(layer.mixin, z - _INPUT_BITS + _UNIT_BITS),
            activation=self._table,
            skip=None,
            carry=_carry(layer, bits),
            dense=None if dense is None else Dense(Word(), self._dense(dense, bits)),
        )

    def _dense(self, dense: F64, bits: int) -> I32:
        return _rounded(dense, bits - self._steps.t + _UNIT_BITS)

    def _head(self, a: int, array: RealArray) -> IntegerHead:
        last, shift = a == len(self._real.arrays) - 1, self._steps.shift[a]
        out_bits = self._steps.out if last else self._steps.t
        weight = _rounded(array.head, out_bits - self._steps.t - shift + _UNIT_BITS)
        return IntegerHead(weight, _rounded(array.head_bias, out_bits), shift)


def _carry(layer: RealLayer, bits: int) -> I32 | None:
    if layer.carry is None:
        return None
    return _rounded(layer.carry, bits - _INPUT_BITS + _UNIT_BITS)


def _rounded(values: F64, bits: int) -> I32:
    """Round values to so many fractional bits; they fit into 32 by the choice of bits."""
    whole = np.rint(values * 2.0**bits)
    assert float(np.abs(whole).max(initial=0.0)) <= _FIT
    return whole.astype(np.int64).astype(np.int32)
