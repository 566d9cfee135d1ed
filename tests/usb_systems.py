"""Linux systems of files alone: what is on USB, rules of udev's, containers, WSL."""

from __future__ import annotations

from pathlib import Path

from namgen.flashing.host import RULE, Host

BOOTLOADER = ("0483", "df11", "DFU in FS Mode")
ST_LINK = ("0483", "374b", "STM32 STLink")
PROBE = ("1d50", "6018", "Black Magic Probe")
LIBDAISY = ("0483", "5740", "Daisy Seed Built In")


def system(folder: Path, *devices: tuple[str, str, str], can_open: bool = True, **env: str) -> Host:
    """A system on which these devices are at 1-1, 1-2, …"""
    for number, device in enumerate(devices, 1):
        place = folder / "sys/bus/usb/devices" / f"1-{number}"
        place.mkdir(parents=True)
        texts = dict(zip(("idVendor", "idProduct", "product"), device, strict=True))
        texts |= {"busnum": "1", "devnum": str(number), "serial": f"S{number}"}
        for name, text in texts.items():
            (place / name).write_text(f"{text}\n")
        (folder / "sys/bus/usb/devices" / f"1-{number}:1.0").mkdir()
        node = folder / "dev/bus/usb/001" / f"{number:03}"
        node.parent.mkdir(parents=True, exist_ok=True)
        if can_open:
            node.touch()
    write(folder, "proc/version", "Linux version 6.1.0 (gcc 12)\n")
    return Host(folder, "linux", env)


def write(folder: Path, name: str, text: str = "") -> Path:
    """A file of the system."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def rule(folder: Path, name: str, text: str = RULE) -> Path:
    """A file of udev's."""
    return write(folder, f"etc/udev/rules.d/{name}", f"{text}\n")
