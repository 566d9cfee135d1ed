"""How near the integers come to the real numbers, on what was played for them and on more."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32
from namgen.fixed import signals
from namgen.fixed.evaluate import evaluate
from namgen.fixed.ir import IntegerNetwork
from namgen.fixed.real import F64, RealNetwork
from namgen.fixed.reference import FixedReference

LEAST_SNR_DB = 60.0
"""On guitar that was used for no choice, at normal level; below it a build wants a word."""

NORMAL = "guitar"
FRAMES = 24000

_HOT = np.float32(4.0)
_QUIETEST = 1e-30


@dataclass(frozen=True, slots=True)
class Measured:
    """One signal: error against float64, its mean counted in."""

    name: str
    held_out: bool  # used for no choice
    snr_db: float  # against the output about its rest
    error_dbfs: float

    def __str__(self) -> str:
        return f"SNR {self.snr_db:.1f} dB, error {self.error_dbfs:.0f} dBFS, {self.name}"


@dataclass(frozen=True, slots=True)
class Quality:
    """All signals, and what silence sounds like."""

    signals: tuple[Measured, ...]
    silence_dbfs: float | None  # what still moves in silence after playing; None: nothing
    rest_error_dbfs: float  # the constant by which silence is off

    @property
    def normal(self) -> Measured:
        """Guitar that was used for no choice, at normal level."""
        return next(signal for signal in self.signals if signal.name == NORMAL)


def measure(
    network: IntegerNetwork,
    real: RealNetwork,
    calibration: F32 | None = None,
    *,
    frames: int = FRAMES,
) -> Quality:
    """Play calibrated and held-out guitar to both, at several levels, and silence.

    `calibration` is what the integers were made for, as for `quantise`.
    """
    guitar = signals.held_out(2 * frames)[frames:]
    hot = np.clip(_HOT * guitar, np.float32(-1.0), np.float32(1.0))
    calibrated = signals.calibration()[:frames]
    if calibration is not None:
        calibrated = signals.loudest(calibration, frames)
    played = {
        NORMAL: (guitar, True),
        "guitar, 20 dB down": (np.float32(0.1) * guitar, True),
        "guitar, 40 dB down": (np.float32(0.01) * guitar, True),
        "guitar, 12 dB up, clipped at 1": (hot, True),
        "calibration": (calibrated, False),
    }
    rest = float(evaluate(real, np.zeros(1))[0])
    rows = [_compare(network, real, name, x, rest, held) for name, (x, held) in played.items()]
    return Quality(tuple(rows), *_silence(network, guitar[:4000], rest, _memory(real)))


def _compare(
    network: IntegerNetwork, real: RealNetwork, name: str, x: F32, rest: float, held_out: bool
) -> Measured:
    wanted = evaluate(real, x.astype(np.float64))
    return compare(name, wanted, _played(network, x), rest, held_out=held_out)


def compare(name: str, wanted: F64, found: F64, rest: float, *, held_out: bool = True) -> Measured:
    """Set an output beside the one that is wanted, (frames,), which rests at `rest`."""
    error = _power(found - wanted)
    snr_db = _decibels(_power(wanted - rest) / max(error, _QUIETEST))
    return Measured(name, held_out, snr_db, _decibels(error))


def _silence(
    network: IntegerNetwork, before: F32, rest: float, memory: int
) -> tuple[float | None, float]:
    """Return what moves after playing and its whole memory, and the error of what stays."""
    quiet = np.zeros(memory + 4800, np.float32)
    heard = _played(network, np.concatenate((before, quiet)))[-4800:]
    moving = float(np.ptp(heard))
    level = None if moving == 0.0 else _decibels(_power(heard - heard.mean()))
    return level, _decibels((float(heard[-1]) - rest) ** 2)


def _memory(real: RealNetwork) -> int:
    """Return frames until the network has forgotten what was played."""
    lookbacks = sum(layer.lookback for array in real.arrays for layer in array.layers)
    return lookbacks + sum(int(array.head.shape[2]) - 1 for array in real.arrays) + 1


def _played(network: IntegerNetwork, x: F32) -> F64:
    samples: F64 = FixedReference(network).process(x[None, :])[0].astype(np.float64)
    return samples


def _power(values: F64) -> float:
    """Return the mean square, exactly summed."""
    return math.fsum((values * values).tolist()) / max(values.size, 1)


def _decibels(power: float) -> float:
    return 10.0 * math.log10(max(power, _QUIETEST))
