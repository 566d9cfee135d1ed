"""What a board's firmware has to know of its wiring: clocks, pins, revisions and their codecs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from namgen.errors import Problem

CLOCKS_PER_FRAME = 256
"""Of the codec's master clock."""

Codec = Literal["ak4556", "pcm3060_deemphasis", "pcm3060_i2c", "pcm3060_reset", "tac5242", "wm8731"]
"""As `firmware/codec/codecs.h` has them."""

FIRMWARE_CLOCKS_HZ = (480_000_000, 400_000_000)
"""What `firmware/chip/clock.c` can make; the second one where the chip is too old for the first."""

_PORTS = "ABCDEFGHIJK"
_PINS = ("sai_mclk", "sai_sb", "sai_fs", "sai_sck", "sai_sa")
"""What every board's firmware uses."""

_I2C_PINS = ("i2c_clock", "i2c_data")
_CODEC_PINS: dict[Codec, tuple[str, ...]] = {
    "ak4556": ("codec",),
    "pcm3060_deemphasis": ("codec",),
    "pcm3060_i2c": _I2C_PINS,
    "pcm3060_reset": ("codec",),
    "tac5242": (),
    "wm8731": _I2C_PINS,
}


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
        for hz in options_hz:
            if hz not in FIRMWARE_CLOCKS_HZ:
                known = " or ".join(str(known) for known in FIRMWARE_CLOCKS_HZ)
                yield Problem("clock.options_hz", f"expected {known}, found {hz}")
        pll, audio = self.processor, self.audio
        if not all((pll.m, pll.p, audio.m, audio.p)):
            yield Problem("clock_tree", "expected no division by 0")
            return
        step = self.crystal_hz // pll.m
        for hz in FIRMWARE_CLOCKS_HZ:
            if step * self.factor(hz) // pll.p != hz:
                yield Problem("clock_tree.processor", f"expected factors that give {hz} Hz")
            yield from self._limits("clock_tree.processor", pll.m, self.factor(hz), (pll.p, pll.q))
        expected = CLOCKS_PER_FRAME * sample_rate_hz
        if self.crystal_hz * audio.n / (audio.m * audio.p) != expected:
            yield Problem("clock_tree.audio", f"expected factors that give {expected} Hz")
        yield from self._limits("clock_tree.audio", audio.m, audio.n, (audio.p,))

    def _limits(self, path: str, m: int, n: int, divisors: tuple[int, ...]) -> Iterator[Problem]:
        """Yield what is beyond a PLL, its wide oscillator used: RM0433, section 8.5.5."""
        step = self.crystal_hz / m
        if not (1 <= m <= 63 and 2_000_000 <= step <= 16_000_000):
            yield Problem(path, f"expected m to give 2 to 16 MHz, found {step / 1e6:g}")
        if not (4 <= n <= 512 and 192_000_000 <= step * n <= 960_000_000):
            yield Problem(path, f"expected n to give 192 to 960 MHz, found {step * n / 1e6:g}")
        for divisor in divisors:
            if not 1 <= divisor <= 128:
                yield Problem(path, f"expected to divide by 1 to 128, found {divisor}")


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
class Revision:
    """One that a board comes in: its codec, and how that is wired."""

    name: str
    codec: Codec
    receiver: Literal["A", "B"]  # the block of SAI1 that the codec sends to
    words: Literal["24", "32_right_first"]  # what the codec sends and takes
    strap: str = ""  # the pin that is at ground

    @property
    def needs(self) -> tuple[str, ...]:
        """Pins that its codec and its strap are wired to."""
        return (*_CODEC_PINS[self.codec], *([self.strap] if self.strap else []))

    @property
    def is_on_i2c(self) -> bool:
        """Whether its codec is set over I2C."""
        return _CODEC_PINS[self.codec] == _I2C_PINS


def wiring_problems(pins: tuple[Pin, ...], revisions: tuple[Revision, ...]) -> Iterator[Problem]:
    """Yield pins that are there twice or not at all, and revisions that cannot be told apart."""
    yield from _twice("pins", [pin.name for pin in pins])
    yield from _twice("revisions", [revision.name for revision in revisions])
    names = {pin.name for pin in pins}
    yield from (Problem("pins", f"expected one named {pin}") for pin in _PINS if pin not in names)
    for number, revision in enumerate(revisions):
        path, is_last = f"revisions[{number}]", number == len(revisions) - 1
        missing = [pin for pin in revision.needs if pin not in names]
        yield from (Problem(path, f"expected a pin named {pin}") for pin in missing)
        if is_last == bool(revision.strap):
            yield Problem(f"{path}.strap", "expected in every revision but the last")
    if not revisions:
        yield Problem("revisions", "expected at least one")


def _twice(table: str, names: list[str]) -> Iterator[Problem]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(table, f"{name} is there twice")
