"""Boards that people ask for and that no image may be made for, with the reason."""

from __future__ import annotations

import re

_WITH_CONVERTER = re.compile(r"h7[23457][57]|h7.*-q\b")
"""STM32H725/735, H745/755, H747/757, and the boards whose names end in -Q."""

_LOCKED_OUT = (
    "the chip's core is fed by its own switching converter there (SMPS), and this firmware sets up "
    "the linear regulator (LDO), which is thought to lock such a board out for its debugger"
)


def why_not(name: str) -> str:
    """Say why a board is refused, as the end of a sentence; empty where it is just not known."""
    return f"; {_LOCKED_OUT}" if _WITH_CONVERTER.search(name.lower()) else ""
