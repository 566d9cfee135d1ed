"""How loud a capture is, by what its file says: in the submodel first, then outward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from namgen.lower.container import choose
from namgen.nam_file.types import NamFile, NamModel

Place: TypeAlias = Literal["model", "container"]
"""Where a level stands: with the model that plays, or in a container around it."""


@dataclass(frozen=True, slots=True)
class Level:
    """One stated level."""

    value: float
    place: Place


@dataclass(frozen=True, slots=True)
class Levels:
    """What a file states about the model that plays; None: nothing."""

    loudness_db: Level | None  # RMS of the output for the trainer's own signal
    input_level_dbu: Level | None  # RMS of a 1 kHz sine at the input that peaks at full scale
    output_level_dbu: Level | None  # the same at the output


def levels(file: NamFile, *, submodel: str = "full", slim: float | None = None) -> Levels:
    """Look up the levels of what `lower` takes with the same choices.

    Each by itself: first with the submodel, then in the container around it, and so on outward.
    Of a Sequential only its own count, not those of the models in it.

    Raises `UnsupportedError` for a choice that the file does not offer.
    """
    path = choose(file, submodel=submodel, slim=slim).path
    return Levels(
        loudness_db=_innermost(path, "loudness_db"),
        input_level_dbu=_innermost(path, "input_level_dbu"),
        output_level_dbu=_innermost(path, "output_level_dbu"),
    )


def _innermost(path: tuple[NamModel, ...], name: str) -> Level | None:
    for model in reversed(path):
        value: float | None = getattr(model.metadata, name)
        if value is not None:
            return Level(value, "model" if model is path[-1] else "container")
    return None
