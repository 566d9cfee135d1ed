"""The version of namgen, as generated files and `--version` show it."""

from __future__ import annotations

VERSION = "0.2.0"
