"""Switches in Python: bounces, presses, toggles, encoders; each class is a file of the C."""

from __future__ import annotations

from collections.abc import Mapping

from namgen.controls.switches import EncoderRead, ToggleRead


class Debounce:
    """`debounce.c`."""

    def __init__(self, closed: int, ticks: Mapping[str, int]) -> None:
        self.closed = closed
        self._needed = (ticks["OPEN"], ticks["CLOSE"])
        self._ticks: dict[int, int] = {}

    def tick(self, closed: int) -> int:
        """Return the switches as they are meant."""
        differing = closed ^ self.closed
        for number in [n for n in self._ticks if not differing >> n & 1]:
            del self._ticks[number]
        for number in [n for n in range(differing.bit_length()) if differing >> n & 1]:
            self._ticks[number] = self._ticks.get(number, 0) + 1
            if self._ticks[number] >= self._needed[closed >> number & 1]:
                self.closed ^= 1 << number
                del self._ticks[number]
        return self.closed


class Toggle:
    """`toggle.c`; its position is None while it has never stood anywhere."""

    def __init__(self, toggle: ToggleRead, ticks: Mapping[str, int], closed: int) -> None:
        self._toggle, self._needed = toggle, ticks["TOGGLE"]
        self.position = self._next = self._standing(closed)
        self._ticks = 0

    def tick(self, closed: int) -> bool:
        """Tell whether it stands elsewhere."""
        now = self._standing(closed)
        if now != self._next:
            self._next, self._ticks = now, 0
        if now is None or now == self.position:
            return False
        self._ticks += 1
        if self._ticks < self._needed:
            return False
        self.position = now
        return True

    def _standing(self, closed: int) -> int | None:
        own = closed & self._toggle.switches
        found = (n for n, stand in enumerate(self._toggle.stands) if stand.closed == own)
        return next(found, None)


class Encoder:
    """`encoder.c`."""

    def __init__(self, encoder: EncoderRead, closed: int) -> None:
        self._encoder = encoder
        self._quarter = self._standing(closed)
        self._way, self._direction = 0, 1

    def tick(self, closed: int) -> int:
        """Return the detents since the last tick."""
        now = self._standing(closed)
        quarters = (now - self._quarter) % 4
        if quarters == 0:
            return 0
        self._quarter = now
        self._direction = {1: 1, 2: self._direction, 3: -1}[quarters]
        self._way += self._direction * (2 if quarters == 2 else 1)
        if now:
            return 0
        way, self._way = self._way, 0
        return (way >= 2) - (way <= -2)

    def _standing(self, closed: int) -> int:
        a, b = bool(closed & self._encoder.a), bool(closed & self._encoder.b)
        return 2 * a + (a ^ b)


class Presses:
    """`presses.c`."""

    def __init__(self, closed: int, combination: int, ticks: Mapping[str, int]) -> None:
        self._closed, self._combination = closed, combination
        self._needed = ticks["HOLD"]
        self._waiting = self._held_ticks = 0

    def tick(self, closed: int) -> int:
        """Return the presses that act now."""
        pressed = closed & ~self._closed
        self._closed = closed
        combination = self._combination
        if not combination or closed & combination != combination:
            acting, self._waiting, self._held_ticks = pressed | self._waiting, 0, 0
            return acting
        self._held_ticks += 1
        if combination.bit_count() == 1:
            return pressed
        self._waiting |= pressed & combination
        return pressed & ~combination

    @property
    def want_update(self) -> bool:
        """Whether the combination has been held long enough."""
        return bool(self._combination) and self._held_ticks >= self._needed
