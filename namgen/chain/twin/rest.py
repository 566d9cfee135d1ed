"""High-pass, guard and bypass: `firmware/chain/high_pass.c`, `guard.c` and `bypass.c`."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.guard import MODEL_LIMIT
from namgen.chain.high_pass import keep_and_take
from namgen.chain.step import BYPASS_FADE_STEPS, CHANGEOVER_STEPS, STEP_FRAMES
from namgen.chain.twin.knob import scaled
from namgen.chain.twin.scalar import fma
from namgen.reference.float32 import IN_FLOAT32, sanitize


class HighPass:
    """Takes the mean out."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._keep, self._take = keep_and_take(sample_rate_hz)
        self.reset()

    def reset(self) -> None:
        """See `high_pass_reset`."""
        self._mean = 0.0

    def process(self, samples: F32) -> F32:
        """See `high_pass_process`."""
        means = [self._mean]
        for part in (np.float32(self._take) * samples).tolist():
            means.append(fma(self._keep, means[-1], part))
        self._mean = means.pop()
        return np.asarray(samples - np.array(means, np.float32), np.float32)


def guard_model(samples: F32) -> F32:
    """See `guard_model`."""
    return _within(sanitize(samples), MODEL_LIMIT)


def guard_output(samples: F32) -> F32:
    """See `guard_output`."""
    return _within(samples, 1.0)


def _within(samples: F32, limit: float) -> F32:
    return IN_FLOAT32.lesser(IN_FLOAT32.greater(samples, -limit), limit)


class Changeover:
    """To silence and back."""

    def __init__(self) -> None:
        self._wanted = self._gain = 1.0

    def silence(self, wanted: int) -> None:
        """See `changeover_silence`."""
        self._wanted = 0.0 if wanted else 1.0

    @property
    def is_silent(self) -> bool:
        """See `changeover_is_silent`."""
        return self._gain == 0

    def reset(self) -> None:
        """See `changeover_reset`."""
        self._gain = self._wanted

    def process(self, samples: F32) -> F32:
        """See `changeover_process`."""
        out: F32 = samples.copy()
        for start in range(0, len(samples), STEP_FRAMES):
            here = slice(start, start + STEP_FRAMES)
            out[here] = self._step(samples[here])
        return out

    def _step(self, samples: F32) -> F32:
        before = self._gain
        if before == self._wanted:
            return samples if before else np.zeros_like(samples)
        self._gain += (2 * self._wanted - 1) / CHANGEOVER_STEPS
        return scaled(samples, [self._gain], before)


class Bypass:
    """Between the guitar and the pedal."""

    def __init__(self) -> None:
        self._wanted = self._part = 1.0
        self._guitar = np.zeros(0, np.float32)

    def set(self, bypassed: int) -> None:
        """See `bypass_set`."""
        self._wanted = 0.0 if bypassed else 1.0

    @property
    def is_wanted(self) -> bool:
        """Whether the guitar is."""
        return self._wanted == 0.0

    @property
    def is_complete(self) -> bool:
        """See `bypass_is_complete`."""
        return self._part == self._wanted == 0.0

    def reset(self) -> None:
        """See `bypass_reset`."""
        self._part = self._wanted

    def listen(self, samples: F32) -> F32:
        """See `bypass_listen`; returns what it got."""
        self._guitar = np.concatenate([self._guitar, samples])
        return samples

    def process(self, samples: F32) -> F32:
        """See `bypass_process`: the frames that were listened to before."""
        dry, self._guitar = np.split(self._guitar, [len(samples)])
        out: F32 = samples.copy()
        for start in range(0, len(samples), STEP_FRAMES):
            here = slice(start, start + STEP_FRAMES)
            out[here] = self._step(samples[here], dry[here])
        return out

    def _step(self, wet: F32, dry: F32) -> F32:
        before = self._part
        if before == self._wanted:
            return dry if before == 0 else wet
        self._part += (2 * self._wanted - 1) / BYPASS_FADE_STEPS
        return np.asarray(scaled(wet - dry, [self._part], before) + dry, np.float32)
