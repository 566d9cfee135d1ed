"""How far the activations are from the true functions: ``python -m namgen.reference.accuracy``.

Prints the rows of the table in ``docs/activations.md``. The true functions are evaluated in
float64, whose own error (1e-16) does not show in any digit given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen import ir
from namgen.activation_kernels import kernel
from namgen.arithmetic import F32
from namgen.reference.float32 import IN_FLOAT32

F64: TypeAlias = npt.NDArray[np.float64]

_MEASURED = (
    ir.Activation("Tanh"),
    ir.Activation("Fasttanh"),
    ir.Activation("Hardtanh"),
    ir.Activation("ReLU"),
    ir.Activation("LeakyReLU", (0.01,)),
    ir.Activation("PReLU", (-0.3,)),
    ir.Activation("Sigmoid"),
    ir.Activation("Fastsigmoid"),
    ir.Activation("SiLU"),
    ir.Activation("Hardswish"),
    ir.Activation("LeakyHardtanh", (-1.0, 1.0, 0.01, 0.01)),
    ir.Activation("Softsign"),
)


def samples() -> F32:
    """Every float32 exponent with either sign, -10 .. 10 densely, both sides of tanh's joints."""
    rng = np.random.default_rng(7)
    exponents = np.repeat(np.arange(255, dtype=np.uint32) << np.uint32(23), 256)
    fractions = rng.integers(0, 1 << 23, exponents.size, dtype=np.uint32)
    fractions[::128], fractions[1::128] = 0, (1 << 23) - 1
    magnitudes = (exponents | fractions).view(np.float32)
    joints = ((np.arange(64) + 0.5) / 8).astype(np.float32).view(np.uint32)
    near_joints = (joints[:, None] + np.arange(-40, 41)).astype(np.uint32).view(np.float32)
    middle = np.linspace(0, 10, 200_001, dtype=np.float32)
    positive = np.concatenate([magnitudes, near_joints.ravel(), middle])
    return np.concatenate([positive, -positive])


def largest_error(activation: ir.Activation, x: F32) -> float:
    """Return the largest ``|y - true| / max(1, |true|)`` over `x`, where float32 holds true."""
    true = true_value(activation, x)
    held = np.abs(true) <= np.finfo(np.float32).max
    errors = np.abs(float32_value(activation, x) - true)[held]
    return float((errors / np.maximum(1, np.abs(true[held]))).max())


def float32_value(activation: ir.Activation, x: F32) -> F32:
    """Return the function as it is computed, for x (samples,); PReLU has one slope here."""
    with np.errstate(all="ignore"):
        values: F32 = IN_FLOAT32.leave(IN_FLOAT32.activation(activation)(x[None]))[0]
    return values


def true_value(activation: ir.Activation, x: F32) -> F64:
    """Return the function in float64, with the parameters a kernel gets (float32)."""
    params = np.array(activation.params, np.float32).astype(np.float64)
    with np.errstate(all="ignore"):
        return _TRUE[activation.name](x.astype(np.float64), *params)


def _rational_tanh(v: F64) -> F64:
    a = np.abs(v)
    top = 2.45550750702956 * (1 + a) + (0.893229853513558 + 0.821226666969744 * a) * v**2
    bottom = 2.44506634652299 + (2.44506634652299 + v**2) * np.abs(v + 0.814642734961073 * v * a)
    return np.asarray(v * top / bottom)


def _leaky(v: F64, slope: float) -> F64:
    return np.where(v > 0, v, slope * v)


def _leaky_hardtanh(v: F64, lo: float, hi: float, slope_lo: float, slope_hi: float) -> F64:
    beyond = np.where(v > hi, (v - hi) * slope_hi + hi, v)
    return np.where(v < lo, (v - lo) * slope_lo + lo, beyond)


_TRUE: dict[str, Callable[..., F64]] = {
    "Tanh": np.tanh,
    "Fasttanh": _rational_tanh,
    "Hardtanh": lambda v: np.clip(v, -1, 1),
    "ReLU": lambda v: np.maximum(v, 0),
    "LeakyReLU": _leaky,
    "PReLU": _leaky,
    "Sigmoid": lambda v: 1 / (1 + np.exp(-v)),
    "Fastsigmoid": lambda v: (1 + _rational_tanh(v / 2)) / 2,
    "SiLU": lambda v: v / (1 + np.exp(-v)),
    "Hardswish": lambda v: v * np.clip(v + 3, 0, 6) / 6,
    "LeakyHardtanh": _leaky_hardtanh,
    "Softsign": lambda v: v / (1 + np.abs(v)),
}


def main() -> None:
    """Print name, kernel and error of every activation."""
    x = samples()
    for activation in _MEASURED:
        error = largest_error(activation, x)
        print(f"{activation.name:14} {kernel(activation).function:20} {error:.3g}")


if __name__ == "__main__":
    main()
