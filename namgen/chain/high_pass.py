"""The high-pass at the end of the chain, as the NAM plug-in's: first order, 5 Hz."""

from __future__ import annotations

import numpy as np

from namgen.chain.decimals import PI, exactly, nearest

CUTOFF_HZ = 5


def keep_and_take(sample_rate_hz: int) -> tuple[np.float32, np.float32]:
    """Return how much of the mean stays, and how much of a sample enters it: exactly the rest."""
    with exactly():
        keep = nearest(1 / (1 + 2 * PI * CUTOFF_HZ / sample_rate_hz))
    return keep, np.float32(1.0) - keep
