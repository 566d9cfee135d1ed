"""What somebody says of a pedal, in a `pedal.toml` or on the command line; None: nothing.

The dataclasses are the schema of the file, and its keys are the names of the options.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Literal, NewType, TypeAlias

from namgen.blocks import MAX_BLOCK_FRAMES
from namgen.chain.blocks import PARAMETERS, Parameter
from namgen.chain.cabinet import MOST_TAPS
from namgen.chain.step import STEP_FRAMES
from namgen.errors import Problem, nearest
from namgen.fixed.precision import Precision
from namgen.naming import is_c_name
from namgen.order import IDLE
from namgen.pedal_boards.controls import Does, Selects, Sets, Turns
from namgen.selection.recording import a_recording, is_recording
from namgen.toml_data import Signed, called, each_of

FileName = NewType("FileName", str)
"""A capture's file, as seen from the folder that the `pedal.toml` is in."""

CabinetName = NewType("CabinetName", str)
"""A file with a cabinet's impulse response, seen from there too."""

RecordingName = NewType("RecordingName", str)
"""A file with a recording of a guitar, seen from there too."""

NO_CABINET: Literal[False] = False

Position: TypeAlias = Signed | str
"""From 0 to 1, as knobs have it, or a level: "-65 dB"."""

Lit = Literal[
    "none",
    "status",
    "bypass",
    "overrun",
    "capture",
    "capture-1",
    "capture-2",
    "capture-3",
    "capture-4",
    "capture-5",
    "capture-6",
    "capture-7",
    "capture-8",
]
"""What an LED shows: as in a board's file; or it is lit while one capture is chosen."""

MOST_TRIM_DB = 40.0
MOST_BANKS = 4

_LEVEL = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*dB\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CaptureSaid:
    """One capture; what it does not say, the pedal does."""

    file: FileName
    name: str | None = None
    trim_db: Signed = field(default=Signed(0.0))
    ir: CabinetName | Literal[False] | None = None
    bank: int | None = None
    submodel: str | int | None = None
    slim: float | None = None
    tanh: Literal["exact", "fast"] | None = None
    precision: Precision | None = None

    def problems(self) -> Iterator[Problem]:
        """Yield numbers that no capture has."""
        return each_of(
            self._trim, self._bank, self._name, partial(_slim, self), partial(_submodel, self)
        )

    def _trim(self) -> Iterator[Problem]:
        if abs(self.trim_db) > MOST_TRIM_DB:
            limits = f"-{MOST_TRIM_DB:g} to {MOST_TRIM_DB:g} dB"
            yield Problem("trim_db", f"expected {limits}, found {self.trim_db:g}")

    def _bank(self) -> Iterator[Problem]:
        if self.bank is not None and not 1 <= self.bank <= MOST_BANKS:
            yield Problem("bank", f"expected 1 to {MOST_BANKS}, found {self.bank}")

    def _name(self) -> Iterator[Problem]:
        if self.name is not None and not (self.name.strip() and self.name.isprintable()):
            yield Problem("name", f"expected a name to read, found {self.name!r}")


@dataclass(frozen=True, slots=True)
class EncoderUse:
    """What an encoder does; None: what the board says."""

    turns: Turns | None = None
    does: Does | None = None


@dataclass(frozen=True, slots=True)
class PedalSaid:
    """A whole pedal."""

    name: str | None = None
    board: str | None = None
    block: int | None = None
    clock: int | None = None
    boot: str | None = None
    idle: str | None = None
    normalize: bool | None = None
    calibrate: RecordingName | bool | None = None
    bypass_idle: bool | None = None
    ir: CabinetName | None = None
    ir_length: int | None = None
    minimum_phase: bool | None = None
    submodel: str | int | None = None
    slim: float | None = None
    tanh: Literal["exact", "fast"] | None = None
    precision: Precision | None = None
    captures: tuple[CaptureSaid, ...] = field(default=(), metadata=called("capture"))
    positions: Mapping[str, Position] = field(default_factory=dict, metadata=called("set"))
    knobs: Mapping[str, Sets] = field(default_factory=dict)
    expressions: Mapping[str, Sets] = field(default_factory=dict)
    footswitches: Mapping[str, Does] = field(default_factory=dict)
    toggles: Mapping[str, Mapping[str, Selects]] = field(default_factory=dict)
    encoders: Mapping[str, EncoderUse] = field(default_factory=dict)
    leds: Mapping[str, Lit] = field(default_factory=dict)

    def problems(self) -> Iterator[Problem]:
        """Yield values that nothing can be done with."""
        return each_of(
            self._name,
            self._block,
            self._taps,
            self._idle,
            self._calibrate,
            self._positions,
            partial(_slim, self),
            partial(_submodel, self),
        )

    def _name(self) -> Iterator[Problem]:
        if self.name is not None and not is_c_name(str(self.name)):
            yield Problem("name", f"expected a name for C, such as my_pedal, found {self.name!r}")

    def _block(self) -> Iterator[Problem]:
        if self.block is not None and (
            self.block % STEP_FRAMES or not STEP_FRAMES <= self.block <= MAX_BLOCK_FRAMES
        ):
            limits = f"a multiple of {STEP_FRAMES} frames up to {MAX_BLOCK_FRAMES}"
            yield Problem("block", f"expected {limits}, found {self.block}")

    def _taps(self) -> Iterator[Problem]:
        if self.ir_length is not None and not 1 <= self.ir_length <= MOST_TAPS:
            yield Problem("ir_length", f"expected 1 to {MOST_TAPS} taps, found {self.ir_length}")

    def _idle(self) -> Iterator[Problem]:
        if self.idle is not None and self.idle not in IDLE:
            yield Problem("idle", f"expected {' or '.join(IDLE)}, found {self.idle!r}")

    def _calibrate(self) -> Iterator[Problem]:
        if isinstance(self.calibrate, str) and not is_recording(self.calibrate):
            yield Problem("calibrate", f"expected true, false or {a_recording(self.calibrate)}")

    def _positions(self) -> Iterator[Problem]:
        return each_of(*(partial(_set, name, value) for name, value in self.positions.items()))

    def over(self, other: PedalSaid) -> PedalSaid:
        """Say the same, and where this says nothing, what the other says."""
        silent = type(self)()
        said: dict[str, Any] = {
            item.name: value
            for item in fields(self)
            if (value := getattr(self, item.name)) != getattr(silent, item.name)
        }
        said["positions"] = {**other.positions, **self.positions}
        return replace(other, **said)


def position_problems(name: str, value: float | str) -> Iterator[str]:
    """Yield what is wrong with a position, or with what is to have it."""
    parameter = PARAMETERS.get(name)
    if parameter is None:
        known = ", ".join(PARAMETERS)
        yield f"expected one of {known}, found {name!r}{nearest(name, PARAMETERS)}"
    elif _position(parameter, value) is None:
        level = f'"{parameter.lowest}" to "{parameter.highest}"'
        yield f"expected a position from 0 to 1, or a level from {level}, found {value!r}"


def position_of(name: str, value: float | str) -> float:
    """Return a position from 0 to 1 that has no problems."""
    found = _position(PARAMETERS[name], value)
    assert found is not None
    return found


def _position(parameter: Parameter, value: float | str) -> float | None:
    """From 0 to 1; None: it is none."""
    if isinstance(value, str):
        level = _LEVEL.fullmatch(value)
        if level is None:
            return None
        span_db = parameter.highest_db - parameter.lowest_db
        value = (float(level[1]) - parameter.lowest_db) / span_db
    return float(value) if 0 <= value <= 1 else None


def _set(name: str, value: float | str) -> Iterator[Problem]:
    yield from (Problem(f"set.{name}", told) for told in position_problems(name, value))


def _slim(said: CaptureSaid | PedalSaid) -> Iterator[Problem]:
    if said.slim is not None and said.slim > 1:
        yield Problem("slim", f"expected a ratio from 0 to 1, found {said.slim:g}")


def _submodel(said: CaptureSaid | PedalSaid) -> Iterator[Problem]:
    if said.submodel is not None and not re.fullmatch(_SUBMODEL, str(said.submodel).lower()):
        expected = "lite, full, largest-that-fits or a number from 1"
        yield Problem("submodel", f"expected {expected}, found {said.submodel!r}")


_SUBMODEL = "lite|full|largest-that-fits|[1-9][0-9]{0,3}"
