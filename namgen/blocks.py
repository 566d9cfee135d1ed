"""How long an audio block may be, for every part of namgen."""

from __future__ import annotations

from namgen.errors import UnsupportedError

MAX_BLOCK_FRAMES = 256
"""The longest; `firmware/pedal.h` refuses longer ones too."""


def check_block(frames: int) -> None:
    """Refuse a size of block nobody can ask for.

    Raises:
        UnsupportedError: it is out of range.

    """
    if not 1 <= frames <= MAX_BLOCK_FRAMES:
        raise UnsupportedError(f"block: expected 1 to {MAX_BLOCK_FRAMES} frames, found {frames}")
