"""C spellings of Python values, and the layout of the lines they stand in."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from namgen.arithmetic import F32

COLUMNS = 100
"""Width of generated lines."""


def literal(value: float | np.float32) -> str:
    """Spell `value` as the shortest C literal that reads back to the same float32.

    Raises:
        ValueError: for NaN and infinities, which have no literal.

    """
    import numpy as np  # messages are spelled here too, also where it is missing

    single = np.float32(value)
    if not np.isfinite(single):
        raise ValueError(f"{single} has no C literal")
    text = str(single)
    return f"{text}f" if re.search(r"[.e]", text) else f"{text}.0f"


def literal_rows(values: F32, *, indent: int = 4) -> str:
    """Spell the values of a 1-D array as the lines inside an initialiser's braces."""
    text = ", ".join(literal(value) for value in values)
    margin = " " * indent
    return textwrap.fill(
        text, COLUMNS, initial_indent=margin, subsequent_indent=margin, break_long_words=False
    )


def bits_rows(values: npt.NDArray[np.uint32], *, indent: int = 4) -> str:
    """Spell the 32-bit patterns of a 1-D array as the lines inside an initialiser's braces."""
    margin = " " * indent
    text = ", ".join(f"0x{value:08X}U" for value in values)
    return textwrap.fill(text, COLUMNS, initial_indent=margin, subsequent_indent=margin)


def integer_rows(values: npt.NDArray[np.int32], *, indent: int = 4) -> str:
    """Spell the values of a 1-D array of integers as the lines inside an initialiser's braces."""
    margin = " " * indent
    least = "(-2147483647 - 1)"  # which C has no literal for
    text = ", ".join(least if value == -(2**31) else str(value) for value in values)
    return textwrap.fill(text, COLUMNS, initial_indent=margin, subsequent_indent=margin)


def counted(number: int, one: str, several: str = "") -> str:
    """Spell a number of things: "1 channel", "3 channels", "2 histories"."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def in_comment(text: str) -> str:
    """Spell somebody's words so that a comment can have them on one line."""
    return " ".join(text.split()).replace("*/", "* /").replace("/*", "/ *")


def plus(base: str, offset: int) -> str:
    """Spell a sum whose second part may be nothing."""
    return f"{base} + {offset}" if offset else base


def continued(text: str, *, indent: int, last: bool = False) -> str:
    """Lay out the lines of a macro's body; each, or each but the last, goes on in the next."""
    margin = " " * indent
    whole = textwrap.dedent(text).strip("\n").split("\n")
    lines = [line for part in whole for line in _fitted(margin + part, COLUMNS - 2)]
    return " \\\n".join(lines) + ("" if last else " \\")


def tidy(text: str) -> str:
    """Lay out generated C: lines of at most `COLUMNS` where commas allow, single empty lines.

    No block begins with an empty line.
    """
    lines = (part for line in text.split("\n") for part in _fitted(line))
    single = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return re.sub(r"\{\n\n(?= )", "{\n", single)


def _fitted(line: str, columns: int = COLUMNS) -> list[str]:
    """Break a wide line after outer commas, aligned behind its first parenthesis if that is near.

    A macro breaks behind its head.
    """
    if len(line) <= columns:
        return [line]
    if line.startswith("#"):
        return _fitted_macro(line)
    if line.startswith(" * "):
        return textwrap.wrap(
            line, COLUMNS, subsequent_indent=" *   ", break_long_words=False, break_on_hyphens=False
        )
    indent = len(line) - len(line.lstrip())
    opened = line.find("(") + 1
    is_call = 0 < opened <= columns // 2 and "=" not in line[:opened]
    margin = " " * (opened if is_call else indent + 4)
    fitted, *pieces = _outermost(line)
    lines = [fitted]
    for piece in pieces:
        if len(lines[-1]) + 1 + len(piece) <= columns:
            lines[-1] += f" {piece}"
        else:
            lines.append(margin + piece)
    return [part for one in lines for part in _cut(one, columns)]


def _cut(line: str, columns: int) -> list[str]:
    """Cut a line that is wide without commas: behind a semicolon, or else between two words."""
    indent = len(line) - len(line.lstrip())
    semicolon, words = line.rfind("; ", 0, columns) + 1, _word_ends(line, columns)
    if len(line) <= columns or not (semicolon or words):
        return [line]
    at, margin = (semicolon, line.find("(") + 1) if semicolon else (words[-1], indent + 4)
    return [line[:at], *_cut(" " * margin + line[at + 1 :], columns)]


def _word_ends(line: str, columns: int) -> list[int]:
    """Return where words end within a width that the fewest parentheses are around."""
    ends = [match.end() for match in re.finditer(r"\S(?= )", line[: columns + 1])]
    depths = [sum(map(line[:end].count, "([")) - sum(map(line[:end].count, ")]")) for end in ends]
    return [end for end, depth in zip(ends, depths, strict=True) if depth == min(depths)]


def _fitted_macro(line: str) -> list[str]:
    """Break a wide macro behind its head, or where that alone is wide, before its parameters."""
    opens = re.fullmatch(r"(#define \w+\()([\w, ]*\) \\)", line)
    if opens:
        return [f"{opens[1]} \\", f"        {opens[2]}"]
    macro = re.fullmatch(r"(#define \w+(?:\([\w, ]*\))?) (.+)", line)
    if macro is None:
        return [line]
    *body, last = _fitted(f"    {macro[2]}", COLUMNS - 2)
    return [f"{part} \\" for part in (macro[1], *body)] + [last]


def _outermost(line: str) -> list[str]:
    """Cut a line behind those of its commas that the fewest parentheses are around."""
    ends = [match.end() for match in re.finditer(", ", line)]
    depths = [line.count("(", 0, end) - line.count(")", 0, end) for end in ends]
    cuts = [end for end, depth in zip(ends, depths, strict=True) if depth == min(depths)]
    return [line[a:b].rstrip() for a, b in zip([0, *cuts], [*cuts, len(line)], strict=True)]
