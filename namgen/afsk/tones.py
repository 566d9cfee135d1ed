"""Bits to samples, as the pedal makes them: the bit-exact twin of `firmware/selftest/afsk.c`.

Frequency shift keying with a continuous phase: a 32-bit accumulator whose upper 8 bits look up a
sine of 256 entries. 600 bits a second are 80 samples a bit at 48 kHz, exactly.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from namgen.afsk.framing import Bits

SAMPLE_RATE_HZ = 48_000
BITS_PER_S = 600
SAMPLES_PER_BIT = SAMPLE_RATE_HZ // BITS_PER_S
TONES_HZ = (1500, 2700)
"""Of a 0 and of a 1: twice the rate apart, and neither a harmonic of the other."""
SINE_ENTRIES = 256
SINE_PEAK = 32_767
LEVEL_SHIFT = 7
"""From the sine to a 24-bit code: -6 dB of full scale."""

_TURN = 1 << 32
_ENTRY_SHIFT = 24


def phase_step(tone_hz: float) -> int:
    """Return what the accumulator grows by with every sample."""
    return round(tone_hz * _TURN / SAMPLE_RATE_HZ)


@cache
def sine_table() -> npt.NDArray[np.int16]:
    """Return one turn of a sine, (256,)."""
    angles = 2 * np.pi * np.arange(SINE_ENTRIES) / SINE_ENTRIES
    return np.asarray(np.rint(SINE_PEAK * np.sin(angles)), np.int16)


def codes_of(bits: Bits, *, phase: int = 0) -> npt.NDArray[np.int32]:
    """Return the 24-bit codes that are played for bits, (80 * bits,), from a phase on."""
    steps = np.array([phase_step(tone) for tone in TONES_HZ], np.uint64)[bits]
    grown = np.cumsum(np.repeat(steps, SAMPLES_PER_BIT)) + np.uint64(phase)
    before = grown - np.repeat(steps, SAMPLES_PER_BIT)  # a sample is taken, then the phase grows
    entries = (before % np.uint64(_TURN)) >> np.uint64(_ENTRY_SHIFT)
    return np.asarray(sine_table()[entries.astype(np.intp)], np.int32) << LEVEL_SHIFT


def sine_header() -> str:
    """Spell the table for the C, `afsk_sine.h`."""
    rows = sine_table().reshape(-1, 16).tolist()
    lines = [f"    {', '.join(map(str, row))}," for row in rows]
    opening = f"static const int16_t afsk_sine_table[{SINE_ENTRIES}] = {{"
    guard = ["#ifndef AFSK_SINE_H", "#define AFSK_SINE_H", "", "#include <stdint.h>", ""]
    head = ["/* A turn of a sine: generated. */", *guard, opening]
    return "\n".join([*head, *lines, "};", "", "#endif", ""])
