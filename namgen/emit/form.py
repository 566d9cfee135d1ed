"""What C is like around what it computes: how it is told of memories, and where its state lies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """How the C of a model fits into a program; whichever form it has, its bits are the same."""

    names_sections: bool = False  # arrays say what they are: NAM_STATE, NAM_WEIGHTS
    macros: tuple[str, ...] = ()  # that it defines itself, for whoever compiles it may not
    state: str = "static"  # "struct": all that changes is the caller's, who hands it over

    def region_macro(self, *, constant: bool) -> str:
        """Spell what an array is, with the space before it."""
        return " NAM_WEIGHTS" if constant else " NAM_STATE"

    def given(self, stem: str, parameters: Iterable[str] = ()) -> str:
        """Spell the parameters of a function that works on what changes."""
        own = [f"struct {stem}_state *state"] if self.state == "struct" else []
        return ", ".join([*own, *parameters]) or "void"

    def handed(self, arguments: Iterable[str] = ()) -> str:
        """Spell the arguments of a call of such a function."""
        own = ["state"] if self.state == "struct" else []
        return ", ".join([*own, *arguments])


PLAIN = Form()
"""As firmware has it, and C files alone: the board places arrays, the build defines macros."""
