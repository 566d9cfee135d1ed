"""What is told of the numbers of what was chosen: what they cost, what there is instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from namgen.fixed.model import FixedModel
from namgen.fixed.nulls import null
from namgen.fixed.precision import FLOAT32
from namgen.fixed.quality import Measured
from namgen.fixed.report import facts
from namgen.lower.container import submodels
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.selection.choosing import Chosen
from namgen.selection.found import Selection
from namgen.selection.wanted import Wanted

Nulls: TypeAlias = Mapping[str, Measured]
"""How deep smaller submodels null against what was chosen, by their numbers."""


def nulls_of(found: Selection | Chosen, file: NamFile, wanted: Wanted, order: Order) -> Nulls:
    """Compare integers with what there is instead of them: the smaller networks of the file."""
    numbers = [str(choice.index) for choice in submodels(file)]
    if not isinstance(found.model, FixedModel) or found.submodel not in numbers:
        return {}
    full = wanted.lower(file, found.submodel, order)
    smaller = numbers[: numbers.index(found.submodel)]
    return {number: null(full, wanted.lower(file, number, order)) for number in smaller}


def precision_lines(found: Selection, nulls: Nulls) -> Iterator[str]:
    """Say what integers cost, why they were taken, and what would change it; nothing of floats."""
    if found.fixed is None:
        return
    quality = found.fixed.quality
    levels = [f"{row.snr_db:.1f} dB" for row in quality.signals if row.held_out][:3]
    silence = "silence is constant" if quality.silence_dbfs is None else "silence is not constant"
    yield (
        f"{found.precision}: integers, {levels[0]} of signal to noise with a guitar, "
        f"{levels[1]} when it is 20 dB softer, {levels[2]} at 40 dB; {silence}"
    )
    for choice in found.choices:
        if choice.submodel in (None, found.submodel) and choice.precision == FLOAT32:
            yield f"float32 is exact, and {choice.reason}"
    for number, depth in nulls.items():
        yield (
            f"--submodel {number} is a smaller network: against this one it nulls "
            f"{depth.snr_db:.1f} dB deep"
        )


def precision_facts(found: Selection, wanted: Wanted, nulls: Nulls) -> dict[str, Any]:
    """Return everything about the numbers as plain values."""
    return {
        "asked": wanted.precision,
        "taken": found.precision,
        "integers": None if found.fixed is None else facts(found.fixed),
        "nulls_db": {number: depth.snr_db for number, depth in nulls.items()},
    }
