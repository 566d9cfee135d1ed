"""The JavaScript that plays a module in a browser."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from namgen.resources import templates_dir


@dataclass(frozen=True, slots=True)
class Scripts:
    """What a page needs beside the bytes of a module."""

    worklet: str  # runs in an AudioWorklet, by itself
    opener: str  # of a page: `openPlayer`

    @property
    def worklet_url(self) -> str:
        """The worklet as a ``data:`` URL, which a page from disk may load."""
        return "data:text/javascript;charset=utf-8," + quote(self.worklet)


def scripts() -> Scripts:
    """Read both.

    Raises:
        ToolError: namgen's own files are missing.

    """
    folder = templates_dir() / "packages" / "wasm"
    texts = (folder / file for file in ("worklet.js", "player_node.js"))
    return Scripts(*(path.read_text(encoding="utf-8") for path in texts))
