"""`--wait`, with or without a number behind it."""

from __future__ import annotations

import re
from typing import Any

import click

from namgen.cli.maybe_value import MaybeValue

_USUAL_SECONDS = "60"


class Wait(MaybeValue):
    """An option whose value is the next word, only where that is a number: a folder may follow."""

    usual = _USUAL_SECONDS

    def __init__(self, names: list[str], **settings: Any) -> None:
        super().__init__(names, type=click.FloatRange(0, 86_400), metavar="[SECONDS]", **settings)

    def is_value(self, word: str) -> bool:
        """Whether it is a number."""
        return re.fullmatch(r"\d+(\.\d*)?", word) is not None


wait_option = click.option(
    "--wait",
    "wait_seconds",
    cls=Wait,
    help=f"Wait for the board while you press its buttons.  [alone: {_USUAL_SECONDS} s]",
)
