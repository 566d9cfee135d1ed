"""A bus for pyusb to find devices on: a backend of usb.core's, with nothing of it changed."""

from __future__ import annotations

import array
import errno
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

pytest.importorskip("usb")

import usb.backend
from dfu_device import Device, RefusedError
from dfu_scenarios import functional
from usb.core import USBError, USBTimeoutError

_ERRORS = {
    "IO": (-1, errno.EIO),
    "ACCESS": (-3, errno.EACCES),
    "NO_DEVICE": (-4, errno.ENODEV),
    "BUSY": (-6, errno.EBUSY),
    "PIPE": (-9, errno.EPIPE),
}
_STRING, _LANGUAGES = 3, b"\x09\x04"
_IN = 0x80


def fail(name: str) -> NoReturn:
    """Raise what libusb's backend raises."""
    if name == "NOT_SUPPORTED":
        raise NotImplementedError("Operation not supported or unimplemented on this platform")
    if name == "TIMEOUT":
        raise USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
    raise USBError(name, *_ERRORS[name])


class Bus(usb.backend.IBackend):  # type: ignore[misc]
    """Everything that is plugged in."""

    def __init__(self, *devices: Device) -> None:
        self.devices = list(devices)

    def enumerate_devices(self) -> Any:
        return iter([device for device in self.devices if device.is_there])

    def get_device_descriptor(self, device: Device) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=64, idVendor=0x0483, idProduct=0xDF11,
            bcdDevice=0x200, iManufacturer=1, iProduct=2, iSerialNumber=3, bNumConfigurations=1,
            address=device.address, bus=device.bus, port_number=(*device.ports, None)[0],
            port_numbers=device.ports or None, speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, device: Device, number: int) -> Any:
        if number:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=27, bNumInterfaces=1,
            bConfigurationValue=1, iConfiguration=0, bmAttributes=0xC0, bMaxPower=50,
            extra_descriptors=b"",
        )  # fmt: skip

    def get_interface_descriptor(
        self, device: Device, interface: int, alternate: int, configuration: int
    ) -> Any:
        names = range(4, len(device.kind.strings) + 1)
        if interface or configuration or alternate >= len(names):
            raise IndexError
        usual = functional(device.kind.transfer)
        extra = usual if device.functional is None else device.functional
        kind, subclass, protocol = device.interface_class
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=alternate,
            bNumEndpoints=0, bInterfaceClass=kind, bInterfaceSubClass=subclass,
            bInterfaceProtocol=protocol, iInterface=names[alternate],
            extra_descriptors=extra if alternate == len(names) - 1 else b"",
        )  # fmt: skip

    def open_device(self, device: Device) -> Device:
        if device.faults.open_error:
            fail(device.faults.open_error)
        if not device.is_there:
            fail("NO_DEVICE")
        return device

    def close_device(self, handle: Device) -> None:
        handle.claimed = 0

    def get_configuration(self, handle: Device) -> int:
        return 1

    def set_configuration(self, handle: Device, value: int) -> None:
        raise AssertionError("a device is configured already")

    def set_interface_altsetting(self, handle: Device, interface: int, alternate: int) -> None:
        assert alternate == 0, "the others are option bytes"
        handle.alternate = alternate

    def claim_interface(self, handle: Device, interface: int) -> None:
        if handle.faults.claim_error:
            fail(handle.faults.claim_error)
        handle.claimed += 1

    def release_interface(self, handle: Device, interface: int) -> None:
        handle.claimed -= 1

    def ctrl_transfer(
        self, handle: Device, kind: int, request: int, value: int, index: int, data: Any, wait: int
    ) -> int:
        assert wait >= 5000, "an erase may last as long"
        assert handle.claimed == 1, "nobody else may have it meanwhile"
        try:
            found = self._answer(handle, kind, request, value, data)
        except RefusedError as error:
            fail(str(error))
        if not kind & _IN:
            return len(data)
        data[: len(found)] = array.array("B", found)
        return len(found)

    def _answer(self, handle: Device, kind: int, request: int, value: int, data: Any) -> bytes:
        if kind == _IN and request == 6 and value >> 8 == _STRING:
            handle.count()
            return self._string(handle, value & 0xFF)[: len(data)]
        assert kind == (0xA1 if request in (2, 3, 5) else 0x21), hex(kind)
        return handle.transfer(request, value, len(data) if kind & _IN else bytes(data))

    def _string(self, handle: Device, index: int) -> bytes:
        text = handle.kind.strings[index - 1].encode("utf-16le") if index else _LANGUAGES
        return bytes([len(text) + 2, _STRING]) + text
