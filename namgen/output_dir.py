"""Files and folders of results that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from namgen.errors import OutputError
from namgen.scratch import draft, draft_folder, undivided, undone

REPORT_NAME = "report.json"
"""The file that lists, under "files", what a build put into its folder."""


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it gets its final name only when the block ends without error.

    A folder that is already there is replaced at that moment, and only when it holds nothing but
    what an earlier build put there.

    Raises:
        OutputError: the place cannot be written, or holds other files.

    """
    path = path.absolute()
    check_replaceable(path)
    missing = [folder for folder in path.parents if not folder.exists()]
    try:
        with undone(partial(_remove_empty, missing)):
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft_folder(path.parent) as made:
                yield made
                made.chmod(0o777 & ~_umask())
                with undivided():
                    _replace(path, made)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {reason(error)}") from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Name a file to write beside `path`; it gets that name when the block ends without error.

    Raises:
        OutputError: the place cannot be written.

    """
    place = path.resolve()  # a link stays one: what it leads to is replaced
    try:
        with draft(place.parent, suffix=place.suffix) as made:
            yield made
            with undivided():
                made.replace(place)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {reason(error)}") from error


def write_whole(path: Path, text: str) -> None:
    """Write a text as a `whole_file`; its bytes are the same everywhere.

    Raises:
        OutputError: the place cannot be written.

    """
    with whole_file(path) as made:
        made.write_text(text, encoding="utf-8", newline="\n")


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that results were made from."""

    name: str
    sha256: str

    @property
    def piece(self) -> str:
        """Eight hexadecimal digits that stand for this file and no other."""
        return hashlib.sha256(f"{self.name}\0{self.sha256}".encode()).hexdigest()[:8]


def default_folder(
    name: str, origin: Origin, *, board: str | None = None, replace_other: bool = False
) -> Path:
    """Choose a folder in `build/`: called `name`, or longer where other results stay.

    Others are those of another file, or of a pedal on another `board`.
    """
    place = Path("build") / name
    if replace_other:
        return place
    if origin_of(place) not in (None, origin):
        place = place.with_name(f"{name}_{origin.piece}")
    if board is not None and board_of(place) not in (None, board):
        place = place.with_name(f"{place.name}_{board}")
    return place


def origin_of(folder: Path) -> Origin | None:
    """What the results in a folder were made from; None where a report does not say it."""
    try:
        model = _report(folder)["model"]
        return Origin(str(model["source"]), str(model["sha256"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def board_of(folder: Path) -> str | None:
    """Name the board of the pedal in a folder, or its file's stem; None: no report says it."""
    try:
        return str(_report(folder)["pedal"]["board"]).removesuffix(".toml")
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _report(folder: Path) -> Any:
    return json.loads((folder / REPORT_NAME).read_text(encoding="utf-8"))


def check_origin(path: Path, origin: Origin) -> None:
    """Refuse to replace what was made from another file.

    Raises:
        OutputError: the folder holds the results of another file.

    """
    there = origin_of(path)
    if there is not None and there != origin:
        raise OutputError(
            f"{path}: expected nothing, or what was made from this {origin.name} (SHA-256 "
            f"{origin.sha256[:8]}…), found what was made from {there.name} "
            f"({there.sha256[:8]}…); --replace replaces it, -o chooses another folder"
        )


def check_replaceable(path: Path) -> None:
    """Refuse a place that cannot be written, or whose files namgen did not make.

    Raises:
        OutputError: `path` is no folder, is where the user stands, or holds files that no report
            of namgen lists; or the folder it would be in cannot be written.

    """
    check_writable(path)
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputError(f"{path}: expected a folder or nothing, found a file")
    if Path.cwd().is_relative_to(path.resolve()):
        raise OutputError(
            f"{path}: expected a folder to make or replace, found the current one; "
            "choose another with -o"
        )
    listed = _listed(path / REPORT_NAME)
    foreign = sorted(_present(path, listed) - listed)
    if foreign:
        raise OutputError(
            f"{path}: expected a folder that namgen made, found other files in it "
            f"({', '.join(foreign[:3])}{', …' if len(foreign) > 3 else ''}); choose another with -o"
        )


def check_writable(path: Path) -> None:
    """Refuse, before any work, a place where nothing can be made.

    Raises:
        OutputError: the folder it is in, or would be in, cannot be written.

    """
    if not path.absolute().name:
        raise OutputError(f"{path}: expected a folder to make or replace, found the root")
    try:
        around = next(folder for folder in path.absolute().parents if os.path.lexists(folder))
        if not around.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(around, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        path.exists()
    except OSError as error:  # also a name that is too long
        raise OutputError(f"{path}: cannot be written: {reason(error)}") from error


def _remove_empty(folders: Iterable[Path]) -> None:
    """Remove the folders, innermost first, up to one that has something in it."""
    with contextlib.suppress(OSError):
        for folder in folders:
            folder.rmdir()


def reason(error: OSError) -> str:
    """Say why a place cannot be written; copying a folder makes one error of a list of them."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return str(error.args[0][0][2]).partition("] ")[2].partition(": ")[0]
    return error.strerror or str(error)


def _present(folder: Path, listed: set[str]) -> set[str]:
    """Name what is in a folder, and in the folders in it that hold something of the list."""
    shared = {name.partition("/")[0] for name in listed if "/" in name}
    found = set()
    for entry in folder.iterdir():
        if entry.name in shared and entry.is_dir():
            files = (path for path in entry.rglob("*") if not path.is_dir())
            found |= {path.relative_to(folder).as_posix() for path in files}
        else:
            found.add(entry.name)
    return found


def _listed(report: Path) -> set[str]:
    try:
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
        return {str(name) for name in files} | {REPORT_NAME}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _replace(path: Path, made: Path) -> None:
    """Rename the new folder to `path`; what was there goes away only afterwards."""
    if not path.exists():
        made.rename(path)
        return
    with draft_folder(path.parent) as old:
        path.rename(old / "replaced")
        try:
            made.rename(path)
        except OSError:
            (old / "replaced").rename(path)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
