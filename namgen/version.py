"""The version of namgen and of the format it follows, as `--version` shows them."""

from __future__ import annotations

VERSION = "0.2.0"

NAM_CORE = "NAM Core 0.6.0, 18 September 2026"
"""The release whose meaning of a `.nam` file is followed; no other place names one."""
