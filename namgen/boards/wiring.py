"""What a board's firmware has to know of its wiring: clocks, pins, revisions and their codecs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from namgen.boards.plls import (
    MOST_AUDIO_PPM,
    AudioPll,
    ProcessorPll,
    audio_pll,
    processor_pll,
)
from namgen.codecs import CodecTable, Frame
from namgen.errors import Problem, UnsupportedError

CLOCKS_PER_FRAME = 256
"""Of the codec's master clock."""

Codec = Literal[
    "ak4556",
    "pcm3060_deemphasis",
    "pcm3060_i2c",
    "pcm3060_reset",
    "strapped",
    "table",
    "tac5242",
    "wm8731",
]
"""As `firmware/codec/codecs.h` has them."""

FIRMWARE_CLOCKS_HZ = (480_000_000, 400_000_000)
"""What `firmware/chip/clock.c` can make; the second one where the chip is too old for the first."""

INTERNAL_HZ = 64_000_000
"""The chip's own oscillator; it is 1 % off, and what a clock that does not come is replaced by."""

_PORTS = "ABCDEFGHIJK"
_PINS = ("sai_mclk", "sai_sb", "sai_fs", "sai_sck", "sai_sa")
"""What every board's firmware uses."""

CODEC_MUTE = "codec_mute"
"""The pin at whose low level a codec's outputs are silent."""

_I2C_PINS = ("i2c_clock", "i2c_data")
_CODEC_PINS: dict[Codec, tuple[str, ...]] = {
    "ak4556": ("codec",),
    "pcm3060_deemphasis": ("codec",),
    "pcm3060_i2c": _I2C_PINS,
    "pcm3060_reset": ("codec",),
    "strapped": (),
    "table": _I2C_PINS,
    "tac5242": (),
    "wm8731": _I2C_PINS,
}


@dataclass(frozen=True, slots=True)
class ClockTree:
    """From the board's oscillator to the processor and to the codec."""

    crystal_hz: int
    is_bypassed: bool = False  # no crystal: another chip gives a clock, or gives none

    def processor_from(self, source_hz: int) -> ProcessorPll:
        """Return the factors of the processor's clocks.

        Raises:
            UnsupportedError: there are none.

        """
        found = processor_pll(source_hz, FIRMWARE_CLOCKS_HZ)
        if found is None:
            said = " and ".join(str(hz) for hz in FIRMWARE_CLOCKS_HZ)
            raise UnsupportedError(f"expected a frequency that a PLL makes {said} Hz of")
        return found

    def audio_from(self, source_hz: int, sample_rate_hz: int) -> AudioPll:
        """Return the factors of the codec's master clock.

        Raises:
            UnsupportedError: there are none.

        """
        wanted_hz = CLOCKS_PER_FRAME * sample_rate_hz
        found = audio_pll(source_hz, wanted_hz)
        if found is None:
            within = f"within {MOST_AUDIO_PPM:g} ppm"
            raise UnsupportedError(
                f"expected a frequency that a PLL makes {wanted_hz} Hz of {within}"
            )
        return found

    def problems_with(self, options_hz: tuple[int, ...], sample_rate_hz: int) -> Iterator[Problem]:
        """Yield the clocks that do not come out."""
        for hz in options_hz:
            if hz not in FIRMWARE_CLOCKS_HZ:
                known = " or ".join(str(known) for known in FIRMWARE_CLOCKS_HZ)
                yield Problem("clock.options_hz", f"expected {known}, found {hz}")
        for find in (self.processor_from, partial(self.audio_from, sample_rate_hz=sample_rate_hz)):
            try:
                find(self.crystal_hz)
            except UnsupportedError as error:
                found = f"{error}, found {self.crystal_hz}"
                yield Problem("clock_tree.crystal_hz", found)


@dataclass(frozen=True, slots=True)
class Sai:
    """The chip's audio interface that the codec is wired to, and how both spell a frame."""

    number: Literal[1, 2, 3] = 1
    master: Literal["A", "B"] = "A"  # the block whose pins have the clocks
    frame: Frame = "left-justified"

    def problems_with(self, codec: CodecTable) -> Iterator[Problem]:
        """Yield what a codec is set to and this interface is not, with paths in the codec's table.

        A master clock of `CLOCKS_PER_FRAME` is what all have.
        """
        if codec.frame != self.frame:
            told = f"expected {self.frame!r}, as SAI{self.number} of the board has it"
            yield Problem("frame", f"{told}, found {codec.frame!r}")
        if codec.clocks_per_frame != CLOCKS_PER_FRAME:
            told = f"expected {CLOCKS_PER_FRAME}, which the board's clock has"
            yield Problem("clocks_per_frame", f"{told}, found {codec.clocks_per_frame}")


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
class Line:
    """A pin of an I2C, and the alternate function by which it is that."""

    port: str
    number: int
    alternate: int

    @property
    def chip(self) -> str:
        """The pin as the chip's manual calls it."""
        return f"P{self.port}{self.number}"


@dataclass(frozen=True, slots=True)
class CodecBus:
    """The I2C that a codec of a board's own may be set over; its pins are free without one."""

    number: Literal[1, 2, 3]  # of the chip's
    clock: Line
    data: Line

    def pins(self, codec: str) -> tuple[Pin, Pin]:
        """Return its pins as the firmware knows them."""
        clock, data = (
            Pin(
                name,
                line.port,
                line.number,
                f"I2C{self.number} {role}, of the {codec}",
                line.alternate,
            )
            for name, role, line in zip(
                _I2C_PINS, ("SCL", "SDA"), (self.clock, self.data), strict=True
            )
        )
        return clock, data


@dataclass(frozen=True, slots=True)
class Revision:
    """One that a board comes in: its codec, and how that is wired."""

    name: str
    codec: Codec
    receiver: Literal["A", "B"]  # the block of the SAI that the codec sends to
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
