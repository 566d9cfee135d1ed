"""Several captures in one pedal: engines that captures of one shape share, and what loads them."""

from __future__ import annotations

from namgen.captures.emit import emit_captures
from namgen.captures.plan import (
    Captures,
    Engine,
    PlannedCapture,
    laid_out_for,
    plan_captures,
)

__all__ = ["Captures", "Engine", "PlannedCapture", "emit_captures", "laid_out_for", "plan_captures"]
