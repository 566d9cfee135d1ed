"""Says which convolutions read their taps as one run of memory, whatever the layout."""

from __future__ import annotations

from namgen.ir import Conv1d

WINDOW_ROWS = 2
"""With few rows it pays to load overlapping taps once, and no input is worth spelling out.

With many the weights dominate.
"""


def reads_window(conv: Conv1d) -> bool:
    """Whether the taps of `conv` are read as one run of memory: neighbours, for few rows."""
    return _has_neighbouring_taps(conv) and conv.out_channels <= WINDOW_ROWS


def _has_neighbouring_taps(conv: Conv1d) -> bool:
    """Whether the taps of `conv` read frames side by side, the same ones for every row."""
    return conv.kernel_size > 1 and conv.dilation == 1 and conv.groups == 1
