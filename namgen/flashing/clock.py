"""Time, as something that a test can bring along."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells seconds since any moment, and lets them pass."""

    def now(self) -> float:
        """Seconds; only differences mean something."""

    def sleep(self, seconds: float) -> None:
        """Let them pass."""


class WallClock:
    """That of this computer."""

    def now(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See `Clock`."""
        time.sleep(seconds)
