"""The chain's unit of time, and how fast a knob may travel."""

from __future__ import annotations

from namgen.chain.decimals import nearest

STEP_FRAMES = 8
"""What a knob does changes once per step (`firmware/chain/step.h`)."""

KNOB_TRAVEL_SECONDS = 0.1
"""From one end to the other, however fast it is turned."""

BYPASS_FADE_STEPS = 128
"""21 ms at 48 kHz; a power of two, so that parts of it are exact."""

CHANGEOVER_STEPS = 64
"""11 ms at 48 kHz; a power of two, so that parts of it are exact."""


def steps(seconds: float, sample_rate_hz: int) -> int:
    """Return a time in whole steps."""
    return round(seconds * sample_rate_hz / STEP_FRAMES)


def knob_travel_per_step(sample_rate_hz: int) -> float:
    """Return how far a knob follows in a step; 1 is all its way."""
    return nearest(1.0 / steps(KNOB_TRAVEL_SECONDS, sample_rate_hz))
