"""`--wait`, with or without a number behind it."""

from __future__ import annotations

import re
from typing import Any

import click

_USUAL_SECONDS = "60"


class Wait(click.Option):
    """An option whose value is the next word, only where that is a number: a folder may follow."""

    def __init__(self, names: list[str], **settings: Any) -> None:
        super().__init__(names, type=click.FloatRange(0, 86_400), metavar="[SECONDS]", **settings)

    def with_values(self, args: list[str]) -> list[str]:
        """Join the option with its value; where none follows, with the usual one."""
        made, rest = list[str](), list(args)
        while rest:
            word = rest.pop(0)
            if word == "--":
                return [*made, word, *rest]
            if word in self.opts:
                follows = bool(rest) and re.fullmatch(r"\d+(\.\d*)?", rest[0])
                word = f"{word}={rest.pop(0) if follows else _USUAL_SECONDS}"
            made.append(word)
        return made


wait_option = click.option(
    "--wait",
    "wait_seconds",
    cls=Wait,
    help=f"Wait for the board while you press its buttons.  [alone: {_USUAL_SECONDS} s]",
)
