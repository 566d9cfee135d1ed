"""What of this computer decides whether a device can be opened, read without any right."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from namgen.firmware.dfuse import PRODUCT_ID, VENDOR_ID

RULE_NAME = "70-namgen-dfu.rules"
RULE = (
    f'SUBSYSTEM=="usb", ATTRS{{idVendor}}=="{VENDOR_ID:04x}", '
    f'ATTRS{{idProduct}}=="{PRODUCT_ID:04x}", TAG+="uaccess"'
)
"""Lets whoever sits at this computer open the device."""

SEAT_NUMBER = 73
"""udev's own rule of this number gives devices to who sits there; later tags are too late."""

_RULE_FOLDERS = ("etc/udev/rules.d", "run/udev/rules.d", "usr/lib/udev/rules.d", "lib/udev/rules.d")
_CONTAINERS = (".dockerenv", "run/.containerenv")
_DEVICES = "sys/bus/usb/devices"
_NODES = "dev/bus/usb"
_ID = f"{PRODUCT_ID:04x}"


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """A device as the system sees it, with or without the right to open it."""

    port: str
    vendor_id: int
    product_id: int
    product: str
    serial: str
    node: Path
    can_open: bool

    @property
    def is_bootloader(self) -> bool:
        """Whether it has the ids of one that takes images."""
        return (self.vendor_id, self.product_id) == (VENDOR_ID, PRODUCT_ID)

    @property
    def is_st_link(self) -> bool:
        """Whether it is ST's debug probe, which a Nucleo has on it."""
        return self.vendor_id == VENDOR_ID and self.product_id >> 4 in (0x374, 0x375)

    @property
    def is_black_magic(self) -> bool:
        """Whether it is a Black Magic Probe."""
        return (self.vendor_id, self.product_id) == (0x1D50, 0x6018)

    @property
    def is_program_of_libdaisy(self) -> bool:
        """Whether a program of libDaisy's runs there, with its serial port."""
        return (self.vendor_id, self.product_id) == (VENDOR_ID, 0x5740)


@dataclass(frozen=True, slots=True)
class Rule:
    """A file of udev's that is about the device."""

    path: Path
    is_in_time: bool  # before the seat's own, or it needs no seat


@dataclass(frozen=True, slots=True)
class Host:
    """The computer that namgen runs on, or one that a test describes."""

    root: Path = Path("/")
    platform: str = sys.platform
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def is_linux(self) -> bool:
        """Whether udev decides who may open what."""
        return self.platform.startswith("linux")

    @property
    def is_wsl(self) -> bool:
        """Whether this Linux is inside Windows, which keeps the USB ports."""
        return self.is_linux and "microsoft" in self._text("proc/version").lower()

    @property
    def is_container(self) -> bool:
        """Whether this Linux is a container."""
        return self.is_linux and any((self.root / name).exists() for name in _CONTAINERS)

    @property
    def is_remote(self) -> bool:
        """Whether nobody sits here: a session over the network owns no seat."""
        return "SSH_CONNECTION" in self.environ

    @property
    def has_nodes(self) -> bool:
        """Whether devices can be opened at all."""
        return (self.root / _NODES).is_dir()

    def devices(self) -> tuple[UsbDevice, ...]:
        """Everything on USB, in the order of ports; nothing where the system does not show it."""
        folder = self.root / _DEVICES
        try:
            names = sorted(path.name for path in folder.iterdir() if ":" not in path.name)
        except OSError:
            return ()
        return tuple(filter(None, (self._device(folder / name) for name in names)))

    def rules(self) -> tuple[Rule, ...]:
        """The files of udev's that name the device."""
        return tuple(self._rules())

    def _device(self, folder: Path) -> UsbDevice | None:
        texts = {
            name: _first_line(folder / name)
            for name in ("idVendor", "idProduct", "product", "serial", "busnum", "devnum")
        }
        try:
            vendor, product = int(texts["idVendor"], 16), int(texts["idProduct"], 16)
            bus, number = int(texts["busnum"]), int(texts["devnum"])
        except ValueError:
            return None
        node = self.root / _NODES / f"{bus:03}" / f"{number:03}"
        names = (texts["product"], texts["serial"])
        return UsbDevice(folder.name, vendor, product, *names, node, os.access(node, os.W_OK))

    def _rules(self) -> Iterator[Rule]:
        seen = set()
        for folder in _RULE_FOLDERS:
            for path in sorted((self.root / folder).glob("*.rules")):
                text = self._text(str(path.relative_to(self.root))).lower()
                lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
                mine = [line for line in lines if _ID in line]
                if mine and path.resolve() not in seen:
                    seen.add(path.resolve())
                    yield Rule(path, is_in_time(path.name) or any("mode" in one for one in mine))

    def _text(self, name: str) -> str:
        try:
            return (self.root / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


def some_host(platform: str) -> Host:
    """Return a computer of which nothing but its system is known, by its name in Python."""
    return Host(Path("no such folder"), platform, {})


def is_in_time(name: str) -> bool:
    """Whether a file of rules comes before the seat's."""
    return name < f"{SEAT_NUMBER}-"


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
