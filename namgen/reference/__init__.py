"""The definition of correct: NumPy, one operation per C operation."""

from __future__ import annotations

from namgen.reference.cold import cold
from namgen.reference.networks import Reference, respond, settled

__all__ = ["Reference", "cold", "respond", "settled"]
