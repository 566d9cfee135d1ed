"""How far a piece of work is: lines of text that may know their share of the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str], None]
"""Takes a line at every stage; the line may be a `Stage`."""


class Stage(str):
    """A line that says how much is done when it is said, from 0 to 1."""

    __slots__ = ("share",)

    share: float

    def __new__(cls, line: str, share: float) -> Stage:
        """Make the line that says the share."""
        made = super().__new__(cls, line)
        made.share = share
        return made


def silent(line: str) -> None:
    """Tell nobody."""


def part(progress: Progress, begin: float, end: float) -> Progress:
    """Give a part of the work its share of the whole; its own shares go from 0 to 1."""

    def tell(line: str) -> None:
        share = line.share if isinstance(line, Stage) else 0.0
        progress(Stage(line, begin + (end - begin) * share))

    return tell
