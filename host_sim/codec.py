"""What the pedal does between the codec's integers and the model's floats, in NumPy.

The twin of `sample_of_code` and `code_of_sample` in `firmware/pedal.c`, equal in every bit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]

FULL_SCALE = np.float32(1 << 23)
CODE_MAX = (1 << 23) - 1
CODE_MIN = -(1 << 23)


def samples_of_codes(codes: npt.ArrayLike) -> F32:
    """Turn 24-bit values into samples in [-1, 1), any shape; exact.

    Only the low 24 bits count, as in the words the codec's interface delivers.
    """
    words = np.asarray(codes, dtype=np.int64)
    signed = ((words & 0xFFFFFF) ^ 0x800000) - 0x800000
    samples: F32 = signed.astype(np.float32) / FULL_SCALE
    return samples


def codes_of_samples(samples: F32) -> I32:
    """Turn samples into 24-bit values, any shape: to nearest, ties to even, saturated; NaN is 0."""
    # A power of two times a float32 is exact, as is every comparison below.
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.asarray(samples, np.float32) * FULL_SCALE
    limited = np.clip(np.nan_to_num(scaled, nan=0.0), CODE_MIN, CODE_MAX)
    codes: I32 = np.rint(limited).astype(np.int32)
    return codes
