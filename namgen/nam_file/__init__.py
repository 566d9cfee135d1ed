"""Reads a `.nam` file: every problem found in one pass, nothing built from a file with one."""

from __future__ import annotations

from namgen.nam_file.reader import read

__all__ = ["read"]
