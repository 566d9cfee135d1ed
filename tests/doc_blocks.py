"""The code in the documents: its blocks, and what somebody at a terminal sees of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "examples" / "README.md",
)
LEFT_OUT = "…"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its page, its place among those of the page, its language."""

    page: str  # from the root of the project
    number: int
    language: str  # empty: formulas, figures, what is printed elsewhere
    text: str

    def __str__(self) -> str:
        return f"{self.page}-{self.number}-{self.language}"


def commands(console: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every command of a console, without its remark, and the output that is shown for it."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, *output = part.splitlines()
        yield re.sub(r"  +#? ?.*$", "", command), output


def blocks() -> Iterator[Block]:
    """Yield every block of every document."""
    for page in PAGES:
        found = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
        for number, (language, text) in enumerate(found):
            yield Block(page.relative_to(ROOT).as_posix(), number, language, text)


def masked(lines: list[str]) -> list[str]:
    """Lines with every number as #, because counts change with every better kernel."""
    return [re.sub(r"\d[\d,.]*", "#", line).rstrip() for line in lines]


def matches(shown: list[str], printed: list[str]) -> bool:
    """Whether the lines agree, where a line of `…` stands for any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == LEFT_OUT else re.escape(line) + r"\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None
