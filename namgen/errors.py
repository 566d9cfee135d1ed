"""Everything that can go wrong, as a message written for the user.

Each `NamgenError` prints as one or more plain lines and ends the command with exit code 1.
A traceback is for a bug in namgen, never for a bad file, a missing tool or a full memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class NamgenError(Exception):
    """A problem the user can act on; `lines` is what to print."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines: tuple[str, ...] = lines


@dataclass(frozen=True, slots=True)
class Problem:
    """One inconsistency of a file: where it is (a JSON path), and what is wrong there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class FileError(NamgenError):
    """A file that cannot be compiled; all its problems at once."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(*(f"{file}: {problem}" for problem in self.problems))


class UnsupportedError(NamgenError):
    """A request that namgen understands and refuses; the message says what is supported."""


class BudgetError(NamgenError):
    """A model that does not fit a target, in bytes or in cycles; the message has the numbers."""


class ToolError(NamgenError):
    """A compiler, linker or optional package that is missing or failed."""


class OutputError(NamgenError):
    """A place that cannot be written."""
