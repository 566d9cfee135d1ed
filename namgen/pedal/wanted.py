"""A pedal as somebody wants it: what a `pedal.toml`, or the options of `namgen build`, say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from namgen.pedal_boards import PedalBoard
from namgen.selection.wanted import ANYTHING, Wanted


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture of the pedal."""

    path: Path
    title: str  # as players call it
    trim_db: float = 0.0  # added to its level, beside what brings captures to one loudness
    ir: Path | None = None  # None: no cabinet
    bank: int | None = None  # counted from 1; None: captures are spread over the banks in order
    wanted: Wanted = ANYTHING


@dataclass(frozen=True, slots=True)
class Cabinets:
    """How impulse responses are made of their files."""

    taps: int | None = None  # None: the fewest that keep the response
    minimum_phase: bool = False


@dataclass(frozen=True, slots=True)
class PedalWanted:
    """All captures, and what is around them; what it is made for is an `Order`."""

    captures: tuple[Capture, ...]
    board: PedalBoard  # its controls do what this pedal wants them to
    name: str | None = None  # in C, and of the folder; None: made from the first capture's file
    positions: Mapping[str, float] = field(default_factory=dict)  # of parameters, at first
    cabinets: Cabinets = Cabinets()
    normalize: bool = True
    calibrate: bool = True
    bypass_idle: bool = False  # the model rests while bypassed, and forgets
