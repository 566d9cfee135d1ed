"""How loud the words of every layer are at the output, by their steps and the network's gains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.fixed.quantise.places import Place
from namgen.fixed.quantise.sensitivity import Sensitivity
from namgen.fixed.quantise.setting import Setting
from namgen.fixed.quantise.steps import SHORT, Steps
from namgen.fixed.real import F64

UNIFORM = 1.0 / 12.0
"""Mean square of what rounding leaves, in steps."""

_SPARED = 0.3
"""What is left of the noise of rounded weights where each makes up for the others."""

_COEFFICIENT_ROOM = 0.97


@dataclass(frozen=True, slots=True)
class LayerNoise:
    """Of one layer, as power relative to the output's: what each way to read words costs."""

    conv: float  # short words of the residual
    conv_fed: float  # with feedback
    dense: float  # short words of the activation and the rounded weights they meet
    dense_fed: float


def balanced_t(
    where: tuple[Place, ...], steps: Steps, heard: Sensitivity, setting: Setting
) -> list[F64]:
    """Return steps of t for which words and weights of the 1x1 are equally loud.

    A larger step of the words makes the 1x1's integers larger, and so finer. The noise of a
    word's step a is a^2 and that of the weights 1 / a^2: together least where they are equal.
    """
    found = []
    for i, place in enumerate(where):
        dense, gains = place.layer.dense, heard.layers[i]
        if dense is None or i in setting.long_denses:
            found.append(np.zeros_like(steps.t[i]))
            continue
        words = gains.dense_fed if setting.feeds_dense(i) else gains.dense
        weights = _weight_noise(i, steps, heard)
        heard_words = np.where(words > 0.0, words, np.inf)  # a column of zeros asks for nothing
        best = np.sqrt(np.sqrt(weights / heard_words))
        most = SHORT * _COEFFICIENT_ROOM * steps.behind[i][:, None] / np.maximum(abs(dense), 1e-30)
        found.append(np.minimum(best, most.min(axis=0)) * 2.0**-setting.activation_shift)
    return found


def all_noise(
    where: tuple[Place, ...], steps: Steps, heard: Sensitivity, setting: Setting
) -> tuple[LayerNoise, ...]:
    """Return the noise of every layer while the network plays what was heard."""
    return tuple(layer_noise(i, place, steps, heard, setting) for i, place in enumerate(where))


def layer_noise(
    i: int, place: Place, steps: Steps, heard: Sensitivity, setting: Setting
) -> LayerNoise:
    """Return the noise of layer i while the network plays what was heard."""
    gains, unit = heard.layers[i], UNIFORM / max(heard.power, 1e-30)
    conv = (0.0, 0.0)
    if not place.reads_input:
        words = (steps.read[i] * 2.0**setting.residual_shift) ** 2
        conv = (_total(words * gains.conv), _total(words * gains.conv_fed))
    dense = (0.0, 0.0)
    if place.layer.dense is not None:
        words = (steps.t[i] * 2.0**setting.activation_shift) ** 2
        weights = _SPARED * _weight_noise(i, steps, heard) / np.maximum(words, 1e-300)
        dense = (_total(words * gains.dense + weights), _total(words * gains.dense_fed + weights))
    return LayerNoise(*(unit * value for value in (*conv, *dense)))


def _weight_noise(i: int, steps: Steps, heard: Sensitivity) -> F64:
    """Return the gain of rounding errors in each column of a 1x1, in squares of its step."""
    gains = heard.layers[i]
    return np.asarray(_total(gains.residual * steps.behind[i] ** 2) * gains.t_power)


def _total(values: F64) -> float:
    """Sum in a fixed order."""
    return float(values.cumsum()[-1])
