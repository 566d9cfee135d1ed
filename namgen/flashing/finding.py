"""Finds the one device that an image is for, at once or when somebody presses the buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from namgen.errors import DeviceError
from namgen.flashing.clock import Clock
from namgen.flashing.device import Device, Seen
from namgen.flashing.hints import (
    WAIT,
    cannot_open,
    nothing_there,
    several,
    unknown_bootloader,
    wrong_bootloader,
)
from namgen.flashing.host import Host
from namgen.flashing.image import FlashImage
from namgen.flashing.way import Way

POLL_SECONDS = 0.2
"""Between two looks: the Daisy bootloader is there for two seconds."""

_LEAVE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Search:
    """For a device."""

    way: Way
    clock: Clock
    host: Host
    image: FlashImage
    named: str | None = None  # by port or serial number

    def once(self) -> Device:
        """Return the device that is there.

        Raises:
            DeviceError: there is none, there are several, it cannot be opened, or it is in the
                bootloader that does not take the image.

        """
        seen = self._candidates()
        if not seen:
            raise DeviceError(*self._none())
        if len(seen) > 1:
            raise DeviceError(*several(seen))
        device = seen[0].device
        if device is None:
            raise DeviceError(*cannot_open(seen[0], self.host))
        if device.mode is None:
            raise DeviceError(*unknown_bootloader(device.layout))
        if device.mode != self.image.mode:
            raise DeviceError(*wrong_bootloader(self.image, device.mode))
        return device

    def waited(self, seconds: float, tell: Callable[[str], None]) -> Device:
        """Return the device when it is there and right; `tell` hears once of what is not.

        Raises:
            DeviceError: as `once`, when the time is over.

        """
        end = self.clock.now() + seconds
        told = set[str]()
        while True:
            try:
                return self.once()
            except DeviceError as error:
                if self.clock.now() >= end:
                    raise
                for line in error.lines:
                    if line not in {*told, WAIT}:
                        told.add(line)
                        tell(line)
            self.clock.sleep(POLL_SECONDS)

    def has_left(self, device: Device) -> bool:
        """Watch whether a device leaves the bus; one that has come back has left, too."""
        end = self.clock.now() + _LEAVE_SECONDS
        while device.place in self.way.present():
            if self.clock.now() >= end:
                return False
            self.clock.sleep(POLL_SECONDS)
        return True

    def _candidates(self) -> tuple[Seen, ...]:
        found = self.way.devices()
        return tuple(one for one in found if self.named is None or _is_named(one, self.named))

    def _none(self) -> tuple[str, ...]:
        others = self.way.devices() if self.named else ()
        if not others:
            return tuple(nothing_there(self.image, self.host))
        known = ", ".join(one.port for one in others)
        return (f"no bootloader is at {self.named!r}: expected one of {known}",)


def _is_named(seen: Seen, name: str) -> bool:
    serial = seen.device.serial if seen.device else ""
    return name == seen.port or (bool(serial) and name.lower() == serial.lower())
