"""What is looked at: this computer, through functions that a test can replace."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from namgen.doctor.cortex_m7 import multiply_add
from namgen.errors import ToolError
from namgen.flashing.clock import Clock, WallClock
from namgen.flashing.host import Host
from namgen.flashing.usb import PyUsb
from namgen.resources import cache_dir
from namgen.scratch import temporary_place
from namgen.toolchain import CrossToolchain, find_cross, find_host
from namgen.toolchain.running import first_line


def package_version(name: str) -> str | None:
    """Import a package and return its version; None: it is not installed.

    Raises:
        ToolError: it is installed, and cannot be imported.

    """
    try:
        importlib.import_module(_MODULES.get(name, name))
    except ModuleNotFoundError as error:
        if error.name == _MODULES.get(name, name).partition(".")[0] or not error.name:
            return None
        raise ToolError(f"{error}") from error
    except Exception as error:  # whatever a package does when it is loaded
        raise ToolError(f"{error}") from error
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


_MODULES = {
    "pyelftools": "elftools.elf.elffile",
    "pyusb": "usb.core",
    "libusb-package": "libusb_package",
}
"""What is imported of a package that is called otherwise."""


def program_version(name: str) -> str | None:
    """First line that a program says of itself; None: it is not on PATH.

    Raises:
        ToolError: it does not work.

    """
    found = shutil.which(name)
    return None if found is None else first_line([found, "--version"])


def nearest_there(folder: Path) -> Path:
    """Return a folder, or the nearest around it that there is."""
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def free_bytes(folder: Path) -> int:
    """Room in the file system of a folder, which need not be there yet."""
    return shutil.disk_usage(nearest_there(folder)).free


@dataclass(frozen=True, slots=True)
class Machine:
    """All that is asked of a computer. Functions raise `NamgenError` where something is broken."""

    host: Host = field(default_factory=Host)
    clock: Clock = field(default_factory=WallClock)
    python: str = platform.python_version()
    system: str = f"{platform.system()} {platform.release()} {platform.machine()}"
    executable: str = sys.executable
    here: Path = field(default_factory=Path)  # where `build` would be
    package: Callable[[str], str | None] = package_version
    program: Callable[[str], str | None] = program_version
    free: Callable[[Path], int] = free_bytes
    cache: Callable[[], Path] = cache_dir
    temporary: Callable[[], Path] = temporary_place
    wait_seconds: float = 0.0  # for a board
    cross: Callable[[str], CrossToolchain] = find_cross
    host_compiler: Callable[[], str] = lambda: find_host().version
    emulated: Callable[[], float] = multiply_add
    usb: Callable[[], PyUsb] = PyUsb
