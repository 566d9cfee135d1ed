"""What a file says about its capture: everything optional, little of it checked by anyone."""

from __future__ import annotations

import datetime
import math

from namgen.nam_file.json_text import printable
from namgen.nam_file.limits import MAX_TEXT
from namgen.nam_file.node import FLOAT32_LIMIT, Node, describe
from namgen.nam_file.types import Metadata


def read_metadata(node: Node) -> Metadata:
    """Read `metadata`: what is odd in it is left out, with a warning where NAM Core looks at it.

    Nothing in it is a problem: it does not change what the model computes.
    """
    if not node.absent and not isinstance(node.value, dict):
        node.report.warn(node.path, f"expected an object, found {describe(node.value)}; ignored")
    return Metadata(
        name=_text(node["name"]),
        modeled_by=_text(node["modeled_by"]),
        gear_make=_text(node["gear_make"]),
        gear_model=_text(node["gear_model"]),
        gear_type=_text(node["gear_type"]),
        tone_type=_text(node["tone_type"]),
        date=_date(node["date"]),
        loudness_db=_level(node["loudness"]),
        gain=_number(node["gain"]),
        input_level_dbu=_level(node["input_level_dbu"]),
        output_level_dbu=_level(node["output_level_dbu"]),
        validation_esr=_number(node["training"]["validation_esr"]),
    )


def _level(node: Node) -> float | None:
    level = _number(node)
    if level is not None and abs(level) < FLOAT32_LIMIT:
        return level
    if not node.absent:
        node.report.warn(node.path, f"expected a number, found {describe(node.value)}; ignored")
    return None


def _number(node: Node) -> float | None:
    value = node.value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None


def _text(node: Node) -> str | None:
    """One printable line, or None."""
    if not isinstance(node.value, str):
        return None
    text = printable(node.value[:MAX_TEXT])
    return text if len(node.value) <= MAX_TEXT else text + "..."


def _date(node: Node) -> str | None:
    """ISO 8601, when the six numbers make a date."""
    parts = [node[key].value for key in ("year", "month", "day", "hour", "minute", "second")]
    numbers = [part for part in parts if isinstance(part, int) and not isinstance(part, bool)]
    try:
        return datetime.datetime(*numbers).isoformat() if len(numbers) == len(parts) else None  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None
