"""Float32 arithmetic on single numbers, for what goes from frame to frame.

A float32 is kept as the Python float of the same value: sums and products of two are exact or
rounded so finely in float64 that rounding once more gives the nearest float32. Only the fused
multiply-add has to look closer.
"""

from __future__ import annotations

import ctypes
import math
import struct

_DOUBLE, _WORD = struct.Struct("<d"), struct.Struct("<q")
_FLOAT, _UNSIGNED = struct.Struct("<f"), struct.Struct("<I")


def single(value: float) -> float:
    """Round to the nearest float32; beyond the largest, to infinity."""
    return ctypes.c_float(value).value


def fma(a: float, b: float, c: float) -> float:
    """Return ``a * b + c``, rounded once; all are float32."""
    product = a * b
    total = product + c
    back = total - product
    error = (product - (total - back)) + (c - back)  # TwoSum (Knuth)
    if error and not math.isnan(error):
        (bits,) = _WORD.unpack(_DOUBLE.pack(total))
        if not bits & 1:  # to odd: the rounding to float32 is then the only one that counts
            total = math.nextafter(total, math.inf if error > 0 else -math.inf)
    return single(total)


def greater(a: float, b: float) -> float:
    """``nam_max``: b where the two are equal, or a is NaN."""
    return a if a > b else b


def lesser(a: float, b: float) -> float:
    """``nam_min``: b where the two are equal, or a is NaN."""
    return a if a < b else b


def bits_of(value: float) -> int:
    """Return the 32 bits of a float32."""
    (bits,) = _UNSIGNED.unpack(_FLOAT.pack(value))
    return int(bits)


def float_of(bits: int) -> float:
    """Return the float32 of 32 bits."""
    (value,) = _FLOAT.unpack(_UNSIGNED.pack(bits & 0xFFFFFFFF))
    return float(value)
