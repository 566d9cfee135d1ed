"""What a target is delivered as: C alone, or an image."""

from __future__ import annotations

from namgen.packages.image import ImagePackage
from namgen.packages.package import (
    Contents,
    Memory,
    Package,
    Shop,
    alone,
    shell_word,
    write_c,
)
from namgen.packages.plain_c import PlainC
from namgen.targets import Target

__all__ = ["Contents", "Memory", "Package", "Shop", "alone", "package_of", "shell_word", "write_c"]


def package_of(target: Target) -> Package:
    """Return what `build` makes for a target: an image for a board, C for anything else."""
    return PlainC() if target.board is None else ImagePackage(target.board)
