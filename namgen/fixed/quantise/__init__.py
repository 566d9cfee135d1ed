"""From the float network to the integer one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from namgen import ir
from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.fixed import signals
from namgen.fixed.bounds import Bound, bounds
from namgen.fixed.ir import IntegerNetwork
from namgen.fixed.precision import FixedPrecision
from namgen.fixed.quantise.assemble import assemble
from namgen.fixed.quantise.noise import LayerNoise, all_noise, balanced_t
from namgen.fixed.quantise.places import places
from namgen.fixed.quantise.selection import LEVELS, PLAIN, Costs, select
from namgen.fixed.quantise.sensitivity import Sensitivity, sensitivity
from namgen.fixed.quantise.setting import Setting, long_everywhere
from namgen.fixed.quantise.statistics import LayerStatistics, statistics
from namgen.fixed.quantise.steps import Steps, make_steps
from namgen.fixed.quantise.tanh_steps import TANH_SETTING, tanh_steps
from namgen.fixed.quantise.wide import wide
from namgen.fixed.real import RealNetwork, array_path, real

EXTRA_CYCLES = 275.0
"""Per sample, for feedback and long words: what a pedal at 48 kHz has beside A2-Full."""

_MARGINS = (1.03, 1.06, 1.1, 1.2, 1.5, 2.0)
_LISTENED_FRAMES = 16000
_BALANCED_AT = 1  # of `LEVELS`


@dataclass(frozen=True, slots=True, eq=False)
class Quantised:
    """The integers of a network, what was chosen for them, and the proof that no sum wraps."""

    network: IntegerNetwork
    real: RealNetwork
    setting: Setting | None  # None: words of 32 bits everywhere
    extra_cycles: float  # per sample, estimated
    bounds: tuple[Bound, ...]
    noise: tuple[tuple[LayerNoise, ...], ...] = ()  # per level of `LEVELS`, per layer; estimated


def quantise(
    network: ir.Network,
    precision: FixedPrecision = "fixed16",
    *,
    calibration: F32 | None = None,
    setting: Setting | None = None,
    extra_cycles: float = EXTRA_CYCLES,
) -> Quantised:
    """Return the integer network; the same bits on every machine.

    `calibration` (frames,) is what steps come from, by default namgen's own guitar. `setting`, of
    networks of slopes, is chosen by the precision where it is not given; in "fixed16" by noise
    against cycles.

    Raises:
        UnsupportedError: the network has what fixed point has not.

    """
    lowered = real(network)
    if all(place.layer.slope is None for place in places(lowered)):
        return _of_tanh(lowered, precision, calibration)
    _refuse_mixtures(lowered)
    seen = _seen(lowered, calibration)
    heard = _heard(lowered, calibration)
    if setting is None and precision == "fixed32":
        setting = long_everywhere(len(seen))
    if setting is None:
        plain = _steps(lowered, seen, PLAIN, heard[_BALANCED_AT], margin=_MARGINS[0])
        setting = select(places(lowered), plain, heard, cycles=extra_cycles, costs=Costs())
    return _of_slopes(lowered, seen, heard, setting)


def _of_slopes(
    network: RealNetwork,
    seen: tuple[LayerStatistics, ...],
    heard: tuple[Sensitivity, ...],
    setting: Setting,
) -> Quantised:
    """Return a network whose activations are all slopes, with room for its head where it asks."""

    def steps_of(tried: Setting, margin: float) -> Steps:
        return _steps(network, seen, tried, heard[_BALANCED_AT], margin=margin)

    found = _proven(network, seen, setting, steps_of, _with_room_for_the_head)
    where, taken = places(network), found.setting
    noise = tuple(all_noise(where, found.steps, level, taken) for level in heard)
    cost = Costs().of(taken, where)
    return Quantised(found.network, network, taken, cost, found.proof, noise)


def _of_tanh(network: RealNetwork, precision: FixedPrecision, calibration: F32 | None) -> Quantised:
    """Return a network whose activations are all tanh."""
    if precision == "fixed32":
        made, proof = wide(network)
        return Quantised(made, network, None, 0.0, proof)
    seen = _seen(network, calibration)

    def steps_of(tried: Setting, margin: float) -> Steps:
        return tanh_steps(network, seen, tried, margin=margin)

    found = _proven(network, seen, TANH_SETTING, steps_of, lambda tried, _: tried)
    return Quantised(found.network, network, found.setting, 0.0, found.proof)


@dataclass(frozen=True, slots=True, eq=False)
class _Proven:
    """Integers in which no sum can wrap, and what they were made with."""

    network: IntegerNetwork
    setting: Setting
    steps: Steps
    proof: tuple[Bound, ...]


def _proven(
    network: RealNetwork,
    seen: tuple[LayerStatistics, ...],
    setting: Setting,
    steps_of: Callable[[Setting, float], Steps],
    relaxed: Callable[[Setting, tuple[Bound, ...]], Setting],
) -> _Proven:
    """Make the integers, with coarser and coarser steps until no sum can wrap.

    `steps_of` takes a setting and a margin; `relaxed` makes of a setting the next one to try.

    Raises:
        UnsupportedError: some sum could wrap with the coarsest.

    """
    for margin in _MARGINS:
        steps = steps_of(setting, margin)
        made = assemble(network, seen, setting, steps)
        proof = bounds(made)
        if all(bound.share < 1.0 for bound in proof):
            return _Proven(made, setting, steps, proof)
        setting = relaxed(setting, proof)
    raise _wrapping(proof)


def _wrapping(proof: tuple[Bound, ...]) -> UnsupportedError:
    worst = max(proof, key=lambda bound: bound.share)
    return UnsupportedError(
        f"weights: expected sums that fixed point keeps within 32 bits, found {worst}"
    )


def _seen(network: RealNetwork, calibration: F32 | None) -> tuple[LayerStatistics, ...]:
    played = signals.calibration() if calibration is None else calibration
    return statistics(network, played.astype(np.float64))


def _with_room_for_the_head(setting: Setting, proof: tuple[Bound, ...]) -> Setting:
    """Return the setting with a head sum shifted by as much less as its bound asks for."""
    shares = [bound.share for bound in proof if bound.what == "shifted head sum"]
    shift = setting.head_shift
    while shift > 0 and shares[-1] * 2.0 ** (shift - setting.head_shift) >= 0.97:
        shift -= 1
    return replace(setting, head_shift=shift)


def _refuse_mixtures(network: RealNetwork) -> None:
    """Refuse tanh beside slopes."""
    for place in places(network):
        if place.layer.slope is None:
            raise UnsupportedError(
                f"{array_path(place.array_index)}: fixed point: expected LeakyReLU, ReLU and "
                "PReLU together, or tanh alone, found tanh beside other activations"
            )


def _heard(network: RealNetwork, calibration: F32 | None) -> tuple[Sensitivity, ...]:
    """Listen at every level."""
    played = signals.guitar(signals.CALIBRATION_SEEDS[-1] + 1, _LISTENED_FRAMES)
    if calibration is not None:
        played = signals.loudest(calibration, _LISTENED_FRAMES)
    return tuple(sensitivity(network, played.astype(np.float64) * level) for level in LEVELS)


def _steps(
    network: RealNetwork,
    seen: tuple[LayerStatistics, ...],
    setting: Setting,
    heard: Sensitivity,
    *,
    margin: float,
) -> Steps:
    """Find steps, and balance words and weights of the 1x1 in them."""
    steps = make_steps(network, seen, setting, margin=margin)
    for _ in range(2):
        least = balanced_t(places(network), steps, heard, setting)
        steps = make_steps(network, seen, setting, margin=margin, least_t=least)
    return steps
