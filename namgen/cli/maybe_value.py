"""An option that may stand alone: the word behind it is its value only where it looks like one."""

from __future__ import annotations

import click


class MaybeValue(click.Option):
    """The parent of such an option; what follows it may be an argument of the command."""

    usual = ""
    """Its value where it stands alone."""

    def is_value(self, word: str) -> bool:
        """Whether the word behind it is meant for it."""
        raise NotImplementedError

    def with_values(self, args: list[str]) -> list[str]:
        """Join the option with its value, as click takes it; with = any word is one."""
        made, rest = list[str](), list(args)
        while rest:
            word = rest.pop(0)
            if word == "--":
                return [*made, word, *rest]
            if word in self.opts:
                follows = bool(rest) and self.is_value(rest[0])
                word = f"{word}={rest.pop(0) if follows else self.usual}"
            made.append(word)
        return made
