"""What `--tanh fast` costs in accuracy: the fast network against the exact one, both in NumPy."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32
from namgen.ir import Model
from namgen.reference.networks import Reference

NOTE_FRAMES = 1024
PERIODS = (582, 218, 109, 73)
"""Frames per cycle of the plucked notes: E2 and octaves and a fifth above A3, at 48 kHz."""
LEVELS = (1.0, 0.3, 0.7, 0.1)
"""Peak of each note; 1 is full scale."""
DECAY = 0.996


@dataclass(frozen=True, slots=True)
class TanhCost:
    """How far a model with the fast tanh is from the exact one over a plucked test signal."""

    esr: float  # energy of the error over energy of the exact output
    max_error: float  # largest difference of two samples
    peak: float  # largest sample of the exact output
    frames: int

    def __str__(self) -> str:
        if self.max_error == 0:
            return "changes nothing in this model"
        return (
            f"ESR {self.esr:.1e}, largest error {self.max_error:.1e} with a peak of "
            f"{self.peak:.2g}, over {self.frames} frames of plucked notes"
        )


def tanh_cost(exact: Model, fast: Model) -> TanhCost:
    """Compare `lower(..., tanh="fast")` with the same network lowered with ``tanh="exact"``.

    The sums are exact, so the result is the same on every machine. Samples that overflow in
    either network are left out.
    """
    signal = np.stack([plucked(seed) for seed in range(exact.network.in_channels)])
    pair = np.stack([Reference(model).process(signal).ravel() for model in (exact, fast)])
    expected, found = pair[:, np.isfinite(pair).all(axis=0)].astype(np.float64)
    error = found - expected
    energy = math.fsum((expected**2).tolist())
    return TanhCost(
        esr=math.fsum((error**2).tolist()) / energy if energy else 0.0,
        max_error=float(np.abs(error).max(initial=0.0)),
        peak=float(np.abs(expected).max(initial=0.0)),
        frames=signal.shape[1],
    )


def plucked(seed: int) -> F32:
    """Make a few notes of a plucked string, (frames,), by the method of Karplus and Strong.

    Only additions and multiplications, so the samples are the same on every machine.
    """
    source = random.Random(seed)
    notes = (_note(source, *note) for note in zip(PERIODS, LEVELS, strict=True))
    return np.array([sample for note in notes for sample in note], np.float32)


def _note(source: random.Random, period: int, level: float) -> Iterator[float]:
    string = [level * (2 * source.random() - 1) for _ in range(period)]
    for frame in range(NOTE_FRAMES):
        here, following = frame % period, (frame + 1) % period
        yield string[here]
        string[here] = DECAY * 0.5 * (string[here] + string[following])
