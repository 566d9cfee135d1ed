"""What is done to the chip's pins from outside, as time passes: levels, voltages, noise."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from host_sim.stm32h750.elapsed import Time

V = TypeVar("V")
_WORD = (1 << 64) - 1
_UNIFORMS = 4
_SPREAD = 3**0.5
"""Of a sum of four numbers spread evenly over one: its standard deviation is 1 / sqrt(3)."""


@dataclass(slots=True)
class Timeline(Generic[V]):
    """A value that changes at known moments."""

    first: V
    _times: list[float] = field(default_factory=list)
    _values: list[V] = field(default_factory=list)

    def set(self, value: V, at: float) -> None:
        """Let it be this from a moment on, whatever was planned for later."""
        keep = bisect_left(self._times, at)
        self._times[keep:] = [at]
        self._values[keep:] = [value]

    def at(self, moment: float) -> V:
        """Return what it is at a moment."""
        before = bisect_right(self._times, moment)
        return self._values[before - 1] if before else self.first

    @property
    def last_change(self) -> float:
        """The moment from which on nothing more is planned."""
        return self._times[-1] if self._times else 0.0


@dataclass(frozen=True, slots=True)
class PanelViolation:
    """What works by luck on a board, or not at all; `symbol` is the function it happened in."""

    seconds: float
    what: str
    symbol: str


class ChipPin(NamedTuple):
    """A pin as the chip's manual calls it: the letter of its port, its number."""

    port: str
    number: int

    def __str__(self) -> str:
        """Spell it as in PA3."""
        return f"P{self.port}{self.number}"


class Outside:
    """Everything that hangs on pins."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self._levels: dict[str, dict[int, Timeline[bool | None]]] = {}
        self._voltages: dict[ChipPin, Timeline[float]] = {}
        self.noise = 0.0  # of every voltage, its standard deviation
        self.violations: list[PanelViolation] = []
        self._known: set[str] = set()

    @property
    def now(self) -> float:
        """The moment outside, in seconds since reset."""
        return self._time.outside

    # ---- levels

    def drive(self, pin: ChipPin, level: bool | None, *, at: float | None = None) -> None:
        """Connect a pin to the supply or to ground from a moment on, or to nothing: None."""
        timeline = self._levels.setdefault(pin.port, {}).setdefault(pin.number, Timeline(None))
        timeline.set(level, self.now if at is None else at)

    def levels(self, port: str) -> list[tuple[int, bool | None]]:
        """Pins of a port that switches hang on, with what drives them as it is seen now."""
        wired = self._levels.get(port)
        if not wired:
            return []
        moment = self._time.seen
        return [(number, timeline.at(moment)) for number, timeline in wired.items()]

    def last_change(self, pin: ChipPin) -> float:
        """The moment from which on nothing more is planned for a pin's level."""
        timeline = self._levels.get(pin.port, {}).get(pin.number)
        return 0.0 if timeline is None else timeline.last_change

    # ---- voltages

    def apply(self, pin: ChipPin, voltage: float) -> None:
        """Give a pin a voltage from now on, 0 to 1 of the reference."""
        self._voltages.setdefault(pin, Timeline(0.0)).set(voltage, self.now)

    def voltage(self, pin: ChipPin, moment: float) -> float:
        """Return a pin's voltage at a moment, without its noise."""
        timeline = self._voltages.get(pin)
        return 0.0 if timeline is None else timeline.at(moment)

    def noise_of(self, number: int, samples: int) -> float:
        """Return the noise of the mean of some samples; the same for the same number."""
        return self.noise * gaussian(number) / samples**0.5 if self.noise else 0.0

    # ---- what is wrong

    def blame(self, what: str, symbol: str) -> None:
        """Note what no pedal should rely on, each once."""
        if what not in self._known:
            self._known.add(what)
            self.violations.append(PanelViolation(self.now, what, symbol))


def gaussian(number: int) -> float:
    """Return noise of standard deviation 1, bounded by 3.5: the same for the same number.

    Sum of four uniform numbers from the bits of SplitMix64 (Steele, Lea, Flood 2014).
    """
    z = (number + 1) * 0x9E3779B97F4A7C15 & _WORD
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _WORD
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _WORD
    z ^= z >> 31
    total = sum((z >> 16 * part & 0xFFFF) + 0.5 for part in range(_UNIFORMS)) / 65536
    return (total - _UNIFORMS / 2) * _SPREAD
