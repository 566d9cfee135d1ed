"""Reads the files of a pedal: what is wrong with any of them, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from namgen.chain.impulse import read_impulse
from namgen.errors import Together
from namgen.nam_file import read
from namgen.nam_file.types import NamFile
from namgen.pedal.wanted import Capture


def read_captures(
    captures: Iterable[Capture], tell: Callable[[Path], object] = lambda _: None
) -> dict[Path, NamFile]:
    """Read every capture once, and `tell` before which; where one is wrong, look at cabinets too.

    Raises:
        NamgenError: all that is wrong.

    """
    captures, together = tuple(captures), Together()
    found: dict[Path, NamFile] = {}
    for path in dict.fromkeys(capture.path for capture in captures):
        tell(path)
        file = together.attempt(partial(read, path))
        found |= {} if file is None else {path: file}
    if together.errors:
        examine_cabinets((capture.ir for capture in captures), together)
    together.end()
    return found


def examine_cabinets(paths: Iterable[Path | None], together: Together) -> None:
    """Read every impulse response once, for what is wrong with it."""
    for path in dict.fromkeys(paths):
        if path is not None:
            together.attempt(partial(read_impulse, path))
