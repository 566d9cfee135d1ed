"""Compiled libraries, kept per machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from namgen.kept import kept_file
from namgen.toolchain import shared_library_suffix


def cached_library(key: str, make: Callable[[Path], None]) -> Path:
    """Return the library called `key`; `make` compiles it to a path where there is none yet.

    Raises:
        ToolError: the folder cannot be written, or `make` raised it.

    """
    return kept_file("libraries", key, shared_library_suffix(), make)
