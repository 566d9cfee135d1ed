"""A folder of results that appears whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from namgen.errors import OutputError

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
    draft = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        yield draft
        draft.chmod(0o777 & ~_umask())
        _replace(path, draft)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
        _remove_empty(missing)


def check_replaceable(path: Path) -> None:
    """Refuse a place whose files namgen did not make.

    Raises:
        OutputError: `path` is no folder, is where the user stands, or holds files that no report
            of namgen lists.

    """
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputError(f"{path}: expected a folder or nothing, found a file")
    if Path.cwd().is_relative_to(path.resolve()):
        raise OutputError(
            f"{path}: expected a folder to make or replace, found the current one; "
            "choose another with -o"
        )
    present = {entry.name for entry in path.iterdir()}
    foreign = sorted(present - _listed(path / REPORT_NAME))
    if foreign:
        raise OutputError(
            f"{path}: expected a folder that namgen made, found other files in it "
            f"({', '.join(foreign[:3])}{', …' if len(foreign) > 3 else ''}); choose another with -o"
        )


def _remove_empty(folders: Iterable[Path]) -> None:
    """Remove the folders, innermost first, up to one that has something in it."""
    with contextlib.suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _listed(report: Path) -> set[str]:
    try:
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
        return {str(name).split("/", maxsplit=1)[0] for name in files} | {REPORT_NAME}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _replace(path: Path, draft: Path) -> None:
    """Rename the draft to `path`; what was there goes away only afterwards."""
    if not path.exists():
        draft.rename(path)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        path.rename(old / path.name)
        try:
            draft.rename(path)
        except OSError:
            (old / path.name).rename(path)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
