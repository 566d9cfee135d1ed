"""The choice of captures, relay and lights in Python; each class is a file of the C."""

from __future__ import annotations

from collections.abc import Mapping

from namgen.controls.banks import Choice
from namgen.controls.lights import Lights


class Chosen:
    """`choice.c`."""

    def __init__(self, choice: Choice, capture: int) -> None:
        self._choice = choice
        self._last = [choice.first(bank) for bank in range(len(choice.banks))]
        self.capture = 0
        self.take(capture)

    def take(self, capture: int | None) -> None:
        """See `choice_take`."""
        if capture is not None and 0 <= capture < len(self._choice.places):
            self.capture = capture
            self._last[self._choice.places[capture].bank] = capture

    def take_bank(self, bank: int) -> None:
        """See `choice_bank`; `bank` is its number on the board."""
        self.take(self._last[self._choice.banks.index(bank)])

    def move(self, captures: int) -> None:
        """See `choice_move`."""
        place = self._choice.places[self.capture]
        if captures:
            self.take(place.next if captures > 0 else place.previous)


class Relay:
    """`relay.c`."""

    def __init__(self, ticks: Mapping[str, int]) -> None:
        self._needed = ticks
        self._effect, self._mute, self._ticks = False, True, 0

    def begin(self) -> None:
        """Begin the sequence."""
        self._mute, self._ticks = True, 0

    def tick(self, *, effect: bool) -> tuple[bool, bool]:
        """Return whether the effect is heard, and whether nothing is."""
        if self._mute:
            self._effect = effect if self._ticks >= self._needed["RELAY"] else self._effect
            self._mute = self._ticks < self._needed["UNMUTE"]
            self._ticks += 1
        return self._effect, self._mute


class Blinking:
    """A number of blinks, and a pause."""

    def __init__(self, blinks: int, ticks: Mapping[str, int]) -> None:
        self._lit = self._pattern(blinks, ticks)
        self._tick = -1

    def tick(self) -> bool:
        """Tell whether it is lit."""
        self._tick = (self._tick + 1) % len(self._lit)
        return self._lit[self._tick]

    @staticmethod
    def _pattern(blinks: int, ticks: Mapping[str, int]) -> list[bool]:
        if blinks == 0:
            return [True]
        lit, blink = ticks["BLINK_LIT"], ticks["BLINK"]
        return ([True] * lit + [False] * (blink - lit)) * blinks + [False] * ticks["PAUSE"]


class LightsTwin:
    """`lights.c`."""

    def __init__(self, lights: Lights, ticks: Mapping[str, int], capture: int) -> None:
        self._lights, self._ticks = lights, ticks
        self._late_ticks = self._flicker_ticks = 0
        self._tell(capture)

    def tick(self, capture: int, *, is_heard: bool, is_late: bool) -> int:
        """Return the lamps that are lit."""
        self._flicker_ticks += 1
        if capture != self._capture:
            self._tell(capture)
        self._late_ticks = self._ticks["LATE"] if is_late else max(self._late_ticks - 1, 0)
        shown = self._lights
        lit = self._captures() | (shown.heard if is_heard else 0)
        if self._late_ticks:
            flickers = self._flicker_ticks // self._ticks["FLICKER"] % 2
            return lit | shown.late | (shown.flickers if flickers else 0)
        return lit | (shown.heard_in_time if is_heard else shown.bypassed_in_time)

    def _tell(self, capture: int) -> None:
        self._capture = capture
        told = self._lights.captures[capture]
        self._number, self._lap = (Blinking(n, self._ticks) for n in (told.blinks, told.laps))

    def _captures(self) -> int:
        told = self._lights.captures[self._capture]
        lit = told.lamps
        if self._number.tick():
            lit |= self._lights.counts
        if self._lap.tick():
            mixed = enumerate(self._lights.colours)
            lit |= sum(lamps for bit, lamps in mixed if told.colours >> bit & 1)
        return lit
