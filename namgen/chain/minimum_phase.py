"""The response with the same magnitude whose energy comes as early as can be."""

from __future__ import annotations

import numpy as np

from namgen.chain.turns import F64, Complex, exponential, inverse, logarithm, of_real, transform

OVERSAMPLING = 8
"""Length of the transforms by that of the response: the cepstrum is longer than the response."""

FLOOR = 1e-12
"""Of the power spectrum, by its peak: zeros have no logarithm (-120 dB)."""


def minimum_phase(taps: F64) -> F64:
    """Return the minimum-phase response of as many taps, by the cepstrum (Oppenheim, Schafer)."""
    count = 1 << (len(taps) * OVERSAMPLING - 1).bit_length()
    power = of_real(taps, count).power
    peak = float(power.max())
    if not peak:
        return taps
    logs = logarithm(np.maximum(power, peak * FLOOR)) / 2
    cepstrum = inverse(Complex(logs, np.zeros(count))).re
    cepstrum[1 : count // 2] *= 2
    cepstrum[count // 2 + 1 :] = 0
    spectrum = exponential(transform(Complex(cepstrum, np.zeros(count))))
    return inverse(spectrum).re[: len(taps)]
