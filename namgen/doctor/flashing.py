"""What `flash` needs: pyusb, the right to open a board, and a board that waits."""

from __future__ import annotations

from collections.abc import Iterator

from namgen.doctor.finding import Finding
from namgen.doctor.machine import Machine
from namgen.errors import ToolError
from namgen.flashing.device import Device, Seen
from namgen.flashing.dfu import DfuError
from namgen.flashing.dfu_util import PROGRAM
from namgen.flashing.finding import POLL_SECONDS
from namgen.flashing.hints import (
    WRITE_RULE,
    buttons,
    cannot_open,
    other_devices,
    permission,
    surroundings,
    unknown_bootloader,
)
from namgen.flashing.host import RULE_NAME, SEAT_NUMBER
from namgen.flashing.image import boots_taken
from namgen.flashing.usb import EXTRA, PyUsb
from namgen.flashing.wire import TransferError
from namgen.targets import DEFAULT_TARGET, load_target

_WITHOUT_PYUSB = "build and everything else; flash --with dfu-util, where that is installed"
_WITHOUT_USB = "everything but flash"
_EMPTY = "no board waits for an image; one that plays shows nothing on USB: that is normal"
_DFU_UTIL = {
    "linux": "sudo apt install dfu-util",
    "darwin": "brew install dfu-util",
    "win32": "https://dfu-util.sourceforge.net/",
}


def flashing(machine: Machine) -> Iterator[Finding]:
    """Look at programs, rights, and what is on USB."""
    packages = [_package(machine, name) for name in ("pyusb", "libusb-package")]
    yield from packages
    way, libusb = _libusb(machine) if packages[0].state == "ok" else (None, None)
    yield from filter(None, [libusb])
    yield _dfu_util(machine)
    for line in surroundings(machine.host):
        yield Finding("flash", "this system", "missing", line, _WITHOUT_USB)
    if machine.host.is_linux:
        yield _rule(machine)
        yield from _nodes(machine)
    yield from _boards(machine, way)


def _package(machine: Machine, name: str) -> Finding:
    try:
        version = machine.package(name)
    except ToolError as error:
        told = f"cannot be imported: {error}"
        return Finding("flash", name, "broken", told, _WITHOUT_PYUSB, EXTRA)
    if version is None:
        return Finding("flash", name, "missing", "not installed", _WITHOUT_PYUSB, EXTRA)
    return Finding("flash", name, "ok", version)


def _libusb(machine: Machine) -> tuple[PyUsb | None, Finding]:
    try:
        way = machine.usb()
    except ToolError as error:
        return None, Finding("flash", "libusb", "missing", str(error), _WITHOUT_PYUSB, EXTRA)
    return way, Finding("flash", "libusb", "ok", way.libusb_version or "loaded")


def _dfu_util(machine: Machine) -> Finding:
    add = _DFU_UTIL.get(machine.host.platform, _DFU_UTIL["linux"])
    without = "flash, which does without it"
    try:
        version = machine.program(PROGRAM)
    except ToolError as error:
        return Finding("flash", PROGRAM, "broken", str(error), without, add)
    if version is None:
        return Finding("flash", PROGRAM, "missing", "not on PATH", without, add)
    return Finding("flash", PROGRAM, "ok", version)


def _rule(machine: Machine) -> Finding:
    """Look at the files of udev's that name a bootloader."""
    rules = machine.host.rules()
    if not rules:
        told = "no file of udev's names a board that waits: root alone may open it"
        return Finding("flash", "udev rule", "missing", told, _WITHOUT_USB, WRITE_RULE)
    for rule in rules:
        if rule.is_in_time:
            return Finding("flash", "udev rule", "ok", str(rule.path))
    late = rules[0].path
    told = f"{late}: only a name that sorts before {SEAT_NUMBER}- has an effect"
    add = f"sudo mv {late} {late.with_name(RULE_NAME)} && sudo udevadm control --reload"
    return Finding("flash", "udev rule", "broken", told, _WITHOUT_USB, add)


def _nodes(machine: Machine) -> Iterator[Finding]:
    """Look whether the boards that the system sees may be opened."""
    for device in machine.host.devices():
        if device.is_bootloader:
            name = f"right, {device.port}"
            if device.can_open:
                yield Finding("flash", name, "ok", f"{device.node} can be written")
            else:
                why = "; ".join(line.strip() for line in permission(machine.host))
                told = f"{device.node} cannot be written: {why}"
                yield Finding("flash", name, "broken", told, _WITHOUT_USB, WRITE_RULE)


def _boards(machine: Machine, way: PyUsb | None) -> Iterator[Finding]:
    """Ask every board that waits what it is."""
    for line in other_devices(machine.host):
        yield Finding("board", "beside", "note", line)
    if way is None:
        yield from _unasked(machine)
        return
    try:
        seen = _seen(machine, way)
    except ToolError as error:
        yield Finding("board", "USB", "broken", str(error), _WITHOUT_USB)
        return
    if not seen:
        yield Finding("board", "none", "note", _EMPTY, add="namgen flash --wait")
        yield from (Finding("board", "buttons", "note", line) for line in buttons(None))
    for one in seen:
        if one.device is None:
            yield _closed(machine, one)
        else:
            yield _board(machine, way, one.device)


def _unasked(machine: Machine) -> Iterator[Finding]:
    """Say what the system alone tells of boards, which nothing can ask."""
    there = [device for device in machine.host.devices() if device.is_bootloader]
    for device in there:
        told = f"{device.product or 'a bootloader'}: pyusb would say which it is"
        yield Finding("board", device.port, "note", told)
    if not there:
        yield Finding("board", "none", "note", "nothing was asked: pyusb would do it")


def _seen(machine: Machine, way: PyUsb) -> tuple[Seen, ...]:
    """Look what waits, as long as it is worth it."""
    end = machine.clock.now() + machine.wait_seconds
    while not (seen := way.devices()) and machine.clock.now() < end:
        machine.clock.sleep(POLL_SECONDS)
    return seen


def _closed(machine: Machine, seen: Seen) -> Finding:
    first, *others = cannot_open(seen, machine.host)
    add = next((line for line in others if line.startswith(WRITE_RULE)), "")
    told = "; ".join([first, *(line.strip() for line in others)])
    return Finding("board", seen.port, "broken", told, _WITHOUT_USB, add and WRITE_RULE)


def _board(machine: Machine, way: PyUsb, device: Device) -> Finding:
    if device.mode is None:
        (told,) = unknown_bootloader(device.layout)
        return Finding("board", device.port, "broken", told, _WITHOUT_USB)
    try:
        state = way.answer(device, machine.clock).state.name.replace("_", "-")
    except (TransferError, DfuError) as error:
        told = f"{device}: {error}"
        return Finding("board", device.port, "broken", told, _WITHOUT_USB, "press RESET")
    taken = " or ".join(
        f"--boot {boot.name} (up to {boot.limit_bytes:,} bytes)"
        for boot in boots_taken(load_target(DEFAULT_TARGET).pedal, device.mode)
    )
    told = f"{device}, {state}: of a Daisy it takes {taken}; {device.layout}"
    return Finding("board", device.port, "ok", told)
