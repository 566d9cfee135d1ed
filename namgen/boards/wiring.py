"""What a board's firmware has to know of its wiring: clocks, pins, and what tells its revisions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from namgen.errors import Problem

CLOCKS_PER_FRAME = 256
"""Of the codec's master clock."""

_PORTS = "ABCDEFGHIJK"


@dataclass(frozen=True, slots=True)
class ProcessorPll:
    """Crystal / m * n / p is the processor's clock: n follows from it."""

    m: int
    p: int
    q: int  # * n / q: the QSPI flash's


@dataclass(frozen=True, slots=True)
class AudioPll:
    """Crystal / m * n / p is the codec's master clock."""

    m: int
    n: int
    p: int


@dataclass(frozen=True, slots=True)
class ClockTree:
    """From the crystal to the processor and to the codec."""

    crystal_hz: int
    processor: ProcessorPll
    audio: AudioPll

    def factor(self, clock_hz: int) -> int:
        """Return n of the processor's PLL."""
        return clock_hz * self.processor.p * self.processor.m // self.crystal_hz

    def problems_with(self, options_hz: tuple[int, ...], sample_rate_hz: int) -> Iterator[Problem]:
        """Yield the clocks that do not come out."""
        step, pll = self.crystal_hz // self.processor.m, self.processor
        for hz in options_hz:
            if step * self.factor(hz) // pll.p != hz:
                yield Problem("clock_tree.processor", f"expected factors that give {hz} Hz")
        expected = CLOCKS_PER_FRAME * sample_rate_hz
        made = self.crystal_hz * self.audio.n / (self.audio.m * self.audio.p)
        if made != expected:
            yield Problem("clock_tree.audio", f"expected factors that give {expected} Hz")


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin, and what it is wired to."""

    name: str
    port: str
    number: int
    function: str
    alternate: int = 0  # of the chip's alternate functions

    def problems(self) -> Iterator[Problem]:
        """Yield what no pin is called."""
        if self.port not in tuple(_PORTS):
            yield Problem("port", f"expected a letter, A to {_PORTS[-1]}, found {self.port!r}")
        for field in ("number", "alternate"):
            if getattr(self, field) > 15:
                yield Problem(field, f"expected 0 to 15, found {getattr(self, field)}")


@dataclass(frozen=True, slots=True)
class Strap:
    """A pin at ground, and the revision that is told by it; the first counts."""

    pin: str
    revision: str


def wiring_problems(pins: tuple[Pin, ...], straps: tuple[Strap, ...]) -> Iterator[Problem]:
    """Yield what is there twice, and straps at pins that are not there."""
    for first, second in itertools.combinations(pins, 2):
        if first.name == second.name:
            yield Problem("pins", f"{first.name} is there twice")
    names = {pin.name for pin in pins}
    for number, strap in enumerate(straps):
        if strap.pin not in names:
            known = ", ".join(sorted(names))
            yield Problem(f"straps[{number}].pin", f"expected one of {known}, found {strap.pin!r}")
