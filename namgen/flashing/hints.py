"""What a person does next: buttons of a board, rights on a system, the right image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from namgen.boards import Board, Boot
from namgen.flashing.device import MODES, Mode, Seen
from namgen.flashing.host import RULE, RULE_NAME, SEAT_NUMBER, Host
from namgen.flashing.image import FlashImage
from namgen.flashing.sentences import SAID
from namgen.pedal_boards import PedalBoard
from namgen.targets import DEFAULT_TARGET, load_target

WRITE_RULE = f"namgen flash --write-udev-rule {RULE_NAME}"
CABLE = (
    "a cable that only charges, and some hubs, show nothing though the board is lit; `namgen "
    "doctor` looks at this computer"
)
WAIT = "--wait waits while you press the buttons"
_RULES = "/etc/udev/rules.d"


def buttons(image: FlashImage | None) -> Iterator[str]:
    """Say how the board that an image is for gets into the bootloader that takes it."""
    if image is None:
        board = load_target(DEFAULT_TARGET).pedal
        yield from _steps(board.boots[0], "for an image of --boot flash: ")
        yield from _steps(board.boot("sram"), "for one of --boot sram or qspi: ")
        return
    yield from steps_of(image.board, image.boot, image.pedal_board)
    if not image.is_reported:
        yield f"(on a {image.board.title}; the file does not tell its board)"


def steps_of(board: Board, boot: Boot, pedal_board: PedalBoard | None) -> Iterator[str]:
    """Say what to press, and what else gets an image onto the board."""
    if boot.drive:
        yield f"copy firmware.bin onto the drive {boot.drive}; the pedal starts by itself"
    yield from boot.steps
    gesture = pedal_board.update_mode if pedal_board else None
    if gesture and board.has_update_mode:
        held = " and ".join(gesture.hold)
        yield (
            f"or, where namgen's firmware runs on it already: hold footswitch {held} for "
            f"{gesture.seconds:g} s"
        )


def _steps(boot: Boot, begin: str) -> Iterator[str]:
    *others, last = boot.steps
    yield from others
    yield f"{begin}{last}"


def nothing_there(image: FlashImage | None, host: Host) -> Iterator[str]:
    """Say why no device may be seen, and what to do."""
    yield "no pedal waits for an image on USB"
    yield from buttons(image)
    yield from other_devices(host)
    yield from surroundings(host)
    yield CABLE
    yield WAIT


def surroundings(host: Host) -> Iterator[str]:
    """Say what keeps USB from this system, where something does."""
    if host.is_wsl:
        yield (
            "Windows keeps its USB ports from WSL: usbipd list, usbipd bind --busid BUSID, usbipd "
            "attach --wsl --busid BUSID there, each time the board starts; or run namgen in Windows"
        )
    elif host.is_linux and host.is_container and not host.has_nodes:
        yield (
            "this is a container without /dev/bus/usb: start it with --device=/dev/bus/usb, or run "
            "namgen outside"
        )


def other_devices(host: Host) -> Iterator[str]:
    """Say of what is on USB, and may be taken for a board that waits, what it is."""
    for device in host.devices():
        if device.is_st_link:
            yield (
                f"an ST-LINK is at {device.port}: it takes no DFU; copy firmware.bin onto its "
                "drive, where the board has one"
            )
        elif device.is_black_magic:
            yield (
                f"a Black Magic Probe is at {device.port}: its own DFU is not the pedal's; it "
                "loads firmware.elf with gdb"
            )
        elif device.is_program_of_libdaisy:
            yield f"a program of libDaisy's runs at {device.port}: it is no bootloader"


def cannot_open(seen: Seen, host: Host) -> Iterator[str]:
    """Say why a device that is there cannot be spoken to, and what to do."""
    yield SAID.bootloader_at.format(place=f"at {seen.port}", reason=seen.reason)
    yield from ways_in(seen.trouble, host)


def ways_in(trouble: str, host: Host) -> Iterator[str]:
    """Say what to do about a device that cannot be spoken to; `trouble` is as in `Seen`."""
    match trouble:
        case "access" if host.is_linux:
            yield from permission(host)
        case "access" | "driver" | "gone" if host.platform == "win32":
            yield from windows_driver()
        case "access":
            yield "close what else may have it: STM32CubeProgrammer, a browser, a virtual machine"
        case "driver":
            yield from windows_driver()
        case "busy":
            yield "close STM32CubeProgrammer, the browser's page or the other flasher that has it"
        case "descriptor":
            yield SAID.known
        case _:
            yield "press RESET and start the bootloader again; try another cable or port"


def permission(host: Host) -> Iterator[str]:
    """Say how this user gets the right to open the device."""
    rules = host.rules()
    late = [rule for rule in rules if not rule.is_in_time]
    if late and len(late) == len(rules):
        yield (
            f"{late[0].path} comes too late: only a name that sorts before {SEAT_NUMBER}- has an "
            f"effect; rename it to {RULE_NAME}"
        )
    elif rules and host.is_remote:
        yield (
            f"{rules[0].path} gives it to who sits at this computer, and this is a session over "
            'the network: MODE="0660", GROUP="plugdev" in place of the tag, and be in that group'
        )
    elif rules:
        yield f"{rules[0].path} is there: plug the board in again, or log in at the desk"
    else:
        yield f"udev needs one line, in a file whose name sorts before {SEAT_NUMBER}-:"
        yield f"    {RULE}"
        yield f"{WRITE_RULE}    writes it here"
        yield f"{install_rule(RULE_NAME)}    and plug the board in again"
    if host.is_container:
        yield (
            "this is a container: start it with --device=/dev/bus/usb, as a user who may write "
            "there"
        )


def install_rule(path: Path | str) -> str:
    """Spell what puts the file of the rule where it has an effect."""
    return f"sudo install -m 644 {path} {_RULES}/{RULE_NAME} && sudo udevadm control --reload"


def windows_driver() -> Iterator[str]:
    """Say how Windows lets programs open the device."""
    yield (
        'Windows needs the driver WinUSB for it, once: Zadig (https://zadig.akeo.ie), "List All '
        'Devices", "DFU in FS Mode" or "STM32 BOOTLOADER", WinUSB, "Replace Driver"'
    )


def wrong_bootloader(image: FlashImage, mode: Mode) -> tuple[str, ...]:
    """Say that an image is for the other bootloader, and both ways out."""
    other = image.boots_for(mode)
    build = f"; or build with {' or '.join(f'--boot {name}' for name in other)}" if other else ""
    steps = [step for step in image.boot.steps if not step.startswith("once,")]
    press = "; ".join(steps) or f"start {MODES[image.mode]}"
    return (
        f"{image.path}: this image is for --boot {image.boot.name}; the pedal is in {MODES[mode]}: "
        f"{press}{build}",
    )


def unknown_bootloader(layout: str) -> tuple[str, ...]:
    """Say that nothing is known of a bootloader that has the ids."""
    return (SAID.unknown.format(layout=layout, known=SAID.known),)


def several(found: Iterable[Seen]) -> Iterator[str]:
    """Say which devices there are to choose from."""
    yield "several pedals wait for an image; --device PORT takes one of them:"
    for seen in found:
        yield f"    {seen.port}    {seen.device or seen.reason}"
