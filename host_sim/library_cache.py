"""Compiled libraries, kept per machine: whatever became of an entry, it is whole or made again.

An entry's name ends in the SHA-256 of its content, so that a damaged one is known for what it is.
Entries come into being by a rename: two processes may make the same one at the same time.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from namgen.errors import ToolError
from namgen.resources import cache_dir
from namgen.scratch import cache_folder
from namgen.toolchain import shared_library_suffix

_log = logging.getLogger(__name__)

_FOLDER = "libraries"
_DIGITS = 32


def cached_library(key: str, make: Callable[[Path], None]) -> Path:
    """Return the library called `key`; `make` compiles it to a path where there is none yet.

    What is damaged, of other bytes or no file at all, is made again.

    Raises:
        ToolError: the folder cannot be written, or `make` raised it.

    """
    try:
        folder = _folder()
        found = _whole(folder, key)
        if found is None:
            with cache_folder(folder) as draft:
                made = draft / f"library{shared_library_suffix()}"
                make(made)
                found = folder / f"{key}-{_digest(made)}{shared_library_suffix()}"
                if found.is_dir():
                    shutil.rmtree(found, ignore_errors=True)
                made.replace(found)  # never removed before: another process may just have made it
    except OSError as error:
        raise ToolError(f"cache {cache_dir()}: {error.strerror or error}") from error
    return found


def _whole(folder: Path, key: str) -> Path | None:
    """Return an entry whose content is what its name says."""
    for path in sorted(folder.glob(f"{key}-*")):
        try:
            if path.stem == f"{key}-{_digest(path)}":
                return path
            reason = "other bytes than it was made with"
        except OSError as error:
            reason = error.strerror or str(error)
        _log.info("cache: %s: %s; it is made again", path, reason)
    return None


def _folder() -> Path:
    folder = cache_dir() / _FOLDER
    if folder.exists() and not folder.is_dir():
        _log.info("cache: %s is no folder; it is made again", folder)
        folder.unlink(missing_ok=True)
    folder.mkdir(exist_ok=True)
    return folder


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]
