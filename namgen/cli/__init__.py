"""The commands; the only part of namgen that prints and exits."""

from __future__ import annotations

from namgen.cli.group import main

__all__ = ["main"]
