"""How long an audio block may be, for every part of namgen."""

from __future__ import annotations

from namgen.errors import UnsupportedError

MAX_BLOCK_FRAMES = 256
"""The longest; `firmware/pedal/pedal.h` refuses longer ones too."""

DEFAULT_BLOCK_FRAMES = 48
"""Where neither somebody nor a target says otherwise."""


def check_block(frames: int) -> None:
    """Refuse a size of block nobody can ask for.

    Raises:
        UnsupportedError: it is out of range.

    """
    if not 1 <= frames <= MAX_BLOCK_FRAMES:
        raise UnsupportedError(f"block: expected 1 to {MAX_BLOCK_FRAMES} frames, found {frames}")
