"""What a player sees and steps on, as a board's file describes it: the schema, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NewType

from namgen.errors import Problem
from namgen.toml_data import called, each_of, known

DigitalPin = NewType("DigitalPin", str)
"""Name of a pin that is high or low."""

AnalogPin = NewType("AnalogPin", str)
"""Name of a pin whose voltage is measured."""

FootswitchName = NewType("FootswitchName", str)
"""The label of one of the board's footswitches."""

ModuleName = NewType("ModuleName", str)
"""The name of what the board carries, as `load_module` knows it."""

Level = Literal["high", "low"]
Pull = Literal["up", "down", "none"]
Curve = Literal["linear", "log", "reverse"]

Sets = Literal["none", "input", "gate", "bass", "middle", "treble", "level"]
"""What of the signal chain a knob turns."""

Does = Literal["none", "bypass", "next-capture", "previous-capture"]
"""What a press does."""

Turns = Literal["none", "capture"]
"""What turning an encoder chooses."""

Selects = Literal[
    "none",
    "ir-on",
    "ir-off",
    "gate-on",
    "gate-off",
    "bank-1",
    "bank-2",
    "bank-3",
    "bank-4",
    "capture-1",
    "capture-2",
    "capture-3",
    "capture-4",
]
"""What a toggle's position does."""

Shows = Literal["none", "status", "bypass", "overrun", "capture"]
"""What an LED tells: that audio is in time, that the effect plays, a late block, which capture."""

_LONGEST_MS = 200.0
_MOST_CAPTURES = 8


@dataclass(frozen=True, slots=True)
class Knob:
    """A potentiometer, or the socket of an expression pedal.

    A flipped one gives its highest voltage where others give none.
    """

    label: str
    pin: AnalogPin
    curve: Curve = "linear"  # how its resistance is spread: B, A or C on the part itself
    is_flipped: bool = field(default=False, metadata=called("flipped"))
    sets: Sets = "none"


@dataclass(frozen=True, slots=True)
class Footswitch:
    """A switch that is pressed: under a foot, or a finger."""

    label: str
    pin: DigitalPin
    pull: Pull = "up"
    active: Level = "low"  # while it is pressed
    does: Does = "none"


@dataclass(frozen=True, slots=True)
class Position:
    """One way a toggle can stand."""

    label: str
    pin: DigitalPin | None = None  # the pin that is active then; None: none of the toggle's is
    does: Selects = "none"


@dataclass(frozen=True, slots=True)
class Toggle:
    """A switch that stays where it is put: two or three ways, or a rotary one."""

    label: str
    positions: tuple[Position, ...] = field(metadata=called("position"))
    pull: Pull = "up"
    active: Level = "low"

    def problems(self) -> Iterator[Problem]:
        """Yield positions that cannot be told apart, or that are about different things."""
        return each_of(self._number, self._pins, self._labels, self._uses)

    def _number(self) -> Iterator[Problem]:
        if not 2 <= len(self.positions) <= _MOST_CAPTURES:
            found = len(self.positions)
            yield Problem("position", f"expected 2 to {_MOST_CAPTURES}, found {found}")

    def _pins(self) -> Iterator[Problem]:
        if sum(position.pin is None for position in known(self.positions)) > 1:
            yield Problem("position", "expected a pin in every position but one")

    def _labels(self) -> Iterator[Problem]:
        yield from twice("position", [position.label for position in known(self.positions)])

    def _uses(self) -> Iterator[Problem]:
        uses = known(position.does for position in known(self.positions))
        about = {does.split("-")[0] for does in uses if does != "none"}
        if len(about) > 1:
            found_words = " and ".join(sorted(about))
            yield Problem("position", f"expected all to do one kind of thing, found {found_words}")


@dataclass(frozen=True, slots=True)
class Led:
    """A light: one pin, or three for red, green and blue."""

    label: str
    pin: DigitalPin | None = None
    rgb: tuple[DigitalPin, ...] = ()
    active: Level = "high"  # while it is lit
    shows: Shows = "none"
    capture: int = 0  # lit while this capture, counted from 1, is chosen; 0: it tells which

    def problems(self) -> Iterator[Problem]:
        """Yield pins that make no light."""
        return each_of(self._pins, self._colours, self._use, self._capture)

    def _pins(self) -> Iterator[Problem]:
        if bool(self.pin) == bool(self.rgb):
            yield Problem("pin", "expected a pin, or rgb with three, and not both")

    def _colours(self) -> Iterator[Problem]:
        if self.rgb and len(self.rgb) != 3:
            yield Problem("rgb", f"expected three pins, found {len(self.rgb)}")

    def _use(self) -> Iterator[Problem]:
        if self.capture and self.shows != "capture":
            yield Problem("capture", 'expected only beside shows = "capture"')

    def _capture(self) -> Iterator[Problem]:
        if self.capture > _MOST_CAPTURES:
            yield Problem("capture", f"expected 1 to {_MOST_CAPTURES}, found {self.capture}")


@dataclass(frozen=True, slots=True)
class Encoder:
    """A knob without ends, that may be pressed."""

    label: str
    a: DigitalPin
    b: DigitalPin
    press: DigitalPin | None = None
    pull: Pull = "up"
    active: Level = "low"
    turns: Turns = "none"
    does: Does = "none"  # when it is pressed

    def problems(self) -> Iterator[Problem]:
        """Yield a press that nothing notices."""
        if self.does != "none" and self.press is None:
            yield Problem("press", "expected a pin, beside does")


@dataclass(frozen=True, slots=True)
class Output:
    """A pin that the firmware drives."""

    pin: DigitalPin
    active: Level = "high"


@dataclass(frozen=True, slots=True)
class Bypass:
    """How the guitar gets past the effect: by the processor, or by a relay."""

    kind: Literal["dsp", "relay"] = "dsp"
    relay: Output | None = None  # active: the effect is heard
    mute: Output | None = None  # active: nothing is heard
    relay_ms: float = 10.0  # from the press, which mutes at once, until the relay is switched
    unmute_ms: float = 20.0  # from the press until the mute ends

    def problems(self) -> Iterator[Problem]:
        """Yield what a relay needs and nothing else has, and times that are no sequence."""
        return each_of(self._kinds, self._times)

    def _kinds(self) -> Iterator[Problem]:
        if (self.kind == "relay") != (self.relay is not None):
            yield Problem("relay", 'expected beside kind = "relay", and only there')
        if self.kind != "relay" and self.mute:
            yield Problem("mute", 'expected only beside kind = "relay"')

    def _times(self) -> Iterator[Problem]:
        if not self.relay_ms <= self.unmute_ms <= _LONGEST_MS:
            expected = f"relay_ms to {_LONGEST_MS:g} ms"
            yield Problem("unmute_ms", f"expected {expected}, found {self.unmute_ms:g}")


@dataclass(frozen=True, slots=True)
class UpdateMode:
    """Footswitches that, held together, start the chip's own download mode."""

    hold: tuple[FootswitchName, ...]
    seconds: float = 2.0

    def problems(self) -> Iterator[Problem]:
        """Yield what nobody can hold, or would hold by mistake."""
        return each_of(self._switches, self._time)

    def _switches(self) -> Iterator[Problem]:
        if not self.hold:
            yield Problem("hold", "expected at least one footswitch")

    def _time(self) -> Iterator[Problem]:
        if not 0.5 <= self.seconds <= 10:
            yield Problem("seconds", f"expected 0.5 to 10, found {self.seconds:g}")


@dataclass(frozen=True, slots=True)
class Other:
    """A pin that the board has wired to what namgen does not serve."""

    pin: DigitalPin
    to: str


def twice(path: str, names: list[str]) -> Iterator[Problem]:
    """Yield the names that are there more than once."""
    names = known(names)
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield Problem(path, f"{name!r} is there twice")
