"""The pedal's conversions and its fade in NumPy: twins of `firmware/pedal/pedal.c`, to the bit."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32

I32 = npt.NDArray[np.int32]
Bits = Literal[24, 32]

CODE_MAX = (1 << 23) - 1
CODE_MIN = -(1 << 23)
FADE_FRAMES = 2048
"""Frames from the pedal's start to full volume."""

_HIGHEST: dict[Bits, int] = {24: CODE_MAX, 32: (1 << 31) - 128}
"""The largest value of a word: with 32 bits, the largest float32 below full scale."""


def samples_of_codes(codes: npt.ArrayLike, *, bits: Bits = 24) -> F32:
    """Turn words of the codec into samples in [-1, 1), any shape.

    Of 24-bit words only the low 24 bits count, and the result is exact; 32-bit words are rounded to
    float32 (to nearest, ties to even).
    """
    words = np.asarray(codes, dtype=np.int64)
    half = 1 << bits - 1
    signed = ((words & 2 * half - 1) ^ half) - half
    samples: F32 = signed.astype(np.float32) / np.float32(half)
    return samples


def codes_of_samples(samples: F32, *, bits: Bits = 24) -> I32:
    """Turn samples into words, any shape: to nearest, ties to even, saturated; NaN is 0."""
    full_scale = np.float32(1 << bits - 1)
    # A power of two times a float32 is exact, as is every comparison below.
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.asarray(samples, np.float32) * full_scale
    whole = np.rint(np.nan_to_num(scaled, nan=0.0).astype(np.float64))
    codes: I32 = np.clip(whole, -(1 << bits - 1), _HIGHEST[bits]).astype(np.int32)
    return codes


def fade_in(samples: F32, *, start_frame: int = 0) -> F32:
    """Fade in samples, (..., frames): frame n since the pedal's start times n / 2048 in float32."""
    frames = np.arange(start_frame, start_frame + samples.shape[-1])
    gains = np.minimum(frames, FADE_FRAMES).astype(np.float32) / np.float32(FADE_FRAMES)
    with np.errstate(over="ignore", invalid="ignore"):
        faded: F32 = np.asarray(samples, np.float32) * gains
    return faded
