"""What the integer network does to numbers: the instructions of a Cortex-M7, in NumPy.

All arrays are int64 and hold int32; frames are the last axis. Where a sum does not fit into 32
bits it wraps, as the processor does, or is refused, as whoever looks for that wishes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32
from namgen.fixed.ir import I32, INPUT_BITS, LongTanh, ShortTanh, Slopes

I64: TypeAlias = npt.NDArray[np.int64]

Sum: TypeAlias = Callable[[I64], I64]
"""What becomes of a sum: `wrapped` or `checked`."""

_HALF = np.int64(1 << 31)


def wrapped(total: I64) -> I64:
    """Keep the lower 32 bits, as a register does."""
    kept: I64 = ((total + _HALF) & np.int64(0xFFFFFFFF)) - _HALF
    return kept


def checked(total: I64) -> I64:
    """Refuse a sum that does not fit into 32 bits.

    Raises:
        OverflowError: one of them does not; a bug, for the bounds said otherwise.

    """
    if total.size and (int(total.max()) >= 1 << 31 or int(total.min()) < -(1 << 31)):
        raise OverflowError(f"a sum from {int(total.min())} to {int(total.max())} wraps")
    return total


def wide(values: I32) -> I64:
    """Constants as the operations take them."""
    return values.astype(np.int64)


def high(a: I64, b: I64) -> I64:
    """SMMULR: the upper half of the product, rounded; added to a sum it is SMMLAR."""
    rounded: I64 = (a * b + _HALF) >> 32
    return rounded


def clip(v: I64, bits: int) -> I64:
    """SSAT: hold within a signed number of so many bits."""
    limit = np.int64(1 << (bits - 1))
    return np.clip(v, -limit, limit - 1)


def enter(samples: F32) -> I64:
    """VCVT: float samples to the network's input; NaN and infinities become 0."""
    heard = np.where(np.isfinite(samples), samples, np.float32(0)).astype(np.float64)
    scaled = np.trunc(heard * 2.0**INPUT_BITS)
    return np.clip(scaled, -(2.0**31), 2.0**31 - 1).astype(np.int64)


def leave(heads: I64, gain: np.float32) -> F32:
    """VCVT, VMUL: the last head to float samples."""
    samples: F32 = heads.astype(np.float32) * gain
    return samples


def slopes(curve: Slopes, z: I64, add: Sum) -> I64:
    """ASR, AND, SMMULR, SMMLAR."""
    below = z & (z >> 31)
    return add(high(z, wide(curve.scale)[:, None]) + high(below, wide(curve.bend)[:, None]))


def long_tanh(curve: LongTanh, z: I64, add: Sum) -> I64:
    """SSAT, ADD, ASR, LSL, two loads, SMMLAR."""
    fraction = curve.fraction_bits
    u = clip(z, fraction + 4)
    row = ((u + (1 << (fraction - 8))) >> (fraction - 7)) + 1024
    distance = wrapped(u << (39 - fraction))
    return add(wide(curve.values)[row] + high(wide(curve.slopes)[row], distance))


def short_tanh(curve: ShortTanh, z: I64, add: Sum) -> I64:
    """SSAT with a shift, ASR, a load, SMLABB."""
    u = (
        clip(z >> curve.shift, 25)
        if curve.shift >= 0
        else clip(z, 25 + curve.shift) << -curve.shift
    )
    word = wide(curve.rows)[(u >> 15) + 512]
    return add(word + low(word) * low(u))


def low(v: I64) -> I64:
    """Return the lower 16 bits as a signed number."""
    signed: I64 = ((v + 0x8000) & 0xFFFF) - 0x8000
    return signed
