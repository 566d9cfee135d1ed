"""What a target is delivered as: C alone, an image, or a package that is chosen by name."""

from __future__ import annotations

from collections.abc import Mapping

from namgen.packages.arduino import ArduinoLibrary
from namgen.packages.c import CLibrary
from namgen.packages.image import ImagePackage
from namgen.packages.libdaisy import LibDaisyProject
from namgen.packages.micropython import HEAP, MicroPython
from namgen.packages.package import (
    Contents,
    Memory,
    Package,
    Product,
    Shop,
    alone,
    bytes_in,
    shell_word,
)
from namgen.packages.plain_c import PlainC
from namgen.packages.wasm import WebModule
from namgen.targets import LIBRARY, MODULE, WEB, Target

__all__ = [
    "HEAP",
    "Contents",
    "Memory",
    "Package",
    "Product",
    "Shop",
    "alone",
    "bytes_in",
    "package_of",
    "shell_word",
]


_BY_NAME: Mapping[str, Package] = {LIBRARY: CLibrary(), MODULE: MicroPython(), WEB: WebModule()}
"""Of the targets that are packages, by their names."""


def package_of(target: Target) -> Package:
    """Return what `build` makes for a target: an image for a board, C for a processor, or more."""
    if target.arduino is not None:
        return ArduinoLibrary(target.arduino)
    if target.package is not None:
        return _BY_NAME[target.package.name]
    if target.framework is not None:
        return LibDaisyProject(target.framework, target.pedal)
    return PlainC() if target.board is None else ImagePackage(target.board)
