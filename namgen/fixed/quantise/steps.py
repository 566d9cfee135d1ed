"""How much one unit of every integer is worth: a step per layer and channel.

A step is as small as three things allow: short words reach as far as the calibration signal does
and some headroom more; every coefficient fits into its bits; and no sum can wrap, whatever the
input is. For the last, `reach` follows intervals of real numbers through the layers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.fixed.quantise.setting import Setting
from namgen.fixed.quantise.statistics import LayerStatistics
from namgen.fixed.real import F64, RealArray, RealLayer, RealNetwork

FULL = 2.0**31 * 0.985
"""What sums are planned to stay within: rounding to the best sum of errors adds a little."""

COEFFICIENT = 2.0**31 - 2.0**16
SHORT = 32767.0
INPUT_STEP = 2.0**-30

_SMALLEST_PEAK = 2.0**-6
"""Of the largest of a layer: channels that hardly move get no finer step."""

_ROUNDS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A layer and where it stands."""

    layer: RealLayer
    array: RealArray
    array_index: int
    opens: bool  # the first layer of its array
    closes: bool  # the last one

    @property
    def reads_input(self) -> bool:
        """Whether the convolution reads x itself."""
        return self.opens and self.array_index == 0


def places(network: RealNetwork) -> tuple[Place, ...]:
    """Count the layers through all arrays."""
    return tuple(
        Place(layer, array, a, i == 0, i == len(array.layers) - 1)
        for a, array in enumerate(network.arrays)
        for i, layer in enumerate(array.layers)
    )


@dataclass(slots=True, eq=False)
class Steps:
    """What one unit is worth; mutable, for the search for a quiet rest moves some of them."""

    read: list[F64]  # per layer (in,): the residual its convolution reads
    behind: list[F64]  # per layer (channels,): the residual behind it; the next `read` mostly
    z: list[F64]  # per layer (out,)
    t: list[F64]  # per layer (out,)
    head: list[float]  # per array: the head sum


def make_steps(
    network: RealNetwork,
    seen: tuple[LayerStatistics, ...],
    setting: Setting,
    *,
    margin: float,
    least_t: list[F64] | None = None,
) -> Steps:
    """Find the steps; `margin` is by how much bounds of the residual stay below 32 bits.

    No step of t is less than `least_t`.
    """
    planner = _Planner(places(network), seen, setting, margin)
    if least_t is not None:
        planner.t = [np.maximum(t, least) for t, least in zip(planner.t, least_t, strict=True)]
    for _ in range(_ROUNDS):
        planner.round()
    return planner.finished()


class _Planner:
    """Grows the steps until every condition holds."""

    def __init__(
        self,
        where: tuple[Place, ...],
        seen: tuple[LayerStatistics, ...],
        setting: Setting,
        margin: float,
    ) -> None:
        self.places, self.seen, self.setting, self.margin = where, seen, setting, margin
        self.short_read = [_words(s.residual_peak, setting) for s in seen]
        beyond = 2.0 ** (16 - setting.activation_bits)
        self.short_t = [_words(s.t_peak, setting) * beyond for s in seen]
        self.read = [word * 2.0**-setting.residual_shift for word in self.short_read]
        self.t = [word * 2.0**-setting.activation_shift for word in self.short_t]
        tails = [_words(s.residual_peak, setting) for s in seen]
        self.behind = [
            tails[i] * 2.0**-setting.residual_shift if p.closes else self.read[i + 1]
            for i, p in enumerate(where)
        ]

    def round(self) -> None:
        """Let every condition ask for what it needs."""
        bounds = reach(self.places, self.read, self.t, self.setting)
        for i, place in enumerate(self.places):
            if place.layer.dense is not None:
                grown = np.maximum(self.behind[i], bounds[i] / 2.0**31 * self.margin)
                self.behind[i] = np.maximum(grown, self._dense_step(i, place.layer.dense))
                if place.layer.carry is not None:
                    entering = np.abs(place.layer.carry) * INPUT_STEP * 2.0**32 / COEFFICIENT
                    self.behind[i] = np.maximum(self.behind[i], entering)
        self._keep_neighbours_near()
        for i, place in enumerate(self.places):
            self._join(i, place)
            self.t[i] = np.maximum(self.t[i], 2.02 * self._scaled_z(i))

    def z_step(self, i: int) -> F64:
        """Return the step of z: no sum of products can wrap, and every weight has its bits."""
        layer, words = self.places[i].layer, self._word(i)
        weight = np.abs(layer.weight)
        outside = np.abs(layer.bias) + 2.0 * np.abs(layer.mixin)
        if words is None:
            read = INPUT_STEP if self.places[i].reads_input else self.read[i][None, :, None]
            reach_ = 2.0**31 if self.places[i].reads_input else self._long_reach()
            total = (weight * read).sum(axis=(1, 2)) * reach_ + outside
            largest = (weight * read).max(axis=(1, 2)) * 2.0**32 / COEFFICIENT
        else:
            scaled = weight * words[None, :, None]
            total = scaled.sum(axis=(1, 2)) * 32768.0 + outside
            largest = scaled.max(axis=(1, 2)) / SHORT
        mixin = np.abs(layer.mixin) * INPUT_STEP * 2.0**32 / COEFFICIENT
        return np.asarray(np.maximum(np.maximum(total / FULL, largest), np.maximum(mixin, 1e-30)))

    def _scaled_z(self, i: int) -> F64:
        """Return the step of z, times what the coefficient of the bend is above that of scale."""
        slope = self.places[i].layer.slope
        bend = 1.0 if slope is None else np.maximum(np.abs(slope - 1.0), 1.0)
        return np.asarray(self.z_step(i) * bend)

    def finished(self) -> Steps:
        z = [self.z_step(i) for i in range(len(self.places))]
        heads: list[float] = []
        for a in range(self.places[-1].array_index + 1):
            heads.append(max(self._head_step(a), self._entering(a, heads)))
        for i, place in enumerate(self.places):
            if i in self.setting.long_denses and place.layer.dense is not None:
                self.t[i] = self._long_t(i, place.layer.dense, self._scaled_z(i))
        return Steps(self.read, self.behind, z, self.t, heads)

    def _word(self, i: int) -> F64 | None:
        """Return the step of the short words a convolution reads; None where they are long."""
        if self.places[i].reads_input or i in self.setting.long_convs:
            return None
        return self.read[i] * 2.0**self.setting.residual_shift

    def _long_reach(self) -> float:
        return 2.0 ** (15 + self.setting.residual_shift)

    def _dense_step(self, i: int, dense: F64) -> F64:
        """Return the step behind a 1x1 whose coefficients just fit."""
        if i in self.setting.long_denses:
            return 4.2 * np.asarray((np.abs(dense) * self._scaled_z(i)[None, :]).max(axis=1))
        words = self.t[i] * 2.0**self.setting.activation_shift
        return np.asarray(np.abs(dense * words[None, :]).max(axis=1) / SHORT * 1.02)

    def _long_t(self, i: int, dense: F64, z: F64) -> F64:
        """Return the step of t where the 1x1 reads t itself, so that its coefficients fit."""
        limit = (self.behind[i][:, None] / (2.01 * np.abs(dense) + 1e-30)).min(axis=0)
        return np.asarray(np.maximum(np.minimum(self.t[i], limit), 2.01 * z))

    def _keep_neighbours_near(self) -> None:
        """The step may change by less than half in a layer: r + high(carry, r)."""
        inner = [
            i for i, p in enumerate(self.places) if not p.reads_input and p.layer.dense is not None
        ]
        for i in reversed(inner):
            self._set_before(i, np.maximum(self._before(i), self.behind[i] * 0.52))
        for i in inner:
            self.behind[i] = np.maximum(self.behind[i], self._before(i) / 1.48)

    def _before(self, i: int) -> F64:
        """Return the step of the residual that layer i reads."""
        return self.read[i] if self.places[i].opens else self.behind[i - 1]

    def _set_before(self, i: int, steps: F64) -> None:
        if self.places[i].opens:
            self.read[i] = steps
        else:
            self.behind[i - 1] = steps

    def _join(self, i: int, place: Place) -> None:
        """What one layer leaves is what the next one reads."""
        if not place.opens:
            self.read[i] = self.behind[i - 1]
        elif place.array.rechannel is not None:
            needed = np.abs(place.array.rechannel * self.behind[i - 1][None, :]).max(axis=1)
            self.read[i] = np.maximum(self.read[i], needed * 2.02)

    def _head_step(self, array: int) -> float:
        """Return the step of a head sum: it reaches what is seen, and `skip` fits."""
        mine = [i for i, p in enumerate(self.places) if p.array_index == array]
        seen = max(float(self.seen[i].head_peak.max()) for i in mine) * self.setting.headroom
        largest = max(float(self.t[i].max()) for i in mine)
        return max(seen / 2.0**31 * 2.0**self.setting.head_shift, 2.04 * largest)

    def _entering(self, array: int, heads: list[float]) -> float:
        """Return the least step of a head sum that begins with what another head gives."""
        if array == 0:
            return 0.0
        before = next(p.array.head for p in self.places if p.array_index == array - 1)
        return 2.02 * float(np.abs(before).max()) * heads[array - 1]


def _words(peaks: F64, setting: Setting) -> F64:
    """Return steps of short words that hold `peaks` and some more."""
    floor = float(peaks.max()) * _SMALLEST_PEAK or 1.0
    return np.maximum(peaks, floor) * setting.headroom / SHORT


def reach(where: tuple[Place, ...], read: list[F64], t: list[F64], setting: Setting) -> list[F64]:
    """Return how far the residual behind every layer can get, whatever the input is.

    Intervals of real numbers: |x| <= 2, short words saturate, and below 0 an activation is small.
    """
    low = high = np.zeros(1)
    found = []
    for i, place in enumerate(where):
        layer = place.layer
        if place.reads_input:
            low, high = -2.0 * np.ones(1), 2.0 * np.ones(1)
        elif place.opens and place.array.rechannel is not None:
            low, high = _through(place.array.rechannel, low, high)
        word = 2.0 ** (15 + setting.residual_shift) * read[i]
        words = (
            (low, high) if place.reads_input else (np.maximum(low, -word), np.minimum(high, word))
        )
        z_low, z_high = _through(layer.weight.sum(axis=2) * 0.0, *words)
        for k in range(layer.weight.shape[2]):
            more = _through(layer.weight[:, :, k], *words)
            z_low, z_high = z_low + more[0], z_high + more[1]
        outside = 2.0 * np.abs(layer.mixin)
        t_low, t_high = _bent(layer, z_low + layer.bias - outside, z_high + layer.bias + outside)
        if i not in setting.long_denses:
            limit = 2.0 ** (setting.activation_bits - 1 + setting.activation_shift) * t[i]
            t_low, t_high = np.maximum(t_low, -limit), np.minimum(t_high, limit)
        if layer.dense is not None:
            more = _through(layer.dense, t_low, t_high)
            if layer.carry is not None:
                low, high = -2.0 * np.abs(layer.carry), 2.0 * np.abs(layer.carry)
            low, high = low + more[0], high + more[1]
        found.append(np.maximum(-low, high))
    return found


def _through(matrix: F64, low: F64, high: F64) -> tuple[F64, F64]:
    """Return the interval of a product of a matrix and what lies between low and high."""
    one, other = matrix * low[None, :], matrix * high[None, :]
    return np.minimum(one, other).sum(axis=1), np.maximum(one, other).sum(axis=1)


def _bent(layer: RealLayer, low: F64, high: F64) -> tuple[F64, F64]:
    """Return the interval of the activation."""
    if layer.slope is None:
        return -np.ones_like(low), np.ones_like(high)
    ends = [np.where(z < 0.0, z * layer.slope, z) for z in (low, high)]
    zero = np.where((low < 0.0) & (high > 0.0), 0.0, ends[0])
    return np.minimum(np.minimum(*ends), zero), np.maximum(np.maximum(*ends), zero)
