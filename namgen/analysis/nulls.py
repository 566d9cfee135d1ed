"""What is left when one sound is taken from another: how true C is, and how unlike captures are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from namgen.analysis.bench import F64, Player, decibels
from namgen.analysis.float64 import Float64
from namgen.arithmetic import F32
from namgen.fixed import signals
from namgen.fixed.quality import Measured, compare
from namgen.ir import Model
from namgen.reference.networks import Reference

FRAMES = 24000


@dataclass(frozen=True, slots=True)
class Difference:
    """Two captures beside each other, with a guitar."""

    depth_db: float  # of the null
    gain_db: float  # that brings the second to the first
    matched_depth_db: float  # of the null with that gain


def truth(player: Player, model: Model) -> Measured:
    """Set what is played beside the same network in float64, with a guitar.

    That one's output is rounded to float32 as well.
    """
    exact = Reference(model, operations=Float64())
    wanted = _in_float64(exact.process(_guitar()[None, :])[0])
    rest = float(Reference(model, operations=Float64()).process(np.zeros((1, 1), np.float32))[0, 0])
    return compare("guitar", wanted, _in_float64(player(_guitar())), rest)


def difference(player: Player, other: Player) -> Difference:
    """Take one sound from another, as they are and with the gain that suits best."""
    one, two = (_centred(_in_float64(each(_guitar()))) for each in (player, other))
    power, shared = math.fsum((two * two).tolist()), math.fsum((one * two).tolist())
    gain = shared / power if power > 0 else 0.0
    return Difference(_depth(one, two), decibels(abs(gain)), _depth(one, gain * two))


def _guitar() -> F32:
    return signals.held_out(2 * FRAMES)[FRAMES:]


def _in_float64(samples: F32) -> F64:
    return np.asarray(samples, np.float64)


def _centred(samples: F64) -> F64:
    centred: F64 = samples - samples.mean()
    return centred


def _depth(one: F64, two: F64) -> float:
    left = math.sqrt(math.fsum(((one - two) ** 2).tolist()))
    whole = math.sqrt(math.fsum((one * one).tolist()))
    return decibels(whole / left) if left > 0 and whole > 0 else -decibels(0.0)
