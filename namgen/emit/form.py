"""What C is like around what it computes: how it is told of memories and of its processor."""

from __future__ import annotations

from dataclasses import dataclass

SECTIONS_HEADER = "nam_sections.h"


@dataclass(frozen=True, slots=True)
class Form:
    """How the C of a model fits into a program; whichever form it has, its bits are the same."""

    names_sections: bool = False  # arrays say what they are: NAM_STATE, NAM_WEIGHTS
    macros: tuple[str, ...] = ()  # that it defines itself, for whoever compiles it may not

    def region_macro(self, *, constant: bool) -> str:
        """Spell what an array is, with the space before it."""
        return " NAM_WEIGHTS" if constant else " NAM_STATE"


PLAIN = Form()
"""As firmware has it, and C files alone: the board places arrays, the build defines macros."""
