"""Zig as the PyPI package `ziglang` brings it, and the caches it cannot do without."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from namgen.errors import ToolError
from namgen.progress import Progress
from namgen.resources import cache_dir
from namgen.scratch import cache_folder, scratch_folder, undivided
from namgen.toolchain.running import first_line, run_tool

_FOLDERS = ("b", "h", "o", "z")  # of its cache; what it has not finished is in "tmp"
_LOG = logging.getLogger(__name__)


def zig_program() -> Path:
    """Return the program.

    Raises:
        ToolError: the package is not installed.

    """
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        raise ToolError("toolchain zig: expected the Python package ziglang: pip install ziglang")
    return Path(spec.origin).parent / ("zig.exe" if sys.platform == "win32" else "zig")


def run_alone(
    command: Sequence[str], role: str, progress: Progress | None, *, cwd: Path | None = None
) -> None:
    """Run Zig for what needs none of its libraries: its caches vanish with the program.

    They would serve nobody: the folders' names, which are among the flags, are new every time.
    """
    _announce(progress)
    with scratch_folder() as folder:
        run_tool(command, role, cwd=cwd, env=_environment(folder, folder))


def run_with_libraries(command: Sequence[str], folder: Path, progress: Progress | None) -> None:
    """Run Zig for what needs its libraries, which take minutes; damaged ones are made again."""
    _announce(progress)
    local = folder / "zig"
    try:
        with _kept_libraries() as kept:
            run_tool(command, "compiler", cwd=folder, env=_environment(kept, local))
    except ToolError as error:
        _LOG.info("cache: %s may be damaged (%s); again with a new one", _cache(), error)
        with cache_folder(cache_dir()) as fresh:
            run_tool(command, "compiler", cwd=folder, env=_environment(fresh, folder / "again"))
            _keep(fresh)


@contextmanager
def _kept_libraries() -> Iterator[Path]:
    """Name a folder with the libraries that are kept, in which Zig's drafts have a place apart.

    A killed Zig leaves drafts, and this folder vanishes with them.
    """
    for name in _FOLDERS:
        _make_folder(_cache() / name)
    with cache_folder(_cache()) as place:
        yield place if _is_linked(place) else _cache()


def _is_linked(place: Path) -> bool:
    """Let a folder lead to what is kept; Windows lets not everybody make links."""
    try:
        for name in _FOLDERS:
            (place / name).symlink_to(_cache() / name, target_is_directory=True)
    except OSError:
        return False
    return True


def _keep(fresh: Path) -> None:
    """Put new libraries where the damaged ones are."""
    with cache_folder(cache_dir()) as old, undivided():
        _cache().rename(old / "damaged")
        fresh.rename(_cache())


def _make_folder(path: Path) -> None:
    """Make a folder of a cache, also where something else has its name."""
    for folder in (path.parent, path):
        if not folder.is_dir():
            folder.unlink(missing_ok=True)
        folder.mkdir(exist_ok=True)


def _cache() -> Path:
    return cache_dir() / "zig"


def _announce(progress: Progress | None) -> None:
    """Say why nothing happens, the first time."""
    if progress is not None and not _cache().exists():
        progress("starting the compiler for the first time (a few seconds, once)")
    _make_folder(_cache())


def _environment(libraries: Path, objects: Path) -> dict[str, str]:
    """Zig stops when it finds no folder for its caches, so it always gets them."""
    folders = {"ZIG_GLOBAL_CACHE_DIR": str(libraries), "ZIG_LOCAL_CACHE_DIR": str(objects)}
    return {**os.environ, **folders}


def zig_version(program: Path) -> str:
    """What it says it is, one line without paths."""
    return f"ziglang {first_line([str(program), 'version'])}"
