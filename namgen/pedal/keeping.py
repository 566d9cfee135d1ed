"""What a pedal keeps when it is off: the captures by which it knows its own record."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from namgen.pedal.sound import Played

MACRO = "PEDAL_KEEPS_CAPTURE"
"""With it the firmware keeps which capture was chosen; its value is `number_of`."""


def number_of(captures: Sequence[Played]) -> int:
    """Return a number, 32 bits, that captures of other files, or in another order, do not have."""
    files = "\n".join(capture.plan.sha256 for capture in captures)
    return zlib.crc32(files.encode("ascii"))
