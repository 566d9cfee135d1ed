"""What must not outlive the process: drafts, temporary folders, programs it started.

A signal that ends the process runs what `undone` was given, wherever the process stands. The
signals themselves are taken by `namgen.__main__`; who uses namgen as a library keeps their own.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from namgen.errors import OutputError

if TYPE_CHECKING:
    from subprocess import CompletedProcess, Popen

_ATTEMPTS = 10  # to remove a folder in which a killed program may still be writing
_PAUSE_SECONDS = 0.01


@dataclass(slots=True)
class _Process:
    """The state of this process that a signal handler has to see."""

    actions: list[Callable[[], None]] = field(default_factory=list)
    undivided: int = 0  # how many steps are under way that a signal may not divide
    waiting: Callable[[], None] | None = None  # the end that waits for them
    temporary: Path | None = None  # where this process's own temporary folder was made


_PROCESS = _Process()


def end(finish: Callable[[], None]) -> None:
    """Undo everything, the latest first, then call `finish`; for signal handlers.

    Inside `undivided` this waits until the step is done.
    """
    if _PROCESS.undivided:
        _PROCESS.waiting = finish
        return
    for action in reversed(_PROCESS.actions):
        with contextlib.suppress(Exception):
            action()
    finish()


@contextmanager
def undone(action: Callable[[], None]) -> Iterator[None]:
    """Call `action` when the block ends, also where a signal ends the process inside it.

    It must be possible to call `action` twice.
    """
    _PROCESS.actions.append(action)
    try:
        yield
    finally:
        action()
        _PROCESS.actions.remove(action)


@contextmanager
def undivided() -> Iterator[None]:
    """Let a signal wait for a step that is done as a whole or not at all; short ones only."""
    _PROCESS.undivided += 1
    try:
        yield
    finally:
        _PROCESS.undivided -= 1
        if _PROCESS.waiting and not _PROCESS.undivided:
            end(_PROCESS.waiting)


@contextmanager
def draft(folder: Path, *, suffix: str = "") -> Iterator[Path]:
    """Name a file or folder to be, inside `folder`; what still has this name at the end vanishes.

    The name is short, whatever the final one is, so that it fits where that fits.
    """
    path = folder / f".namgen-{os.urandom(6).hex()}{suffix}"
    with undone(partial(remove, path)):
        yield path


@contextmanager
def draft_folder(parent: Path) -> Iterator[Path]:
    """Make a folder inside `parent` that vanishes at the end, unless it was renamed."""
    with draft(parent) as path:
        path.mkdir(mode=0o700)
        yield path


def temporary_place() -> Path:
    """Return the folder in which everything temporary of this process lies, in one of its own.

    Raises:
        OSError: there is none that can be written.

    """
    import tempfile

    return _PROCESS.temporary or Path(tempfile.gettempdir())


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder among the temporary ones that vanishes at the end.

    Raises:
        OutputError: it cannot be made, or there is no room for what is written into it.

    """
    import tempfile

    place = Path(tempfile.gettempdir())
    hint = "TMPDIR names another folder for temporary files"
    with _told(place, str(temporary_place()), hint), draft_folder(place) as folder:
        yield folder


@contextmanager
def cache_folder(cache: Path) -> Iterator[Path]:
    """Make a folder inside a cache, to prepare in it what is then renamed; vanishes at the end.

    Raises:
        OutputError: it cannot be made, or there is no room for what is written into it.

    """
    hint = "NAMGEN_CACHE_DIR names another folder for caches"
    with _told(cache, str(cache), hint), draft_folder(cache) as folder:
        yield folder


@contextmanager
def _told(place: Path, name: str, hint: str) -> Iterator[None]:
    """Make a message of an error inside a folder; those of other places go on as they are."""
    try:
        yield
    except OSError as error:
        if not str(error.filename or place).startswith(str(place)):
            raise
        said = f"{name}: cannot be written: {error.strerror or error}"
        raise OutputError(f"{said}; {hint}") from error


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write texts into a folder, by their paths in it; in bytes they are the same everywhere."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def remove(path: Path) -> None:
    """Remove a file or a folder with all it holds, where it is there and can be removed."""
    for _ in range(_ATTEMPTS):
        if not os.path.lexists(path):
            return
        if path.is_dir() and not path.is_symlink():
            import shutil

            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()
        if os.path.lexists(path):
            time.sleep(_PAUSE_SECONDS)


def run(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run a program to its end; it and what it starts do not outlive this process.

    Raises:
        OSError: it cannot be started.

    """
    from subprocess import DEVNULL, PIPE, CompletedProcess, Popen

    with ExitStack() as stack:
        with undivided():
            process = Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            stack.enter_context(undone(partial(_kill, process)))
        out, err = process.communicate()
    return CompletedProcess(command, process.returncode, out, err)


def _kill(process: Popen[str]) -> None:
    """End a program with all that it started; nothing happens when it has ended.

    It is called where a signal comes, and that may be amid `wait`, whose lock nobody else gets.
    """
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
        process.wait()
        return
    import signal

    with contextlib.suppress(
        ProcessLookupError, ChildProcessError
    ):  # amid `wait` it may have ended
        os.killpg(process.pid, signal.SIGKILL)
        os.waitpid(process.pid, 0)


def own_temporary_folder() -> None:
    """Let everything temporary of this process, and of what it starts, be in one folder.

    It vanishes with the process. Where none can be made, everything stays as it was, and who needs
    a temporary file gets the error.
    """
    import atexit
    import tempfile

    try:
        folder = Path(tempfile.gettempdir()) / f"namgen-{os.urandom(6).hex()}"
        _PROCESS.actions.append(partial(remove, folder))
        folder.mkdir(mode=0o700)
    except OSError:
        return
    atexit.register(remove, folder)
    _PROCESS.temporary = folder.parent
    tempfile.tempdir = str(folder)
    os.environ.update(TMPDIR=str(folder), TMP=str(folder), TEMP=str(folder))
