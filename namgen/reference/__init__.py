"""The definition of correct: NumPy, one operation per C operation."""

from __future__ import annotations

from namgen.reference.networks import Reference, settled

__all__ = ["Reference", "settled"]
