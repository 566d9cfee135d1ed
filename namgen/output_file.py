"""Refuses to write over what somebody would miss."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from namgen.errors import OutputError


def check_output_file(
    path: Path,
    *,
    inputs: Iterable[Path] = (),
    kind: str | None = None,
    is_kind: Callable[[Path], bool] = lambda _: False,
    force: bool | None = None,
) -> None:
    """Refuse a place where a result must not go; to be asked before any work, and before writing.

    A symbolic link stands for what it leads to. Free are a name that nobody has in a folder that
    is there, an empty file, and a file of the result's own kind. With `force` any regular file
    is (None: the command has no such option), but never one that is an input, by whatever name.

    Args:
        path: where the result is to go.
        inputs: files that the same command reads.
        kind: what the result is, in words: "an audio file"; None where no file there is free.
        is_kind: whether an existing file is such a thing.
        force: write over any other regular file too.

    Raises:
        OutputError: the place is none for a result.

    """
    found = _there(path)
    if found is None:
        _check_folder(path)
        return
    if not stat.S_ISREG(found.st_mode):
        raise OutputError(
            f"{path}: expected the name of a file to write, found {special_file(found.st_mode)}"
        )
    for source in inputs:
        if is_same_file(path, source):
            other = "" if str(path) == str(source) else f" ({source})"
            raise OutputError(f"{path}: is read by this command{other} and would be lost")
    if not force:
        way_out = "choose another name" if force is None else "--force replaces it"
        _check_replaceable(path, found, kind, way_out, is_kind)


def _check_replaceable(
    path: Path,
    found: os.stat_result,
    kind: str | None,
    way_out: str,
    is_kind: Callable[[Path], bool],
) -> None:
    """Refuse to replace a regular file that nobody may write, or of another kind."""
    if not os.access(path, os.W_OK):
        raise OutputError(f"{path}: is not to be written; {way_out}")
    if found.st_size and not _is_told(path, is_kind):
        wanted = f"expected no file, or {kind} to replace, found another file"
        raise OutputError(f"{path}: {wanted if kind else 'is there already'}; {way_out}")


def _is_told(path: Path, is_kind: Callable[[Path], bool]) -> bool:
    try:
        return is_kind(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}") from error


def _there(path: Path) -> os.stat_result | None:
    """What has this name; None: nothing has."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"{path}: cannot be written: {why}") from error


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names, links or not, mean one file that is there."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _check_folder(path: Path) -> None:
    """Refuse a name in no folder; of a link that leads to nothing, the name it leads to."""
    folder = path.resolve().parent
    if not path.name or not folder.is_dir():
        raise OutputError(f"{path}: cannot be written: there is no folder {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: cannot be written: {os.strerror(errno.EACCES)}")


def special_file(mode: int) -> str:
    """Say what is no file, by its mode."""
    kinds = {
        stat.S_ISDIR: "a folder",
        stat.S_ISFIFO: "a pipe",
        stat.S_ISSOCK: "a socket",
    }
    return next((said for test, said in kinds.items() if test(mode)), "a device")
