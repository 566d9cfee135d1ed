"""The high-pass at the end of the chain, as the NAM plug-in's: first order, 5 Hz."""

from __future__ import annotations

from namgen.chain.decimals import PI, exactly, nearest

CUTOFF_HZ = 5


def keep_and_take(sample_rate_hz: int) -> tuple[float, float]:
    """Return how much of the mean stays, and how much of a sample enters it: exactly the rest."""
    with exactly():
        keep = nearest(1 / (1 + 2 * PI * CUTOFF_HZ / sample_rate_hz))
    return keep, 1.0 - keep
