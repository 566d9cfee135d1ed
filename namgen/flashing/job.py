"""An image into a device: erase the sectors it needs, write, read back, leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from namgen.c_text import counted
from namgen.errors import DeviceError
from namgen.flashing.clock import Clock
from namgen.flashing.device import Device
from namgen.flashing.dfu import PROTECTED, Dfu, DfuError
from namgen.flashing.image import FlashImage
from namgen.flashing.layout import LayoutError
from namgen.flashing.sentences import SAID
from namgen.flashing.wire import TransferError, Wire
from namgen.flashing.work import Work

_ERASED = 0xFF


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is written or read between two addresses."""

    offset: int  # in the image
    data: bytes


def sectors_of(device: Device, image: FlashImage) -> tuple[int, ...]:
    """Return the addresses of the sectors that an image takes.

    Raises:
        DeviceError: the device does not offer all of them.

    """
    try:
        return device.flash.sectors(image.address, len(image.data))
    except LayoutError as error:
        room = device.flash.room_at(image.address)
        raise DeviceError(
            SAID.no_room.format(
                name=image.path,
                size=len(image.data),
                address=image.address,
                room=room,
                reason=error,
            )
        ) from error


def write_image(wire: Wire, device: Device, image: FlashImage, work: Work, clock: Clock) -> None:
    """Write an image into an open device, prove it, and let it start.

    Raises:
        DeviceError: the image is not there, or not proved; the message says what is.

    """
    sectors = sectors_of(device, image)
    dfu = Dfu(wire, clock)
    try:
        dfu.make_idle()
        _erase(dfu, sectors, work)
        _write(dfu, device, image, work)
        _prove(dfu, device, image, work)
    except (TransferError, DfuError) as error:
        raise DeviceError(*_told(error, work)) from error
    _leave(dfu, image, work)


def _erase(dfu: Dfu, sectors: tuple[int, ...], work: Work) -> None:
    line = SAID.erasing.format(sectors=counted(len(sectors), "sector"))
    for number, address in enumerate(sectors):
        work.at("erasing", line, number, len(sectors))
        dfu.erase(address)


def _write(dfu: Dfu, device: Device, image: FlashImage, work: Work) -> None:
    size = len(image.data)
    line = SAID.writing.format(size=size)
    for stretch in _stretches(device, image.data):
        work.at("writing", line, stretch.offset, size)
        dfu.set_address(image.address + stretch.offset)
        step = device.pace.transfer_bytes
        for block, at in enumerate(range(0, len(stretch.data), step)):
            dfu.write(block, stretch.data[at : at + step])
            work.at("writing", line, stretch.offset + at, size)


def _stretches(device: Device, data: bytes) -> Iterator[Stretch]:
    step = device.pace.stretch_bytes
    yield from (Stretch(at, data[at : at + step]) for at in range(0, len(data), step))


def _prove(dfu: Dfu, device: Device, image: FlashImage, work: Work) -> None:
    """Read the image back.

    Raises:
        DfuError: it is another one.

    """
    size, found = len(image.data), b""
    while len(found) < size:
        work.at("reading", SAID.reading.format(size=size), len(found), size)
        more = _read(dfu, device, image.address + len(found), size - len(found), work)
        if not more:
            raise DfuError(SAID.short_image.format(found=len(found), size=size))
        found += more
    if found != image.data:
        raise DfuError(_difference(image, found))


def _read(dfu: Dfu, device: Device, address: int, size_bytes: int, work: Work) -> bytes:
    """Read from an address on, to the end of a stretch or until the device gives less."""
    dfu.make_idle()
    dfu.set_address(address)
    dfu.make_idle()
    wanted = min(size_bytes, device.pace.stretch_bytes)
    step = device.pace.transfer_bytes
    found = b""
    for block, at in enumerate(range(0, wanted, step)):
        asked = min(step, wanted - at)
        found += dfu.read(block, asked)
        if len(found) < at + asked:
            break
    return found


def _difference(image: FlashImage, found: bytes) -> str:
    wrong = [at for at, (a, b) in enumerate(zip(image.data, found, strict=True)) if a != b]
    first = image.address + wrong[0]
    said = SAID.differs.format(wrong=len(wrong), size=len(found), address=first)
    if all(byte == _ERASED for byte in found):
        return SAID.all_erased.format(differs=said)
    if len(wrong) > len(found) // 2:
        return SAID.all_other.format(differs=said)
    return said


def _told(error: TransferError | DfuError, work: Work) -> Iterator[str]:
    """Say what went wrong, and what is on the device now."""
    doing = {"before": SAID.speaking}.get(work.phase, work.phase)
    yield SAID.trouble_at.format(doing=doing, reason=error)
    if isinstance(error, DfuError) and error.status == PROTECTED:
        yield SAID.protected
    yield work.told


def _leave(dfu: Dfu, image: FlashImage, work: Work) -> None:
    """Let the program start; the image is proved, so whatever the device answers is right."""
    work.at("leaving", SAID.starting, 1, 1)
    try:
        dfu.make_idle()
        dfu.leave(image.address)
    except (TransferError, DfuError):
        return
