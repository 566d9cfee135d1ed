"""Functions of decimal numbers with 40 digits: what a machine's own libm rounds as it likes.

The nearest float32 of a result is the same everywhere.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from decimal import Context, Decimal, localcontext

import numpy as np

DIGITS = 40

PI = Decimal("3.141592653589793238462643383279502884197169")


def exactly() -> AbstractContextManager[Context]:
    """Compute with DIGITS digits inside the `with` block, whatever is set outside."""
    return localcontext(Context(prec=DIGITS))


def gain(level_db: Decimal | float) -> Decimal:
    """Return ``10 ** (level_db / 20)``."""
    with exactly():
        return Decimal(10) ** (Decimal(level_db) / 20)


def decibels(ratio: float) -> float:
    """Return ``20 * log10(ratio)`` of a positive ratio."""
    with exactly():
        return float(20 * Decimal(ratio).log10())


def tangent(angle: Decimal) -> Decimal:
    """Return the tangent of an angle in radians, less than a quarter turn."""
    with exactly():
        sine = _series(angle, first=angle, power=1)
        return sine / _series(angle, first=Decimal(1), power=0)


def root_of_half(times: float) -> float:
    """Return what is a half when it is multiplied with itself so many times."""
    with exactly():
        return float(Decimal("0.5") ** (1 / Decimal(times)))


def nearest(value: Decimal | float) -> float:
    """Return the nearest float32, by way of the nearest float64."""
    return float(np.float32(float(value)))


def _series(angle: Decimal, *, first: Decimal, power: int) -> Decimal:
    """Sum the series of sine (power 1) or cosine (power 0)."""
    total, term = Decimal(0), first
    while abs(term) > Decimal(10) ** -(DIGITS + 2):
        total += term
        power += 2
        term *= -angle * angle / (power * (power - 1))
    return total
