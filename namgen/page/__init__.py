"""A pedal, or a capture, as one page of HTML that needs nothing else: what it is, how it sounds.

`facts` gathers what is told, `plots` and `pictures` draw it, `html` spells the page; `play` is the
part of it that plays.
"""

from __future__ import annotations

from namgen.page.facts import CaptureFacts, Compared, PageFacts, gather
from namgen.page.html import MARK, page_of, pictures_of
from namgen.page.play import Play, play_of, playing_part
from namgen.page.working import Working

__all__ = [
    "MARK",
    "CaptureFacts",
    "Compared",
    "PageFacts",
    "Play",
    "Working",
    "gather",
    "page_of",
    "pictures_of",
    "play_of",
    "playing_part",
]
