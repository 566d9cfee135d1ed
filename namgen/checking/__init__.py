"""What a maker of captures wants to know of a folder of them, before anybody plays one.

Each capture is read, set beside a target, and played; what was committed before is played too.
"""

from __future__ import annotations

from namgen.checking.capture import Checked, Limits, Null, check
from namgen.checking.earlier import Earlier, earlier

__all__ = ["Checked", "Earlier", "Limits", "Null", "check", "earlier"]
