"""Where the files that are not Python live, in a checkout and in an installed wheel."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from namgen.errors import ToolError

_PACKAGE = Path(__file__).resolve().parent


def templates_dir() -> Path:
    """Folder of the Jinja2 templates and of `kernels/*.h`."""
    return _data_dir("templates")


def firmware_dir() -> Path:
    """Folder of the pedal's C, in rooms: core, chip, board, pedal; and of `sections.ld`."""
    return _data_dir("firmware")


def examples_dir() -> Path:
    """Folder of the project's own captures."""
    return _data_dir("examples")


def firmware_sources(patterns: Iterable[str]) -> tuple[Path, ...]:
    """The C files of a board's firmware by its `sources`, in the order they are linked.

    Raises:
        ToolError: there is no file of a pattern.

    """
    found: set[Path] = set()
    for pattern in patterns:
        here = set(firmware_dir().glob(pattern))
        if not here:
            raise ToolError(f"firmware: expected files of the pattern {pattern}, found none")
        found |= here
    return tuple(sorted(found))


def cache_dir() -> Path:
    """A folder that can be written and may vanish: compiler caches and compiled models.

    The first that works of `$NAMGEN_CACHE_DIR`, `$XDG_CACHE_HOME/namgen`, `~/.cache/namgen` and a
    private folder among the system's temporary files.

    Raises:
        ToolError: no folder can be written, or `$NAMGEN_CACHE_DIR` names one that cannot.

    """
    chosen = os.environ.get("NAMGEN_CACHE_DIR")
    if chosen:
        if not _writable(Path(chosen)):
            raise ToolError(f"NAMGEN_CACHE_DIR: expected a folder to write in, found {chosen}")
        return Path(chosen).resolve()
    for folder in _cache_candidates():
        if _writable(folder):
            return folder.resolve()
    raise ToolError("no folder for compiler caches; set NAMGEN_CACHE_DIR to one that is writable")


def _data_dir(name: str) -> Path:
    installed = _PACKAGE / "_data" / name
    checkout = _PACKAGE.parent / name
    for folder in (installed, checkout):
        if folder.is_dir():
            return folder
    raise ToolError(f"namgen's own folder {name}/ is missing; reinstall namgen")


def _cache_candidates() -> list[Path]:
    candidates = []
    if xdg := os.environ.get("XDG_CACHE_HOME"):
        candidates.append(Path(xdg) / "namgen")
    with contextlib.suppress(RuntimeError):  # no home folder is known
        candidates.append(Path.home() / ".cache" / "namgen")
    candidates.append(Path(tempfile.gettempdir()) / f"namgen-{_user_id()}")
    return candidates


def _user_id() -> int:
    return os.getuid() if sys.platform != "win32" else 0


def _writable(folder: Path) -> bool:
    """Whether the folder takes files; another user's is refused, for what is in it gets loaded."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sys.platform != "win32" and folder.stat().st_uid != _user_id():
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
