"""Sizes that cut a number into equal parts."""

from __future__ import annotations


def divisors(number: int, limit: int) -> list[int]:
    """List the divisors of `number` up to `limit`, ascending."""
    return [d for d in range(1, min(number, limit) + 1) if number % d == 0]
