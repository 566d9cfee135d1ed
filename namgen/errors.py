"""Everything that can go wrong, as a message written for the user.

Each `NamgenError` prints as one or more plain lines and ends the command with exit code 1.
A traceback is for a bug in namgen, never for a bad file, a missing tool or a full memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import ClassVar, TypeVar

_SHOWN_NAMES = 20

T = TypeVar("T")


class NamgenError(Exception):
    """A problem the user can act on; `lines` is what to print."""

    category: ClassVar[str] = "problem"  # one word for programs that read `--json`

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

    category = "file"

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(*(f"{file}: {problem}" for problem in self.problems))


class FilesError(NamgenError):
    """Several files that cannot be compiled, and what else is wrong."""

    category = "file"


class UnsupportedError(NamgenError):
    """A request that namgen understands and refuses; the message says what is supported."""

    category = "unsupported"


@contextmanager
def about(file: str) -> Iterator[None]:
    """Let a refusal of what a file holds begin with the file's name."""
    try:
        yield
    except UnsupportedError as error:
        raise UnsupportedError(*(f"{file}: {line}" for line in error.lines)) from error


class ChoiceError(UnsupportedError):
    """A value that nobody offers, whatever the file is: wrong usage."""

    category = "usage"


def one_of(
    what: str, found: str, offered: Iterable[str], *, why_not: Callable[[str], str] | None = None
) -> str:
    """Return the one of `offered` that `found` spells, in upper or lower case.

    `why_not` gives the end of the sentence for what is known and not offered, else nothing.

    Raises:
        ChoiceError: none of them; it names them all, and the one that comes nearest.

    """
    names = tuple(offered)
    for name in names:
        if name.lower() == found.lower():
            return name
    shown = (*names[:_SHOWN_NAMES], *(["…"] if len(names) > _SHOWN_NAMES else []))
    expected = f"one of {', '.join(shown)}" if len(names) > 1 else "".join(names) or "none"
    ending = (why_not(found) if why_not else "") or nearest(found, names)
    raise ChoiceError(f"{what}: expected {expected}, found {found!r}{ending}")


def nearest(found: str, names: Iterable[str]) -> str:
    """Say which of `names` was probably meant, as the end of a sentence; empty when none was."""
    by_lower = {name.lower(): name for name in names}
    if found.isdecimal() and by_lower and all(name.isdecimal() for name in by_lower):
        return f"; did you mean {min(by_lower, key=lambda name: abs(int(name) - int(found)))}?"
    close = get_close_matches(found.lower(), by_lower, n=1, cutoff=0.5)
    return f"; did you mean {by_lower[close[0]]}?" if close else ""


@dataclass(frozen=True, slots=True)
class Together:
    """Things that are tried one by one, so that all that fails is told at once."""

    errors: list[NamgenError] = field(default_factory=list)

    def attempt(self, work: Callable[[], T]) -> T | None:
        """Return what work gives; None: it failed, which `end` tells."""
        try:
            return work()
        except NamgenError as error:
            self.errors.append(error)
            return None

    def end(self) -> None:
        """Tell what failed.

        Raises:
            NamgenError: the only failure, or all of them; a `ChoiceError` where one is.

        """
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            choices = [error for error in self.errors if isinstance(error, ChoiceError)]
            kind = type((choices or self.errors)[0])
            lines = dict.fromkeys(line for error in self.errors for line in error.lines)
            raise (FilesError if issubclass(kind, FileError) else kind)(*lines)


class BudgetError(NamgenError):
    """A model that does not fit a target, in bytes or in cycles; the message has the numbers."""

    category = "budget"


class ToolError(NamgenError):
    """A compiler, linker or optional package that is missing or failed."""

    category = "tool"


class OutputError(NamgenError):
    """A place that cannot be written."""

    category = "output"


class DeviceError(NamgenError):
    """A board on USB that is not there, not ready, or did not take what it was sent."""

    category = "device"
