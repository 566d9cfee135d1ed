"""A pedal, or a capture, as one page of HTML that needs nothing else: what it is, how it sounds.

`facts` gathers what is told, `plots` and `pictures` draw it, `html` spells the page.
"""

from __future__ import annotations

from namgen.page.facts import CaptureFacts, Compared, PageFacts, gather
from namgen.page.html import MARK, page_of, pictures_of

__all__ = ["MARK", "CaptureFacts", "Compared", "PageFacts", "gather", "page_of", "pictures_of"]
