"""What of a page works, beside what it shows: parts with scripts, and the bytes they unpack."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from namgen.page.marks import Picture
from namgen.resources import templates_dir

UNPACKS = "page/unpacked.js"
"""What every page with packed data has first: `unpacked(id)`, a promise of the bytes."""

_FOR_READERS = re.compile(
    r"^ *(?:/\*.*?\*/\n)?(?:\n+| +)?| /\*[^\n]*\*/$", re.DOTALL | re.MULTILINE
)
"""Comments that begin or end a line, indentation, empty lines."""


@dataclass(frozen=True, slots=True)
class Working:
    """A part of the page that works.

    Scripts are files below `templates/`; what they declare, all others of the page see.
    """

    key: str  # of its section
    title: str  # that leads to it
    view: object  # what the template is told, as `part.view`
    scripts: tuple[str, ...]
    data: Mapping[str, bytes] = field(default_factory=dict)  # by the ids they are unpacked by
    sources: tuple[str, ...] = ()  # of scripts, beside its own, that the policy has to let be
    pictures: tuple[Picture, ...] = ()  # of the page, that it shows in their place

    @property
    def template(self) -> str:
        """The file that spells it."""
        return f"{self.key}.html.j2"

    @property
    def style(self) -> str:
        """The file with its looks."""
        return f"{self.key}.css.j2"


def packed(data: bytes) -> str:
    """Return bytes as text that no markup is in: deflated, in base 64; `unpacked.js` reads it."""
    return base64.b64encode(zlib.compress(data, 9)).decode()


def blocks_of(parts: Sequence[Working]) -> Mapping[str, str]:
    """Return all packed data of a page by their ids."""
    return {name: packed(data) for part in parts for name, data in part.data.items()}


def scripts_of(parts: Sequence[Working]) -> tuple[Markup, ...]:
    """Return the text of every script of a page, each once, in the order that they run in.

    Raises:
        ToolError: namgen's own files are missing.

    """
    first = (UNPACKS,) if any(part.data for part in parts) else ()
    own = (name for part in parts for name in part.scripts)
    return tuple(Markup(_text(name)) for name in dict.fromkeys((*first, *own)))


def policy_of(style: str, scripts: Sequence[str], parts: Sequence[Working]) -> str:
    """Return what a page may do: show its own style, run its own scripts, and nothing else."""
    sources = (*(_hash(text) for text in scripts), *_sources(parts))
    rules = ["default-src 'none'", f"style-src {_hash(style)}"]
    rules += [f"script-src {' '.join(sources)}"] if sources else []
    return "; ".join([*rules, "base-uri 'none'", "form-action 'none'"])


def _sources(parts: Sequence[Working]) -> Iterator[str]:
    yield from dict.fromkeys(source for part in parts for source in part.sources)


def _text(name: str) -> str:
    """Return a script without what is there for its readers; in none a string goes over lines."""
    return _FOR_READERS.sub("", (templates_dir() / name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
