"""What took long to make, kept per machine: whatever became of an entry, it is whole or made again.

An entry's name ends in the SHA-256 of its content, so that a damaged one is known for what it is.
Entries come into being by a rename: two processes may make the same one at the same time. What is
read back is trusted as code is, which lies in the same folder: it takes no other user's files.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from namgen.errors import OutputError, ToolError
from namgen.resources import cache_dir
from namgen.scratch import cache_folder

_log = logging.getLogger(__name__)

_DIGITS = 32

T = TypeVar("T")


def kept_file(folder: str, key: str, suffix: str, make: Callable[[Path], None]) -> Path:
    """Return the entry called `key` of a folder of the cache; `make` writes it where there is none.

    What is damaged, of other bytes or no file at all, is made again.

    Raises:
        ToolError: the folder cannot be written, or `make` raised it.

    """
    try:
        place = _place(folder)
        found = _whole(place, key)
        if found is None:
            with cache_folder(place) as draft:
                made = draft / f"made{suffix}"
                make(made)
                found = place / f"{key}-{_digest(made)}{suffix}"
                if found.is_dir():
                    shutil.rmtree(found, ignore_errors=True)
                made.replace(found)  # never removed before: another process may just have made it
    except OSError as error:
        raise ToolError(f"cache {cache_dir()}: {error.strerror or error}") from error
    return found


def kept_value(folder: str, parts: Iterable[bytes], make: Callable[[], T]) -> T:
    """Return what `make` returns, from the cache where it was made before from the same `parts`.

    Without a cache that can be written it is made every time.
    """
    made: list[T] = []

    def write(path: Path) -> None:
        made.append(make())
        path.write_bytes(pickle.dumps(made[0]))

    try:
        path = kept_file(folder, _key(parts), ".pickle", write)
    except (OutputError, ToolError) as error:
        _log.info("not kept: %s", error)
        return made[0] if made else make()
    return made[0] if made else _read(path, make)


def sources_of(*packages: Path) -> bytes:
    """Return what tells code and data of packages from any other: older ones have other results."""
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted((*package.rglob("*.py"), *package.rglob("*.toml"))):
            digest.update(path.read_bytes())
    return digest.digest()


def _read(path: Path, make: Callable[[], T]) -> T:
    try:
        found: T = pickle.loads(path.read_bytes())
    except Exception as error:
        _log.info("cache: %s: %s; it is made again", path, error)
        return make()
    return found


def _key(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:_DIGITS]


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


def _place(name: str) -> Path:
    folder = cache_dir() / name
    if folder.exists() and not folder.is_dir():
        _log.info("cache: %s is no folder; it is made again", folder)
        folder.unlink(missing_ok=True)
    folder.mkdir(exist_ok=True)
    return folder


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]
