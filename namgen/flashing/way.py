"""What both ways to a device have in common."""

from __future__ import annotations

from typing import Protocol

from namgen.flashing.clock import Clock
from namgen.flashing.device import Device, Place, Seen
from namgen.flashing.image import FlashImage
from namgen.flashing.work import Work


class Way(Protocol):
    """A way to the devices on the bus."""

    @property
    def name(self) -> str:
        """What `--with` calls it."""

    def devices(self) -> tuple[Seen, ...]:
        """Look at everything with the ids of a bootloader.

        Raises:
            ToolError: what looks failed.

        """

    def present(self) -> frozenset[Place]:
        """Say where such devices are, without disturbing them.

        Raises:
            ToolError: what looks failed.

        """

    def write(self, device: Device, image: FlashImage, work: Work, clock: Clock) -> None:
        """Erase, write, read back and leave, and let `work` know how far it is.

        Raises:
            DeviceError: the image is not on the device; the message says what is.

        """
