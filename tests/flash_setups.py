"""Images to flash, and a device that is found: what the tests of flashing share."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dfu_bus import Bus
from dfu_device import DAISY, ROM, Clock, Device, Faults, Kind
from dfu_scenarios import Scenario

from namgen.errors import DeviceError
from namgen.flashing.finding import Search
from namgen.flashing.host import Host
from namgen.flashing.image import FlashImage, read_image
from namgen.flashing.usb import PyUsb
from namgen.flashing.work import Work

ORIGINS = {"flash": 0x08000000, "sram": 0x24000000, "qspi": 0x90040000}
BOOT = {ROM: "flash", DAISY: "qspi"}


def image_bytes(size: int, boot: str = "flash", *, stack: int = 0x20020000) -> bytes:
    """An image that may start: vectors, and bytes that no block has twice."""
    begin = struct.pack("<II", stack, ORIGINS[boot] + 9)
    return (begin + random.Random(size).randbytes(max(size - 8, 0)))[:size]


def write_file(folder: Path, size: int = 9001, boot: str = "flash", name: str = "my.bin") -> Path:
    path = folder / name
    path.write_bytes(image_bytes(size, boot))
    return path


def image(folder: Path, size: int = 9001, boot: str = "flash") -> FlashImage:
    return read_image(write_file(folder, size, boot))


def quiet_host(folder: Path) -> Host:
    """A Linux with nothing on it."""
    return Host(root=folder / "empty", platform="linux", environ={})


def device(kind: Kind = ROM, clock: Clock | None = None, **settings: Any) -> Device:
    """A device; what is no field of it is a fault."""
    own = {k: settings.pop(k) for k in tuple(settings) if k in Device.__dataclass_fields__}
    return Device(kind, clock or Clock(), Faults(**settings), **own)


def way_to(monkeypatch: pytest.MonkeyPatch, *devices: Device) -> PyUsb:
    """The real way, on a bus with these devices."""
    monkeypatch.setattr("namgen.flashing.usb.find_backend", lambda: Bus(*devices))
    return PyUsb()


def flash(way: PyUsb, wanted: FlashImage, clock: Clock, host: Host) -> tuple[Work, bool]:
    """Find, write, and watch it leave."""
    search = Search(way, clock, host, wanted)
    found = search.once()
    work = Work()
    way.write(found, wanted, work, clock)
    return work, search.has_left(found)


@dataclass(frozen=True)
class Played:
    """What became of a scenario."""

    board: Device
    wanted: FlashImage
    lines: tuple[str, ...]  # empty: it was flashed
    has_left: bool = False


def played(scenario: Scenario, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    """Let the command's code do it."""
    board = device(scenario.kind, **scenario.settings)
    wanted = image(folder, scenario.size, scenario.boot)
    way = way_to(monkeypatch, board)
    try:
        _, has_left = flash(way, wanted, board.clock, quiet_host(folder))
    except DeviceError as error:
        return Played(board, wanted, tuple(error.lines))
    return Played(board, wanted, (), has_left)


def holds(device: Device, wanted: FlashImage, *, others: int = 0x5A) -> bool:
    """Whether a device has exactly an image: the rest of its sectors blank, others as they were."""
    size, sector = len(wanted.data), device.kind.sector
    end = -(-size // sector) * sector
    rest = bytes([others]) * (device.kind.size - end)
    return bytes(device.memory) == wanted.data + b"\xff" * (end - size) + rest
