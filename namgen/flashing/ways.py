"""Chooses the way to a device: pyusb, or dfu-util where it is asked for or all there is."""

from __future__ import annotations

from collections.abc import Callable

from namgen.errors import ToolError
from namgen.flashing.dfu_util import PROGRAM, DfuUtil
from namgen.flashing.image import FlashImage
from namgen.flashing.usb import PyUsb
from namgen.flashing.way import Way
from namgen.packages.image import dfu_util_line

WAYS = ("pyusb", PROGRAM)
"""What `--with` takes."""


def choose_way(named: str | None, image: FlashImage | None, tell: Callable[[str], None]) -> Way:
    """Return the way that is named, or pyusb; dfu-util in its place is told.

    Raises:
        ToolError: what is named is missing, or both are.

    """
    if named == PROGRAM:
        return DfuUtil()
    try:
        return PyUsb()
    except ToolError as error:
        if named is not None:
            raise
        return _second(error, image, tell)


def _second(missing: ToolError, image: FlashImage | None, tell: Callable[[str], None]) -> Way:
    try:
        way = DfuUtil()
    except ToolError:
        line = "dfu-util --list" if image is None else dfu_util_line(image.path, image.address)
        raise ToolError(f"{missing}; without it: {line}") from missing
    tell(f"{missing}; dfu-util, which is here, does it")
    return way
