"""Makes the integers of one network, layer by layer, following silence through them."""

from __future__ import annotations

import numpy as np

from namgen.errors import UnsupportedError
from namgen.fixed import operations
from namgen.fixed.ir import (
    I32,
    Dense,
    IntegerArray,
    IntegerHead,
    IntegerLayer,
    IntegerNetwork,
    ShortTanh,
    Slopes,
    Word,
)
from namgen.fixed.operations import I64, clip, high
from namgen.fixed.quantise import resting
from namgen.fixed.quantise.places import Place, places
from namgen.fixed.quantise.rounding import rounded
from namgen.fixed.quantise.setting import Setting
from namgen.fixed.quantise.statistics import LayerStatistics
from namgen.fixed.quantise.steps import COEFFICIENT, INPUT_STEP, Steps
from namgen.fixed.quantise.tanh_tables import short_tanh
from namgen.fixed.real import F64, RealNetwork

_UNIT = 2.0**32
_BATCH = 400
_BATCHES = 10
_NUDGE = 3e-6
"""Steps of the residual are tried this far apart, relatively."""


def assemble(
    network: RealNetwork, seen: tuple[LayerStatistics, ...], setting: Setting, steps: Steps
) -> IntegerNetwork:
    """Make the integers; moves some of `steps`."""
    maker = _Maker(network, seen, setting, steps)
    layers = [maker.layer(i) for i in range(len(seen))]
    arrays, at = [], 0
    for a, array in enumerate(network.arrays):
        mine = tuple(layers[at : at + len(array.layers)])
        at += len(array.layers)
        rechannel = maker.rechannels[a]
        arrays.append(IntegerArray(rechannel, mine, maker.head(a)))
    return IntegerNetwork(tuple(arrays), np.float32(maker.out_step * network.scale))


class _Maker:
    """Carries from layer to layer what the integers are at rest, and what they lack on average."""

    def __init__(
        self,
        network: RealNetwork,
        seen: tuple[LayerStatistics, ...],
        setting: Setting,
        steps: Steps,
    ) -> None:
        self.network, self.seen, self.setting, self.steps = network, seen, setting, steps
        self.places = places(network)
        self.rechannels: list[I32 | None] = [None] * len(network.arrays)
        self.out_step = 1.0
        self.rest = np.zeros(1, np.int64)  # of the residual
        self.lack = np.zeros(1)  # by which the residual is too small on average, in real numbers

    def layer(self, i: int) -> IntegerLayer:
        """Make layer i; those before it are made."""
        place = self.places[i]
        self._enter(i, place)
        word, weight, bias, rest = self._convolution(i, place)
        curve, t_rest = self._activation(i, place, rest)
        mixin = _integers(place.layer.mixin * INPUT_STEP / self.steps.z[i] * _UNIT)
        carry, dense = self._dense(i, place, t_rest)
        dilation = place.layer.dilation
        skip, drop = self._skip(i, place)
        return IntegerLayer(word, weight, dilation, bias, mixin, curve, skip, carry, dense, drop)

    def _skip(self, i: int, place: Place) -> tuple[I32 | None, int]:
        """Return how t gets onto the head sum: by a factor, or by a shift behind a tanh."""
        scale = self.steps.t[i] / self.steps.head[place.array_index]
        if place.layer.slope is not None:
            return _integers(scale * _UNIT), 0
        return None, -int(np.log2(scale[0]))

    def head(self, a: int) -> IntegerHead:
        """Make the head of array a: into the next head sum, or out."""
        array, last = self.network.arrays[a], a == len(self.network.arrays) - 1
        shift = self.steps.head_shifts[a]
        step = self.steps.head[a]
        if last:
            self.out_step = self._out_step(array.head, array.head_bias, step, shift)
        out = self.out_step if last else self.steps.head[a + 1]
        weight = _integers(array.head * step * 2.0**-shift / out * _UNIT)
        return IntegerHead(weight, _integers(array.head_bias / out), shift)

    def _out_step(self, weight: F64, bias: F64, step: float, shift: int) -> float:
        """Return what a unit of the output is worth: coefficients fit, and no sum wraps."""
        largest = float(np.abs(weight).max()) * step * 2.0 ** (1 - shift) * 1.001
        total = float(np.abs(weight).sum()) * step * 2.0 ** (31 - shift) + float(np.abs(bias).max())
        return max(largest, total / 2.0**31 * 1.001, 1e-30)

    def _enter(self, i: int, place: Place) -> None:
        """Begin an array: the residual there is x, or the rechannel of the one before."""
        if place.opens and place.array.rechannel is not None:
            scale = self.steps.behind[i - 1][None, :] / self.steps.read[i][:, None]
            weight = _integers(place.array.rechannel * scale * _UNIT)
            self.rechannels[place.array_index] = weight
            self.rest = high(weight.astype(np.int64), self.rest[None, :]).sum(axis=1)
            self.lack = (place.array.rechannel * self.lack[None, :]).sum(axis=1)

    def _convolution(self, i: int, place: Place) -> tuple[Word | None, I32, I32, I64]:
        """Return the word, the weights, the bias and z at rest."""
        layer, z = place.layer, self.steps.z[i]
        if place.reads_input:
            weight = _integers(layer.weight * INPUT_STEP / z[:, None, None] * _UNIT)
            bias = _integers(layer.bias / z)
            return None, weight, bias, bias.astype(np.int64)
        step = self.steps.read[i]
        if i in self.setting.long_convs:
            word = _long(self.setting.long_residual_bits)
            step = step * 2.0**-word.left
            weight = _integers(layer.weight * step[None, :, None] / z[:, None, None] * _UNIT)
            read, seen_as = clip(self.rest, word.bits) << word.left, _UNIT
        else:
            word = self._short(i)
            weight = self._short_weight(i, layer.weight, z)
            read, seen_as = clip(self.rest >> word.shift, 16), 2.0**word.shift
            step = step * seen_as
            seen_as = 1.0
        wide = weight.astype(np.int64)
        bias = _integers(self._bias(i, place, wide, step, seen_as))
        products = wide * read[None, :, None] if word.is_short else high(wide, read[None, :, None])
        return word, weight, bias, bias.astype(np.int64) + products.sum(axis=(1, 2))

    def _bias(self, i: int, place: Place, weight: I64, step: F64, unit: float) -> F64:
        """Return the bias in units of z, with what rounding and cutting off take on average."""
        layer, z, rest = place.layer, self.steps.z[i], self.seen[i].residual_rest
        made = weight.sum(axis=2) / unit * z[:, None] / step[None, :]
        wanted = layer.weight.sum(axis=2)
        lost = ((wanted - made) * rest[None, :]).sum(axis=1)
        lost = lost + (wanted * self.lack[None, :]).sum(axis=1)
        cut = 0.0
        if i not in self.setting.long_convs and not self.setting.feeds_conv(i):
            cut = 0.5 * weight.sum(axis=(1, 2))
        return np.asarray((layer.bias + lost) / z + cut)

    def _short(self, i: int) -> Word:
        """Return the short word of the residual; its masks from the rest."""
        shift = self.setting.residual_shift
        masks = _masks(self.rest, shift) if self.setting.feeds_conv(i) else None
        return Word(16, shift, masks)

    def _short_weight(self, i: int, weight: F64, z: F64) -> I32:
        rows, inputs, kernel_size = weight.shape
        words = self.steps.read[i] * 2.0**self.setting.residual_shift
        flat = (weight * words[None, :, None] / z[:, None, None]).transpose(0, 2, 1)
        units = np.tile(words, kernel_size)
        moments = self.seen[i].conv_moments / (units[:, None] * units[None, :])
        made = rounded(flat.reshape(rows, -1), moments)
        return _integers(made.reshape(rows, kernel_size, inputs).transpose(0, 2, 1))

    def _activation(self, i: int, place: Place, z_rest: I64) -> tuple[Slopes | ShortTanh, I64]:
        """Return the activation, and t at rest."""
        layer, z, t = place.layer, self.steps.z[i], self.steps.t[i]
        if layer.slope is None:
            table = short_tanh(-int(np.log2(z[0])))
            return table, operations.short_tanh(table, z_rest, operations.wrapped)
        if self.setting.feeds_dense(i) and layer.dense is not None:
            for c in range(t.size):
                most = min(
                    self._most(i, layer.dense, c),
                    self.steps.head[place.array_index] / (2.01 * t[c]),
                )
                shift = self.setting.activation_shift
                t[c] = resting.quiet_t(z[c], t[c], layer.slope[c], int(z_rest[c]), shift, most)
        scale = _integers(z / t * _UNIT)
        bend = _integers((layer.slope - 1.0) * z / t * _UNIT)
        below = np.minimum(z_rest, 0)
        rest = high(z_rest, scale.astype(np.int64)) + high(below, bend.astype(np.int64))
        return Slopes(scale, bend), rest

    def _most(self, i: int, dense: F64, channel: int) -> float:
        """By how much the step of t may grow until a weight of the 1x1 does not fit."""
        words = self.steps.t[i][channel] * 2.0**self.setting.activation_shift
        used = np.abs(dense[:, channel]) * words / self.steps.behind[i]
        return float(32700.0 / max(float(used.max()), 1e-9))

    def _dense(self, i: int, place: Place, t_rest: I64) -> tuple[I32 | None, Dense | None]:
        """Return how the residual is carried on and the 1x1; the residual at rest moves on."""
        layer = place.layer
        if layer.dense is None:
            return None, None
        shift = self.setting.activation_shift
        if i in self.setting.long_denses:
            word, cut = _long(self.setting.long_activation_bits), 0.0
            read = clip(t_rest, word.bits) << word.left
            unit = self.steps.t[i] * 2.0**-word.left * _UNIT
        else:
            fed = self.setting.feeds_dense(i)
            bits = self.setting.activation_bits
            word = Word(bits, shift, _masks(t_rest, shift) if fed else None)
            read, unit = clip(t_rest >> shift, bits), self.steps.t[i] * 2.0**shift
            cut = 0.0 if fed else 0.5
        rows = _Rows(self, i, place, read, unit, word)
        made = [rows.find(o) for o in range(layer.dense.shape[0])]
        weight = np.array([row[0] for row in made])
        carry = np.array([row[1] for row in made])
        carries = layer.slope is not None or layer.carry is not None
        self._move_on(i, layer.dense, weight, unit, cut, np.array([row[2] for row in made]))
        made_dense = Dense(word, _integers(weight), self.steps.dense_drops[i])
        return _integers(carry) if carries else None, made_dense

    def _move_on(self, i: int, dense: F64, weight: F64, unit: F64, cut: float, rest: F64) -> None:
        step = self.steps.behind[i]
        step = step * 2.0 ** -self.steps.dense_drops[i]
        made = weight * step[:, None] / unit[None, :]
        lack = cut * weight.sum(axis=1) * step + ((dense - made) * self.seen[i].t_rest).sum(axis=1)
        self.lack = self.lack + lack if i else lack
        self.rest = rest.astype(np.int64)


class _Rows:
    """The rows of one 1x1: the step of the residual behind it moves until its rest is quiet."""

    def __init__(
        self, maker: _Maker, i: int, place: Place, read: I64, unit: F64, word: Word
    ) -> None:
        self._maker, self._i, self._read, self._unit, self._word = maker, i, read, unit, word
        self._place = place
        assert place.layer.dense is not None
        self._dense = place.layer.dense
        self._moments = maker.seen[i].dense_moments / (unit[:, None] * unit[None, :])
        quiet = not place.closes and maker.setting.feeds_conv(i + 1)
        self._mask = resting.whole_mask(maker.setting.residual_shift) if quiet else 0

    def find(self, o: int) -> tuple[F64, float, int]:
        """Return weights, carry and rest of row o; writes the step that was taken."""
        wanted = float(self._maker.steps.behind[self._i][o])
        first = self._at(o, np.array([wanted]))
        found = self._quiet(first)
        steps = np.array([wanted])
        for batch in range(_BATCHES):
            if found is not None:
                break
            steps = np.asarray(wanted * (1.0 + (batch * _BATCH + 1 + np.arange(_BATCH)) * _NUDGE))
            tried = self._at(o, steps)
            found = self._quiet(tried)
            if found is not None:
                first = tried
        k = found or 0
        taken = float(steps[k]) if found is not None else wanted
        self._maker.steps.behind[self._i][o] = taken
        return first[0][k], float(first[1][k]), int(first[2][k])

    def _quiet(self, tried: tuple[F64, I64, I64]) -> int | None:
        """Return the first of the tried steps that leaves no remainder."""
        hits = np.flatnonzero((tried[2] & self._mask) == 0)
        return int(hits[0]) if hits.size else None

    def _at(self, o: int, steps: F64) -> tuple[F64, I64, I64]:
        """Return weights (steps, in), carries and rests for some steps of the residual."""
        drop = self._maker.steps.dense_drops[self._i]
        rows = self._dense[o][None, :] * self._unit[None, :] / (steps[:, None] * 2.0**-drop)
        if self._word.is_short:
            weights = rounded(rows, self._moments)
            products = weights.astype(np.int64) * self._read[None, :]
        else:
            weights = self._fitting(np.rint(rows))
            products = high(weights.astype(np.int64), self._read[None, :])
        carries, rest = self._carried(o, steps)
        return weights, carries, rest + (products.sum(axis=1) >> drop)

    def _fitting(self, weights: F64) -> F64:
        """Return coefficients.

        Raises:
            UnsupportedError: they do not fit into 32 bits.

        """
        if float(np.abs(weights).max(initial=0.0)) > COEFFICIENT:
            raise UnsupportedError(
                f"{self._place.path}: expected a 1x1 that fixed point "
                "keeps within 32 bits, found larger weights"
            )
        return weights

    def _carried(self, o: int, steps: F64) -> tuple[I64, I64]:
        layer, i = self._place.layer, self._i
        if layer.carry is not None:
            carries = np.rint(layer.carry[o] * INPUT_STEP / steps * _UNIT).astype(np.int64)
            return carries, np.zeros(steps.size, np.int64)
        before = float(self._maker.steps.read[i][o])
        carries = np.rint((before / steps - 1.0) * _UNIT).astype(np.int64)
        rest = self._maker.rest[o]
        return carries, rest + high(carries, rest + 0 * carries)


def _long(bits: int) -> Word:
    return Word(bits, left=32 - bits)


def _masks(rest: I64, shift: int) -> I32:
    """Return the whole mask where the rest has no remainder under it, and 0 elsewhere."""
    mask = resting.whole_mask(shift)
    return np.where((rest & mask) == 0, mask, 0).astype(np.int32)


def _integers(values: F64 | I64) -> I32:
    """Round to int32, which they fit by construction."""
    whole = np.rint(values)
    assert float(np.abs(whole).max(initial=0.0)) < 2.0**31, float(np.abs(whole).max())
    return whole.astype(np.int64).astype(np.int32)
