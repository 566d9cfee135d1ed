"""Spells captures and their engines as C."""

from __future__ import annotations

from namgen.c_text import tidy
from namgen.captures.plan import WORDS_PER_FRAME, Captures
from namgen.emit import emit, template_environment
from namgen.version import VERSION

FILES = ("captures.h", "captures.c", "captures_numbers.h")
"""What there is beside the files of the engines."""


def emit_captures(captures: Captures) -> dict[str, str]:
    """Return the text of every generated file, by file name.

    ``captures.c`` and ``nam_<engine>.c`` of every engine are the files to compile.
    """
    environment = template_environment()
    environment.globals |= {
        "captures": captures.captures,
        "engines": captures.engines,
        "is_paced": captures.is_paced,
        "block_frames": captures.block_frames,
        "words_per_frame": WORDS_PER_FRAME,
        "version": VERSION,
    }
    found: dict[str, str] = {}
    for engine in captures.engines:
        found |= emit(engine.plan)
    for file in FILES:
        found[file] = tidy(environment.get_template(f"captures/{file}.j2").render())
    return found
