"""Steps of networks with tanh in short words: most of them are given, few are found.

An activation lies within 1, and its upper 16 bits are its word. A residual has one step for a
whole array, for nothing is scaled on its way; a sum has a power of two, as the table reads it.
"""

from __future__ import annotations

import numpy as np

from namgen.errors import UnsupportedError
from namgen.fixed.quantise.places import Place, places
from namgen.fixed.quantise.reach import reach
from namgen.fixed.quantise.setting import Setting
from namgen.fixed.quantise.statistics import LayerStatistics
from namgen.fixed.quantise.steps import COEFFICIENT, FULL, INPUT_STEP, SHORT, Steps, words
from namgen.fixed.quantise.tanh_tables import SHORT_T_STEP, SHORT_U_BITS
from namgen.fixed.real import F64, RealNetwork, array_path

TANH_SETTING = Setting(
    long_denses=frozenset(),
    fed_convs=frozenset(),
    fed_denses=frozenset(),
    residual_shift=13,
    activation_shift=16,
)
_T_WORD = SHORT_T_STEP * 2.0**16
_MOST_MOVED = 10
"""Bits by which a sum may lie above or below what the table reads."""


def tanh_steps(
    network: RealNetwork, seen: tuple[LayerStatistics, ...], setting: Setting, *, margin: float
) -> Steps:
    """Find the steps; `margin` is by how much bounds stay below 32 bits.

    Raises:
        UnsupportedError: a sum reaches too far for the table.

    """
    where = places(network)
    t = [np.full(place.layer.weight.shape[0], SHORT_T_STEP) for place in where]
    everything = [np.full(place.layer.weight.shape[1], 2.0**31) for place in where]
    bounds = reach(where, everything, t, setting).residual
    residual: list[F64] = []
    for array in range(len(network.arrays)):
        mine = [i for i, place in enumerate(where) if place.array_index == array]
        before = residual[-1] if residual else None
        found = _residual(where, seen, setting, mine, before)
        residual.append(np.maximum(found, bounds[mine[-1]] * margin / 2.0**31))
    read = [residual[place.array_index] for place in where]
    z = [_z_steps(where, read, setting, place) for place in where]
    heads, shifts = _heads(network, reach(where, read, t, setting).heads, setting, margin)
    drops = [_drop(where, read, place) for place in where]
    return Steps(read, [step.copy() for step in read], z, t, heads, drops, shifts)


def _residual(
    where: tuple[Place, ...],
    seen: tuple[LayerStatistics, ...],
    setting: Setting,
    mine: list[int],
    before: F64 | None,
) -> F64:
    """Return steps that words and coefficients of an array ask for, per channel."""
    peaks = [seen[i].residual_peak for i in mine if not where[i].reads_input]
    reached = np.max(peaks, axis=0) if peaks else np.ones(1)
    found = words(reached, setting) * 2.0**-setting.residual_shift
    for i in mine:
        place = where[i]
        if place.layer.dense is not None:
            least = np.abs(place.layer.dense).max(axis=1) * _T_WORD / SHORT * 1.02
            found = np.maximum(found, least)
        if place.layer.carry is not None:
            entering = np.abs(place.layer.carry) * INPUT_STEP * 2.0**32 / COEFFICIENT
            found = np.maximum(found, entering)
        if place.opens and place.array.rechannel is not None and before is not None:
            needed = np.abs(place.array.rechannel * before[None, :]).max(axis=1)
            found = np.maximum(found, needed * 2.02)
    return found


def _z_steps(where: tuple[Place, ...], read: list[F64], setting: Setting, place: Place) -> F64:
    """Return the step of z: a power of two, the same for all layers that can share a kernel."""
    alike = [
        i
        for i, other in enumerate(where)
        if other.array_index == place.array_index and other.reads_input == place.reads_input
    ]
    needed = max(_least_z_step(where[i], read[i], setting) for i in alike)
    bits = min(-int(np.frexp(needed)[1]), SHORT_U_BITS + _MOST_MOVED)
    if bits < SHORT_U_BITS - _MOST_MOVED:
        raise UnsupportedError(
            f"{array_path(place.array_index)}: expected weights small enough for tanh in fixed16, "
            "found larger ones; fixed32 is supported"
        )
    return np.full(place.layer.weight.shape[0], 2.0**-bits)


def _drop(where: tuple[Place, ...], read: list[F64], place: Place) -> int:
    """Return by how many bits the 1x1 of an array can be finer than its residual."""
    units = [
        np.abs(other.layer.dense) * _T_WORD / step[:, None]
        for other, step in zip(where, read, strict=True)
        if other.array_index == place.array_index and other.layer.dense is not None
    ]
    largest = max((float(u.max(initial=0.0)) / SHORT for u in units), default=1.0)
    total = max((float(u.sum(axis=1).max()) * 2.0**15 / FULL for u in units), default=1.0)
    return max(-int(np.frexp(max(largest, total) * 1.02)[1]), 0)


def _least_z_step(place: Place, read: F64, setting: Setting) -> float:
    """Return the step below which sums of a layer could wrap, or its weights not fit."""
    layer = place.layer
    weight, mixin = np.abs(layer.weight), np.abs(layer.mixin)
    outside = np.abs(layer.bias) + 2.0 * mixin
    if place.reads_input:
        total = 2.0 * weight.sum(axis=(1, 2)) + outside
        largest = weight.max(initial=0.0) * INPUT_STEP * 2.0**32 / COEFFICIENT
    else:
        scaled = weight * (read * 2.0**setting.residual_shift)[None, :, None]
        total = scaled.sum(axis=(1, 2)) * (SHORT + 1.0) + outside
        largest = scaled.max(initial=0.0) / SHORT
    entering = mixin.max(initial=0.0) * INPUT_STEP * 2.0**32 / COEFFICIENT
    return float(max(total.max() / FULL, largest, entering, 1e-30))


def _heads(
    network: RealNetwork, bounds: list[float], setting: Setting, margin: float
) -> tuple[list[float], list[int]]:
    """Return steps and shifts of the head sums: all alike, a few bits below t."""
    inner = [max(_bits_above(array.head), 0) for array in network.arrays[:-1]]
    largest = max(bound * 2.0**shift for bound, shift in zip(bounds, [*inner, 0], strict=True))
    drop = 0
    while largest * margin / (SHORT_T_STEP * 2.0**drop) >= 2.0**31:
        drop += 1
    step, last = SHORT_T_STEP * 2.0**drop, setting.head_shift
    while last > 0 and bounds[-1] * margin * 2.0**last / step >= 2.0**31:
        last -= 1
    return [step] * len(bounds), [*inner, last]


def _bits_above(head: F64) -> int:
    """Return the shift that makes the coefficients of a head less than one half."""
    return int(np.frexp(np.abs(head).max(initial=0.0) * (2.0 + 2.0**-20))[1])
