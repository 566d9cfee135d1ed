"""What waits for an image on the bus: which bootloader it is, and how it wants to be written."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from namgen.flashing.layout import FlashMap, LayoutError, parse_layout
from namgen.flashing.sentences import SAID

Place: TypeAlias = tuple[str, int]
"""Bus and ports, such as 1-2.3, and the address there, another each time a device comes."""

Mode: TypeAlias = Literal["rom", "daisy"]
"""Which bootloader: that of the chip, or the Daisy's, which is itself in the chip's flash."""

MODES: dict[Mode, str] = {"rom": "the ROM bootloader", "daisy": "the Daisy bootloader"}

ROM_ADDRESS, DAISY_ADDRESS = 0x0800_0000, 0x9004_0000
"""Where images begin that they take."""

NAMES: dict[tuple[str, int], Mode] = {
    ("Internal Flash", ROM_ADDRESS): "rom",
    ("Flash", DAISY_ADDRESS): "daisy",
}
"""By the name of the flash on offer, and an address in it."""

_FUNCTIONAL, _FUNCTIONAL_BYTES = 0x21, 9
_CAN_DOWNLOAD, _CAN_UPLOAD = 1, 2
_DFUSE_VERSION = 0x011A
_SURE_BYTES = 1024
"""No bootloader of these takes less at a time."""

_BLOCKS_AT_ONCE = 1024


class DescriptorError(ValueError):
    """A device that says of itself what cannot be used."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is sent at a time."""

    transfer_bytes: int
    blocks_per_address: int  # before the address is set anew
    is_told: bool  # by the device; else every block has its own address, which is always right

    @property
    def stretch_bytes(self) -> int:
        """What is written or read between two addresses."""
        return self.transfer_bytes * self.blocks_per_address


@dataclass(frozen=True, slots=True)
class Device:
    """A bootloader that can be spoken to."""

    place: Place
    serial: str
    product: str
    layout: str  # as it spells the map of its flash
    flash: FlashMap
    mode: Mode | None  # None: another bootloader
    pace: Pace

    @property
    def port(self) -> str:
        """What tells two devices of one serial number apart."""
        return self.place[0]

    def __str__(self) -> str:
        unknown = SAID.unknown_title.format(name=self.flash.name)
        told = f"{MODES[self.mode] if self.mode else unknown} at {self.port}"
        return SAID.with_serial.format(device=told, serial=self.serial) if self.serial else told


@dataclass(frozen=True, slots=True)
class Seen:
    """A device with the right ids: one that can be spoken to, or why it cannot."""

    place: Place
    device: Device | None = None
    trouble: str = ""  # a `Trouble`, or "descriptor"
    reason: str = ""

    @property
    def port(self) -> str:
        """Where it is."""
        return self.place[0]


def mode_of(flash: FlashMap) -> Mode | None:
    """Tell the bootloaders apart by the name and the place of the flash on offer."""
    for (name, address), mode in NAMES.items():
        if flash.name == name and flash.room_at(address) > 0:
            return mode
    return None


def described(place: Place, *, serial: str, product: str, layout: str, pace: Pace) -> Device:
    """Make sense of what a device says of itself.

    Raises:
        DescriptorError: there is none in it.

    """
    try:
        flash = parse_layout(layout)
    except LayoutError as error:
        raise DescriptorError(str(error)) from error
    return Device(place, serial, product, layout, flash, mode_of(flash), pace)


def pace_of(descriptors: Iterable[bytes]) -> Pace:
    """Read how much is sent at a time from what stands behind the interface's descriptors.

    With several alternate settings the functional descriptor is behind one of them.

    Raises:
        DescriptorError: the device speaks plain DFU, or cannot be written or read.

    """
    for blob in descriptors:
        for found in _parts(blob):
            if len(found) >= _FUNCTIONAL_BYTES and found[1] == _FUNCTIONAL:
                return _pace(found)
    return Pace(_SURE_BYTES, 1, is_told=False)


def _pace(descriptor: bytes) -> Pace:
    attributes, _, transfer_bytes, version = struct.unpack_from("<BHHH", descriptor, 2)
    if version != _DFUSE_VERSION:
        told = f"{version >> 8}.{version & 0xFF:x}"
        raise DescriptorError(SAID.other_dfu.format(version=told))
    if not attributes & _CAN_DOWNLOAD or not attributes & _CAN_UPLOAD:
        raise DescriptorError(SAID.one_way.format(found=attributes))
    if transfer_bytes == 0:
        return Pace(_SURE_BYTES, 1, is_told=False)
    return Pace(transfer_bytes, _BLOCKS_AT_ONCE, is_told=True)


def _parts(blob: bytes) -> Iterator[bytes]:
    """Yield the descriptors of a chain; each begins with its length."""
    while len(blob) >= 2 and 2 <= blob[0] <= len(blob):
        yield blob[: blob[0]]
        blob = blob[blob[0] :]
