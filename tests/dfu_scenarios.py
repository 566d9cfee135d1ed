"""What devices do, and what is said of it: one table, for the command and for the page.

In what is said {place} is where a device is, {again} how it is tried again, {name} the image's file
and {detail} what the system says of a failure.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import dfu_device as sim
from dfu_device import DAISY, ROM, Kind

SIZE = 9001
"""Of most images: nine blocks of the ROM, the last of them not whole."""

_FUNCTIONAL = struct.Struct("<BBBHHH")


def functional(transfer: int = 1024, *, attributes: int = 0x0B, version: int = 0x011A) -> bytes:
    """The descriptor that says how much is sent at a time."""
    return _FUNCTIONAL.pack(9, 0x21, attributes, 255, transfer, version)


@dataclass(frozen=True)
class Scenario:
    """A device, an image for it, and what comes of them."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)  # of `dfu_device.Device`, and faults
    kind: Kind = ROM
    size: int = SIZE
    boot: str = "flash"
    said: tuple[str, ...] = ()  # empty: it has the image
    has_left: bool = True  # where it has

    def __str__(self) -> str:
        return self.name


UNCHANGED = "nothing was changed on the pedal"
NO_IMAGE = (
    "the pedal holds no whole image now and will not play; nothing is broken: start its bootloader "
    "again, and {again}"
)
NOT_PROVED = (
    "the image was written, and was not proved by reading it back: start the bootloader again, and "
    "{again}"
)
KNOWN = "namgen flashes the ROM bootloader of an STM32H7 and the Daisy bootloader, no other"

SLOW_BLOCKS = replace(ROM, transfer=2048)
SIZES = (16, 1023, 1024, 1025, 4096, 65536, 65537, 131072)


def called(layout: str, kind: Kind = ROM) -> Kind:
    """A bootloader whose flash is called otherwise."""
    return replace(kind, strings=(*kind.strings[:3], layout))


def _works() -> list[Scenario]:
    found = [Scenario(f"rom, {size} bytes", size=size) for size in SIZES]
    found += [Scenario(f"daisy, {size} bytes", {}, DAISY, size, "qspi") for size in SIZES]
    found += [
        Scenario("an erase beyond the time it was said to take", {"slow": 3}),
        Scenario("a slow erase of several sectors", {"slow": 4.3}, DAISY, 200_000, "qspi"),
        Scenario("stuck after the erase", {"is_stuck": True}),
        Scenario("it stays in the bootloader", {"stays": True}, has_left=False),
        Scenario("it comes back at once", {"comes_back": True}),
        Scenario("uploads of 700 bytes", {"short": 700}),
        Scenario("short uploads of later blocks", {"short": 700, "short_from": 4}),
        Scenario("uploads of a byte", {"short": 1}, size=1025),
        Scenario("short uploads of a Daisy", {"short": 3000}, DAISY, 20_000, "qspi"),
        Scenario("2048 bytes at a time", {"functional": functional(2048)}, SLOW_BLOCKS),
        Scenario("nobody knows how many bytes", {"functional": functional(0)}),
        Scenario("and it is not what is usual", {"functional": functional(0)}, SLOW_BLOCKS),
        Scenario("no functional descriptor", {"functional": b""}),
        Scenario("behind another", {"functional": b"\x05\x24\x00\x00\x01" + functional()}),
        Scenario("several stretches", {}, DAISY, 4096 * 1024 + 5000, "qspi"),
    ]
    states = (sim.SYNC, sim.BUSY, sim.DNLOAD_IDLE, sim.UPLOAD_IDLE, sim.ERROR)
    found += [Scenario(f"begins in state {state}", {"state": state}) for state in states]
    errors = ("NO_DEVICE", "PIPE", "TIMEOUT", "IO")
    found += [Scenario(f"leaves with {error}", {"leave_error": error}) for error in errors]
    return found


WORKS = _works()

_TELLS = [
    (
        "read-protected",
        {"is_read_protected": True},
        "the pedal, erasing: it is protected (errVENDOR): the option bytes forbid reading and "
        "writing by USB",
        "STM32CubeProgrammer, or dfu-util -a 0 -s :unprotect:force, lifts the protection and "
        "erases all of the flash with it; namgen does not",
        NO_IMAGE,
    ),
    (
        "write-protected",
        {"is_write_protected": True},
        "the pedal, reading: 8,963 of 9,001 bytes are others when read back, from 0x08000000 on: "
        "as if the flash were write-protected, which no bootloader reports",
        NOT_PROVED,
    ),
    (
        "a bit is flipped",
        {"flipped": 4},
        "the pedal, reading: 1 of 9,001 bytes are others when read back, from 0x08000800 on",
        NOT_PROVED,
    ),
    (
        "nothing is read",
        {"short": 0},
        "the pedal, reading: it gives 0 of 9,001 bytes when they are read back",
        NOT_PROVED,
    ),
    (
        "begins dead",
        {"is_dead": True, "state": sim.BUSY},
        "the pedal, speaking to it: it was still busy after 10 seconds",
        UNCHANGED,
    ),
    (
        "dies",
        {"is_dead": True},
        "the pedal, erasing: it was still busy after 10 seconds",
        NO_IMAGE,
    ),
    (
        "an erase of half a minute",
        {"slow": 30},
        "the pedal, erasing: it was still busy after 10 seconds",
        NO_IMAGE,
    ),
    (
        "waits for a reset",
        {"state": sim.WAIT_RESET},
        "the pedal, speaking to it: it waits for a reset, after another download: start its "
        "bootloader again",
        UNCHANGED,
    ),
    (
        "is about to leave",
        {"state": sim.MANIFEST_SYNC},
        "the pedal, speaking to it: it waits for a reset, after another download: start its "
        "bootloader again",
        UNCHANGED,
    ),
    (
        "says that it plays",
        {"state": sim.APP_IDLE},
        "the pedal, speaking to it: it runs its program, not its bootloader",
        UNCHANGED,
    ),
    (
        "half a status",
        {"status_bytes": 3},
        "the pedal, speaking to it: it answered 3 of 6 bytes of its status",
        UNCHANGED,
    ),
    (
        "a state that is none",
        {"odd_state": 12},
        "the pedal, speaking to it: it is in state 12, which DFU does not have",
        UNCHANGED,
    ),
    (
        "a state without end",
        {"odd_state": 9},
        "the pedal, speaking to it: it does not become idle in 8 attempts",
        UNCHANGED,
    ),
    (
        "closed",
        {"open_error": "ACCESS"},
        "a bootloader is {place}: this user may not open it",
        "udev needs one line, in a file whose name sorts before 73-:",
        '    SUBSYSTEM=="usb", ATTRS{{idVendor}}=="0483", ATTRS{{idProduct}}=="df11", '
        'TAG+="uaccess"',
        "namgen flash --write-udev-rule 70-namgen-dfu.rules    writes it here",
        "sudo install -m 644 70-namgen-dfu.rules /etc/udev/rules.d/70-namgen-dfu.rules && sudo "
        "udevadm control --reload    and plug the board in again",
    ),
    (
        "taken",
        {"claim_error": "BUSY"},
        "a bootloader is {place}: another program has it open",
        "close STM32CubeProgrammer, the browser's page or the other flasher that has it",
    ),
    (
        "cannot be opened",
        {"open_error": "IO"},
        "a bootloader is {place}: the transfer failed ({detail})",
        "press RESET and start the bootloader again; try another cable or port",
    ),
    (
        "plain DFU",
        {"functional": functional(version=0x0110)},
        "a bootloader is {place}: expected DfuSe (DFU 1.1a), found DFU 1.10",
        KNOWN,
    ),
    (
        "cannot be read",
        {"functional": functional(attributes=0x09)},
        "a bootloader is {place}: expected that it can be written and read back, found attributes "
        "0x09",
        KNOWN,
    ),
    (
        "a program with DFU",
        {"interface_class": (0xFE, 1, 1)},
        "a bootloader is {place}: it runs its program, not its bootloader",
        KNOWN,
    ),
    (
        "no DFU at all",
        {"interface_class": (3, 1, 1)},
        "a bootloader is {place}: it has no DFU interface",
        KNOWN,
    ),
]

_MAPS = {
    "": "a map of its flash such as @Flash/0x…/…, found ''",
    "Internal Flash": "a map of its flash such as @Flash/0x…/…, found 'Internal Flash'",
    "@Internal Flash": "a map of its flash such as @Flash/0x…/…, found '@Internal Flash'",
    "@Flash /0x08000000": "a map of its flash such as @Flash/0x…/…, found '@Flash /0x08000000'",
    "@Flash/0x0/": "sectors such as 16*128Kg, found '' in '@Flash/0x0/'",
    "@Flash/0x0/16*128Kz": "sectors such as 16*128Kg, found '16*128Kz' in '@Flash/0x0/16*128Kz'",
    "@Flash/0x0/0*128Kg": "sectors such as 16*128Kg, found '0*128Kg' in '@Flash/0x0/0*128Kg'",
    "@Flash/0x0/16*0Kg": "sectors such as 16*128Kg, found '16*0Kg' in '@Flash/0x0/16*0Kg'",
    "@Flash/00/16*128Kg": "an address, found '00' in '@Flash/00/16*128Kg'",
    "@Flash/0x0/16x128Kg": "sectors such as 16*128Kg, found '16x128Kg' in '@Flash/0x0/16x128Kg'",
    "@Flash/0x0/9999*99999Mg": "32 bits of address, found '@Flash/0x0/9999*99999Mg'",
    "@F \x1b[2J/0x0/1*1Kg,": "sectors such as 16*128Kg, found '' in '@F \\x1b[2J/0x0/1*1Kg,'",
    '@It\'s "it"/0x0': "a map of its flash such as @Flash/0x…/…, found '@It\\'s \"it\"/0x0'",
    "@It's/0x0": 'a map of its flash such as @Flash/0x…/…, found "@It\'s/0x0"',
}
"""By what is no map, what was expected."""


def _refused() -> list[Scenario]:
    found = [Scenario(name, settings, said=tuple(said)) for name, settings, *said in _TELLS]
    for text, expected in _MAPS.items():
        said = (f"a bootloader is {{place}}: expected {expected}", KNOWN)
        found.append(Scenario(f"called {text!r}", {}, called(text), said=said))
    unknown = "the bootloader on USB calls its flash '@SRAM /0x08000000/16*128Kg': " + KNOWN
    found.append(Scenario("another", {}, called("@SRAM /0x08000000/16*128Kg"), said=(unknown,)))
    small = (
        "{name}: 9,001 bytes are needed at 0x08000000, 4,096 are there: 0x08001000 is not among "
        "what it lets be written: 0x08000000 to 0x08000fff"
    )
    kind = called("@Internal Flash /0x08000000/1*4Kg,1*4Ka")
    found.append(Scenario("too little on offer", {}, kind, said=(small,)))
    for boot, kind, where, steps in (
        ("flash", DAISY, "Daisy", "hold BOOT on the Daisy Seed, press and release RESET, let go of "
         "BOOT; or build with --boot sram or --boot qspi"),
        ("sram", ROM, "ROM", "press RESET, then BOOT while the LED pulses: the bootloader waits "
         "for the image; or build with --boot flash"),
        ("qspi", ROM, "ROM", "press RESET, then BOOT while the LED pulses: the bootloader waits "
         "for the image; or build with --boot flash"),
    ):  # fmt: skip
        told = f"this image is for --boot {boot}; the pedal is in the {where} bootloader: {steps}"
        said = ("{name}: " + told,)
        found.append(Scenario(f"{boot} to the {where}", {}, kind, boot=boot, said=said))
    return found


REFUSED = _refused()
