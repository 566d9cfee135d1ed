"""The first way: pyusb with libusb, which are imported when somebody flashes."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from namgen.errors import DeviceError, ToolError
from namgen.firmware.dfuse import PRODUCT_ID, VENDOR_ID
from namgen.flashing.clock import Clock
from namgen.flashing.device import (
    DescriptorError,
    Device,
    Pace,
    Place,
    Seen,
    described,
    pace_of,
)
from namgen.flashing.dfu import Answer, Dfu
from namgen.flashing.image import FlashImage
from namgen.flashing.job import sectors_of, write_image
from namgen.flashing.sentences import SAID
from namgen.flashing.wire import TransferError, Trouble
from namgen.flashing.work import Work

EXTRA = 'pip install "namgen[flash]"'
"""What brings pyusb and libusb."""

_OUT, _IN = 0x21, 0xA1  # class requests to an interface
_CLASS_DFU, _DFU_MODE = (0xFE, 0x01), 2
_TIMEOUT_MS = 20_000  # a GETSTATUS may last as long as an erase

_TROUBLES: dict[int, Trouble] = {
    -3: "access",
    -4: "gone",
    -5: "gone",
    -6: "busy",
    -7: "timeout",
    -9: "stall",
    -12: "driver",
}
"""By libusb's numbers, which are the same on every system."""


def find_backend() -> Any:
    """Return libusb as pyusb has it: the packaged one, else that of the system.

    Raises:
        ToolError: pyusb or libusb is not there.

    """
    try:
        import usb.backend.libusb1
    except ImportError as error:
        raise ToolError(f"flashing needs pyusb: {EXTRA}") from error
    try:
        import libusb_package
    except ImportError:
        found = usb.backend.libusb1.get_backend()
    else:
        found = libusb_package.get_libusb1_backend()
    if found is None:
        raise ToolError(f"flashing needs libusb: {EXTRA}")
    return found


@dataclass(frozen=True, slots=True)
class _Wire:
    """An interface that is claimed."""

    handle: Any  # usb.core.Device
    interface: int

    def send(self, request: int, value: int, data: bytes = b"") -> None:
        """See `Wire`."""
        sent = self._transfer(_OUT, request, value, data)
        if sent != len(data):
            told = SAID.less_went_out.format(sent=sent, wanted=len(data))
            raise TransferError("other", told)

    def ask(self, request: int, value: int, size_bytes: int) -> bytes:
        """See `Wire`."""
        return bytes(self._transfer(_IN, request, value, size_bytes))

    def _transfer(self, kind: int, request: int, value: int, data: bytes | int) -> Any:
        with _translated():
            return self.handle.ctrl_transfer(
                kind, request, value, self.interface, data, timeout=_TIMEOUT_MS
            )


class _Version(ctypes.Structure):
    _fields_: ClassVar[Any] = [(n, ctypes.c_uint16) for n in ("major", "minor", "micro")]


class PyUsb:
    """Devices by pyusb."""

    name = "pyusb"

    def __init__(self) -> None:
        """Find libusb.

        Raises:
            ToolError: it, or pyusb, is not there.

        """
        self._backend = find_backend()

    def devices(self) -> tuple[Seen, ...]:
        """See `Way`."""
        return tuple(_seen(handle) for handle in self._handles())

    def present(self) -> frozenset[Place]:
        """See `Way`."""
        return frozenset(_place(handle) for handle in self._handles())

    def write(self, device: Device, image: FlashImage, work: Work, clock: Clock) -> None:
        """See `Way`."""
        sectors_of(device, image)
        try:
            with self._opened(device) as wire:
                write_image(wire, device, image, work, clock)
        except TransferError as error:  # before anything was asked of it
            raise DeviceError(f"the pedal at {device.port}: {error}", work.told) from error

    def answer(self, device: Device, clock: Clock) -> Answer:
        """Ask a device for its status; raises `TransferError` and `DfuError`."""
        with self._opened(device) as wire:
            return Dfu(wire, clock).answer()

    @property
    def libusb_version(self) -> str:
        """Of the library that is loaded; "" where it does not say."""
        library = getattr(self._backend, "lib", None)
        if library is None:
            return ""
        library.libusb_get_version.restype = ctypes.POINTER(_Version)
        found = library.libusb_get_version().contents
        return f"{found.major}.{found.minor}.{found.micro}"

    @contextmanager
    def _opened(self, device: Device) -> Iterator[_Wire]:
        """Claim a device for a while; raises `TransferError`."""
        for handle in self._handles():
            if _place(handle) == device.place:
                with _claimed(handle) as wire:
                    yield wire
                return
        raise TransferError("gone")

    def _handles(self) -> Iterator[Any]:
        import usb.core

        ids = {"idVendor": VENDOR_ID, "idProduct": PRODUCT_ID}
        try:
            with _translated():
                for handle in usb.core.find(find_all=True, backend=self._backend, **ids):
                    handle.default_timeout = _TIMEOUT_MS
                    yield handle
        except TransferError as error:
            raise ToolError(f"pyusb cannot list what is on USB: {error}") from error


@contextmanager
def _translated() -> Iterator[None]:
    """Let what pyusb raises be a `TransferError`."""
    import usb.core

    try:
        yield
    except usb.core.USBError as error:
        trouble = _TROUBLES.get(error.backend_error_code or 0, "other")
        raise TransferError(trouble, str(error)) from error
    except NotImplementedError as error:
        raise TransferError("driver") from error


@contextmanager
def _claimed(handle: Any) -> Iterator[_Wire]:
    import usb.util

    number = _interface(handle)
    try:
        with _translated():
            usb.util.claim_interface(handle, number)
            handle.set_interface_altsetting(number, 0)
        yield _Wire(handle, number)
    finally:
        with contextlib.suppress(usb.core.USBError, NotImplementedError):
            usb.util.dispose_resources(handle)


def _seen(handle: Any) -> Seen:
    """Open a device, and ask what it is."""
    place = _place(handle)
    try:
        with _claimed(handle) as wire:
            return Seen(place, device=_described(handle, wire.interface))
    except TransferError as error:
        return Seen(place, trouble=error.trouble, reason=str(error))
    except DescriptorError as error:
        return Seen(place, trouble="descriptor", reason=str(error))


def _described(handle: Any, number: int) -> Device:
    configuration = handle[0]
    alternates = [one for one in configuration if one.bInterfaceNumber == number]
    pace: Pace = pace_of(bytes(part.extra_descriptors) for part in (*alternates, configuration))
    return described(
        _place(handle),
        serial=_string(handle, handle.iSerialNumber),
        product=_string(handle, handle.iProduct),
        layout=_string(handle, alternates[0].iInterface),
        pace=pace,
    )


def _string(handle: Any, index: int) -> str:
    """Read a name of the device; pyusb hides why there is none behind a ValueError."""
    import usb.util

    try:
        with _translated():
            languages = handle.langids or usb.util.get_langids(handle)
            found = usb.util.get_string(handle, index, languages[0]) if languages else ""
    except ValueError as error:  # no UTF-16
        raise DescriptorError(SAID.no_name.format(reason=error)) from error
    return (found or "").rstrip("\0")


def _interface(handle: Any) -> int:
    """Return the number of the DFU interface.

    Raises:
        DescriptorError: there is none, or it is that of a running program.

    """
    with _translated():
        found = [one for one in handle[0] if _class_of(one) == _CLASS_DFU]
    if not found:
        raise DescriptorError(SAID.no_interface)
    if found[0].bInterfaceProtocol != _DFU_MODE:
        raise DescriptorError(SAID.is_program)
    return int(found[0].bInterfaceNumber)


def _class_of(interface: Any) -> tuple[int, int]:
    return interface.bInterfaceClass, interface.bInterfaceSubClass


def _place(handle: Any) -> Place:
    ports = handle.port_numbers or ()
    port = f"{handle.bus}-{'.'.join(map(str, ports))}" if ports else f"{handle.bus}"
    return port, handle.address
