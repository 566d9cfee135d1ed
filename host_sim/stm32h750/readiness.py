"""Ready bits that follow after a while, and whether the firmware has looked."""

from __future__ import annotations

from dataclasses import dataclass

from host_sim.stm32h750.elapsed import Time


@dataclass(slots=True)
class _Item:
    is_on: bool
    changes_at: float = 0.0
    is_seen: bool = True


class Readiness:
    """Things that take time to become what was asked for.

    What depends on one of them may only happen once the firmware has read that it is there:
    `is_seen`. A delay that happens to be long enough does not count.
    """

    def __init__(self, time: Time) -> None:
        self._time = time
        self._items: dict[str, _Item] = {}

    def assume(self, name: str, *, is_on: bool) -> None:
        """Begin with a state that nobody needs to wait for."""
        self._items[name] = _Item(is_on)

    def ask(self, name: str, *, is_on: bool, after_s: float) -> None:
        """Ask for a change, which takes some seconds; the same again changes nothing."""
        if self._items[name].is_on != is_on:
            self.restart(name, is_on=is_on, after_s=after_s)

    def restart(self, name: str, *, is_on: bool, after_s: float) -> None:
        """Let a state have to settle anew."""
        self._items[name] = _Item(is_on, self._time.seconds + after_s, is_seen=False)

    def read(self, name: str) -> bool:
        """Return what a ready bit shows now; firmware that reads it knows."""
        item = self._items[name]
        is_there = self._time.seconds >= item.changes_at
        item.is_seen = item.is_seen or is_there
        return item.is_on == is_there

    def is_seen(self, name: str, *, is_on: bool) -> bool:
        """Whether it is known to be on, or off."""
        item = self._items[name]
        return item.is_on == is_on and item.is_seen

    def unseen(self) -> list[str]:
        """Return what has not settled, as far as the firmware knows."""
        return [name for name, item in self._items.items() if not item.is_seen]
