"""Shapes and words of a drawing, spelled as SVG; lengths are pixels."""

from __future__ import annotations

import re
from typing import Literal
from xml.sax.saxutils import escape

INK = "#0f172a"
FAINT = "#64748b"
PAPER = "#ffffff"
SANS = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
MONO = "'DejaVu Sans Mono', Menlo, Consolas, monospace"

Anchor = Literal["start", "middle", "end"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW = set("iljtfrI.,:;!'|()[] ")
_WIDE = set("mwMW@%")


def printable(said: str) -> str:
    """Return a text with what XML cannot hold replaced."""
    return _NOT_XML.sub("\ufffd", said)


def width_px(said: str, size: float, *, is_bold: bool = False) -> float:
    """Return at least the width of a text, in whichever sans-serif font it is set."""
    ems = sum(0.4 if c in _NARROW else 1.0 if c in _WIDE or ord(c) > 0x24F else 0.68 for c in said)
    return size * ems * (1.1 if is_bold else 1.0)


def text(
    x: float,
    y: float,
    said: str,
    *,
    size: float = 12,
    colour: str = INK,
    is_bold: bool = False,
    anchor: Anchor = "start",
    family: str = SANS,
) -> str:
    """Set a line whose middle height is `y`."""
    weight = ' font-weight="bold"' if is_bold else ""
    where = f'x="{x:g}" y="{y + 0.36 * size:g}" text-anchor="{anchor}"'
    return (
        f'<text {where} font-family="{family}" font-size="{size:g}" fill="{colour}"{weight}>'
        f"{escape(printable(said))}</text>"
    )


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str,
    line: str = "none",
    corner: float = 0,
    opacity: float = 1,
) -> str:
    """Draw a rectangle; `opacity` is that of what fills it."""
    size = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{corner:g}"'
    return f'<rect {size} fill="{fill}" fill-opacity="{opacity:g}" stroke="{line}"/>'


def disc(x: float, y: float, radius: float, *, fill: str, line: str = "none") -> str:
    """Draw a circle."""
    size = f'cx="{x:g}" cy="{y:g}" r="{radius:g}"'
    return f'<circle {size} fill="{fill}" stroke="{line}" stroke-width="1.5"/>'


def stroke(points: str, colour: str, *, width: float = 1.5) -> str:
    """Draw a line through points, as the `d` of a path spells them."""
    return (
        f'<path d="{points}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        'stroke-linecap="round"/>'
    )
