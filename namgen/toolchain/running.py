"""Runs compilers and linkers, and turns what they say into messages."""

from __future__ import annotations

import logging
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from namgen.errors import ToolError
from namgen.scratch import run

_ERROR_LINES = 8
_LOG = logging.getLogger(__name__)


def run_tool(
    command: Sequence[str],
    role: str,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a compiler or a linker.

    Raises:
        ToolError: it is not there, or refused; the message has its first lines.

    """
    _LOG.info("%s", shlex.join(command))
    try:
        done = run(command, cwd=cwd, env=env)
    except OSError as error:
        raise ToolError(f"{role} {command[0]}: {error.strerror or error}") from error
    if done.returncode != 0:
        raise ToolError(*_failure_lines(command, role, done))


def first_line(command: Sequence[str], *, missing: str | None = None) -> str:
    """First line of what a command prints; `missing`, if given, stands in for a failure.

    Raises:
        ToolError: it failed, and nothing stands in.

    """
    try:
        done = run(command)
        done.check_returncode()
        return done.stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError) as error:
        if missing is None:
            raise ToolError(f"{command[0]}: expected a working program, found: {error}") from error
        return missing


def _failure_lines(
    command: Sequence[str], role: str, done: subprocess.CompletedProcess[str]
) -> list[str]:
    """The error lines first; a compiler may print warnings and notes before them."""
    said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    errors = [line for line in said if "error" in line.lower() or "undefined" in line.lower()]
    shown = (errors or said or [_silence()])[:_ERROR_LINES]
    return [f"{role} {Path(command[0]).name}: exit code {done.returncode}", *shown]


def _silence() -> str:
    """A compiler that dies without a word often had no room for its files."""
    folder = tempfile.gettempdir()
    free_bytes = shutil.disk_usage(folder).free
    return f"it said nothing; {free_bytes:,} bytes are free in {folder}"
