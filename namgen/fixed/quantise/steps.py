"""How much one unit of every integer is worth: a step per layer and channel.

A step is as small as three things allow: short words reach as far as the calibration signal does
and some headroom more; every coefficient fits into its bits; and no sum can wrap, whatever the
input is. For the last, `reach` follows intervals of real numbers through the layers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.fixed.quantise.places import Place, places
from namgen.fixed.quantise.reach import reach
from namgen.fixed.quantise.setting import Setting
from namgen.fixed.quantise.statistics import LayerStatistics
from namgen.fixed.real import F64, RealNetwork

FULL = 2.0**31 * 0.985
"""What sums are planned to stay within: rounding to the best sum of errors adds a little."""

COEFFICIENT = 2.0**31 - 2.0**16
SHORT = 32767.0
INPUT_STEP = 2.0**-30

_SMALLEST_PEAK = 2.0**-6
"""Of the largest of a layer: channels that hardly move get no finer step."""

_MOST_ROUNDS = 200
"""Until nothing grows any more, which is after about ten."""


@dataclass(slots=True, eq=False)
class Steps:
    """What one unit is worth; mutable, for the search for a quiet rest moves some of them."""

    read: list[F64]  # per layer (in,): the residual its convolution reads
    behind: list[F64]  # per layer (channels,): the residual behind it; the next `read` mostly
    z: list[F64]  # per layer (out,)
    t: list[F64]  # per layer (out,)
    head: list[float]  # per array: the head sum
    dense_drops: list[int]  # per layer: by how many bits the weights of the 1x1 are finer
    head_shifts: list[int]  # per array: of the head sum to the left, before the products


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
    for _ in range(_MOST_ROUNDS):
        before = [*planner.behind, *planner.t]
        planner.round()
        if all(map(np.array_equal, before, [*planner.behind, *planner.t])):
            break
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
        self.short_read = [words(s.residual_peak, setting) for s in seen]
        beyond = 2.0 ** (16 - setting.activation_bits)
        self.short_t = [words(s.t_peak, setting) * beyond for s in seen]
        self.read = [word * 2.0**-setting.residual_shift for word in self.short_read]
        self.t = [word * 2.0**-setting.activation_shift for word in self.short_t]
        tails = [words(s.residual_peak, setting) for s in seen]
        self.behind = [
            tails[i] * 2.0**-setting.residual_shift if p.closes else self.read[i + 1]
            for i, p in enumerate(where)
        ]

    def round(self) -> None:
        """Let every condition ask for what it needs."""
        bounds = reach(self.places, self.read, self.t, self.setting).residual
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
            read = INPUT_STEP if self.places[i].reads_input else self._long_unit(i)
            total = (weight * read).sum(axis=(1, 2)) * 2.0**31 + outside
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
        bounds = reach(self.places, self.read, self.t, self.setting).heads
        last, heads = len(bounds) - 1, list[float]()
        shift = self._head_shift(last, bounds[last])
        for a, bound in enumerate(bounds):
            step = self._head_step(a, bound, shift if a == last else 0)
            heads.append(max(step, self._entering(a, heads)))
        for i, place in enumerate(self.places):
            if i in self.setting.long_denses and place.layer.dense is not None:
                self.t[i] = self._long_t(i, place.layer.dense, self._scaled_z(i))
        return Steps(self.read, self.behind, z, self.t, heads, [0] * len(z), [*[0] * last, shift])

    def _word(self, i: int) -> F64 | None:
        """Return the step of the short words a convolution reads; None where they are long."""
        if self.places[i].reads_input or i in self.setting.long_convs:
            return None
        return self.read[i] * 2.0**self.setting.residual_shift

    def _long_unit(self, i: int) -> F64:
        """Return the step of the long words a convolution reads, for (out, in, kernel)."""
        return self.read[i][None, :, None] * 2.0 ** (self.setting.long_residual_bits - 32)

    def _dense_step(self, i: int, dense: F64) -> F64:
        """Return the step behind a 1x1 whose coefficients just fit."""
        if i in self.setting.long_denses:
            least = np.maximum(2.0 * self._scaled_z(i), self._held_t(i)) * self._dense_unit
            return 2.1 * np.asarray((np.abs(dense) * least[None, :]).max(axis=1))
        words = self.t[i] * 2.0**self.setting.activation_shift
        return np.asarray(np.abs(dense * words[None, :]).max(axis=1) / SHORT * 1.02)

    def _long_t(self, i: int, dense: F64, z: F64) -> F64:
        """Return the step of t where the 1x1 reads t itself, so that its coefficients fit."""
        limit = (self.behind[i][:, None] / (2.01 * np.abs(dense) + 1e-30)).min(axis=0)
        usual = np.minimum(self.t[i], limit / self._dense_unit)
        return np.asarray(np.maximum(usual, np.maximum(2.01 * z, self._held_t(i))))

    @property
    def _dense_unit(self) -> float:
        """What a unit of the long words of the 1x1 is of a unit of t."""
        return 2.0 ** (self.setting.long_activation_bits - 32)

    def _held_t(self, i: int) -> F64:
        """Return the step of t whose long words hold what is seen; 0 where they hold all of it."""
        if self.setting.long_activation_bits == 32:
            return np.zeros_like(self.short_t[i])
        beyond = SHORT * 2.0 ** (16 - self.setting.activation_bits)
        return self.short_t[i] * (beyond / 2.0 ** (self.setting.long_activation_bits - 1))

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

    def _head_step(self, array: int, bound: float, shift: int) -> float:
        """Return the step of a head sum: `skip` fits, and it holds what it can reach, shifted."""
        needed = bound * self.margin / 2.0**31 * 2.0**shift
        return max(self._usual_head_step(array, shift), needed)

    def _head_shift(self, array: int, bound: float) -> int:
        """Return by how much a head sum can be shifted before its step must grow for it."""
        shift = self.setting.head_shift
        while shift > 0 and self._head_step(array, bound, shift) > self._usual_head_step(
            array, shift
        ):
            shift -= 1
        return shift

    def _usual_head_step(self, array: int, shift: int) -> float:
        """Return the step of a head sum that reaches what is seen, and that `skip` fits."""
        mine = [i for i, p in enumerate(self.places) if p.array_index == array]
        seen = max(float(self.seen[i].head_peak.max()) for i in mine) * self.setting.headroom
        largest = max(float(self.t[i].max()) for i in mine)
        return max(seen / 2.0**31 * 2.0**shift, 2.04 * largest)

    def _entering(self, array: int, heads: list[float]) -> float:
        """Return the least step of a head sum that begins with what another head gives."""
        if array == 0:
            return 0.0
        before = next(p.array.head for p in self.places if p.array_index == array - 1)
        return 2.02 * float(np.abs(before).max()) * heads[array - 1]


def words(peaks: F64, setting: Setting) -> F64:
    """Return steps of short words that hold `peaks` (channels,) and some more."""
    floor = float(peaks.max()) * _SMALLEST_PEAK or 1.0
    return np.maximum(peaks, floor) * setting.headroom / SHORT
