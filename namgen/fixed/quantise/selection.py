"""Chooses the layers that read 32 bits or get their remainders back, by noise against cycles.

Layers are of few kinds, for a kind is a kernel and all kernels share a small memory: plain; fed,
where the words its 1x1 reads and those it writes for the next layer have feedback; and long, where
its 1x1 reads 32 bits and what it writes has feedback.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from namgen.fixed.quantise.noise import LayerNoise, all_noise
from namgen.fixed.quantise.places import Place
from namgen.fixed.quantise.sensitivity import Sensitivity
from namgen.fixed.quantise.setting import Setting
from namgen.fixed.quantise.steps import Steps

LEVEL_WEIGHTS = (1.0, 1.0, 0.5)
"""How much a decibel counts at the level of the calibration, 20 dB below and 40 dB below."""

LEVELS = (1.0, 0.1, 0.01)

ROUNDED_WEIGHTS = 10.0**-8.2
"""Noise that no choice here changes: what is left of the rounding of the convolutions' weights."""

WORTH = 0.008
"""Weighted decibels that a cycle per sample has to bring."""


MOST_SHAPES = 6
"""Of kernels: the first layer's, the last one's, and those between."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Cycles per sample on a Cortex-M7, beyond short words without feedback.

    From the kernels that namgen schedules for layers of 8 channels: 299 plain, 324 fed, 348 long.
    """

    feedback: float = 12.5  # of a word of 8 channels
    long_dense: float = 36.5  # of a 1x1 of 8 by 8

    def of(self, setting: Setting, where: tuple[Place, ...]) -> float:
        """Return what a setting costs."""
        total = 0.0
        for i, place in enumerate(where):
            rows, inputs = place.layer.weight.shape[:2]
            total += self.feedback * inputs / 8 * setting.feeds_conv(i)
            if place.layer.dense is not None:
                total += self.feedback * rows / 8 * setting.feeds_dense(i)
                size = place.layer.dense.size
                total += self.long_dense * size / 64 * (i in setting.long_denses)
        return total


PLAIN = Setting(long_denses=frozenset(), fed_convs=frozenset(), fed_denses=frozenset())


def select(
    where: tuple[Place, ...],
    steps: Steps,
    heard: tuple[Sensitivity, ...],
    *,
    cycles: float,
    costs: Costs,
) -> Setting:
    """Return the setting that brings most for so many cycles; one `heard` for every level."""
    noises = [all_noise(where, steps, level, PLAIN) for level in heard]
    setting = PLAIN
    while True:
        before, spent = score(noises, setting), costs.of(setting, where)
        best, gain = None, WORTH
        for option in _options(setting, where):
            cost = costs.of(option, where) - spent
            if spent + cost <= cycles and (score(noises, option) - before) > gain * cost:
                best, gain = option, (score(noises, option) - before) / cost
        if best is None:
            return setting
        setting = best


def score(noises: list[tuple[LayerNoise, ...]], setting: Setting) -> float:
    """Return the weighted decibels by which the output is louder than its noise."""
    total = 0.0
    for weight, layers in zip(LEVEL_WEIGHTS, noises, strict=True):
        total -= weight * 10.0 * float(np.log10(predicted(layers, setting)))
    return total


def predicted(layers: tuple[LayerNoise, ...], setting: Setting) -> float:
    """Return the power of the noise relative to the output's."""
    noise = ROUNDED_WEIGHTS
    for i, layer in enumerate(layers):
        noise += layer.conv_fed if setting.feeds_conv(i) else layer.conv
        if i not in setting.long_denses:
            noise += layer.dense_fed if setting.feeds_dense(i) else layer.dense
    return noise


def _options(setting: Setting, where: tuple[Place, ...]) -> Iterator[Setting]:
    """Yield what one more choice makes of a setting, as far as kernels have room."""
    for i, place in enumerate(where):
        if place.layer.dense is None or i in setting.long_denses:
            continue
        fed = setting.fed_convs if place.closes else setting.fed_convs | {i + 1}
        long = setting.long_denses | {i}
        options = [
            replace(setting, fed_convs=fed, fed_denses=setting.fed_denses | {i}),
            replace(setting, fed_convs=fed, fed_denses=setting.fed_denses - {i}, long_denses=long),
        ]
        yield from (option for option in options if len(shapes(option, where)) <= MOST_SHAPES)


def shapes(setting: Setting, where: tuple[Place, ...]) -> set[tuple[object, ...]]:
    """Return what tells the kernels of the layers apart."""
    return {
        (
            place.layer.weight.shape,
            place.layer.dense is None,
            i in setting.long_denses,
            setting.feeds_dense(i),
            setting.feeds_conv(i + 1),
        )
        for i, place in enumerate(where)
    }
