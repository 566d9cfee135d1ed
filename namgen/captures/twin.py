"""Several captures as the generated `captures.c` plays them, in NumPy."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.captures.plan import Captures
from namgen.reference.networks import Reference


class CapturesTwin:
    """Computes what the C of a plan computes; one capture is there, or comes up, at a time."""

    def __init__(self, captures: Captures) -> None:
        self._captures = captures
        self._references = [Reference(capture.model) for capture in captures.captures]
        self.reset()

    def reset(self) -> None:
        """See `captures_reset`."""
        self.choose(0)
        self.load(self._captures.captures[0].words)

    def choose(self, capture: int) -> None:
        """See `captures_choose`."""
        self.chosen = min(capture, len(self._references) - 1)
        self._words = self._captures.captures[self.chosen].words

    def load(self, words: int) -> bool:
        """See `captures_load`."""
        if self._words > 0:
            self._words = max(0, self._words - words)
            if self._words == 0:
                self._references[self.chosen].reset()
        return self._words == 0

    def process(self, samples: F32) -> F32:
        """See `captures_process`, (frames,)."""
        if self._words > 0:
            return np.zeros_like(samples)
        return np.asarray(self._references[self.chosen].process(samples[np.newaxis])[0], np.float32)
