"""What a pedal's self-test has measured, as a file, and predictions corrected by it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from namgen.errors import FileError, Problem, UnsupportedError
from namgen.order import Order
from namgen.prediction import Prediction
from namgen.processors.margin import Margin
from namgen.toml_data import as_data, read_table

LADDER = 2
"""The version of the self-test's ladder, of its rungs and of what they are measured by: results of
another are not comparable with today's predictions."""

FAST_SILICON = "V"
"""The chip's revision that runs at more than 400 MHz; all others do not."""
SLOW_HZ = 400_000_000
LEAST_FACTOR, MOST_FACTOR = 0.5, 2.0
"""Beyond these no pedal is a pedal: the file is of something else."""


@dataclass(frozen=True, slots=True)
class RungMeasured:
    """One measurement, in cycles, a call of nothing taken off."""

    predicted: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Correction:
    """Of predictions of one kind of code."""

    factor: float  # of whole blocks, the dearest: measured for predicted
    margin_low: float  # how far single kernels lay from the factor
    margin_high: float

    @property
    def margin(self) -> Margin:
        """Both margins."""
        return Margin(self.margin_low, self.margin_high)

    def problems(self) -> Iterator[Problem]:
        """Yield what no pedal has."""
        if not LEAST_FACTOR <= self.factor <= MOST_FACTOR:
            told = f"expected {LEAST_FACTOR:g} to {MOST_FACTOR:g}, found {self.factor:g}"
            yield Problem("factor", told)
        for name in ("margin_low", "margin_high"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                yield Problem(name, f"expected 0 to 1, found {value:g}")


@dataclass(frozen=True, slots=True)
class MeasuredPedal:
    """The file: a correction for models in floats, and one for those in integers."""

    format: Literal["namgen measured 2"]
    target: str
    silicon: str
    clock_hz: int
    block_frames: int
    toolchain: str
    ladder: int
    build: str
    floats: Correction
    integers: Correction
    rungs: Mapping[str, RungMeasured] = field(default_factory=dict)

    def problems(self) -> Iterator[Problem]:
        """Yield what no self-test writes."""
        if self.ladder != LADDER:
            told = f"expected {LADDER}, found {self.ladder}; measure again with this namgen"
            yield Problem("ladder", told)
        if self.clock_hz > SLOW_HZ and self.silicon != FAST_SILICON:
            yield Problem("silicon", f"expected {FAST_SILICON} above 400 MHz, found {self.silicon}")

    def text(self) -> str:
        """Spell the file."""
        return json.dumps(as_data(self), indent=2) + "\n"

    def check(self, order: Order, path: Path) -> None:
        """Refuse an order that this says nothing about.

        Raises:
            UnsupportedError: it is for another board, clock, or no pedal at all.

        """
        mhz = self.clock_hz // 1_000_000
        if order.target.name != self.target:
            raise UnsupportedError(
                f"{path.name}: measured on {self.target}, and this build is for "
                f"{order.target.name}; its own: namgen selftest --target {order.target.name} -o DIR"
            )
        if order.clock_hz != self.clock_hz:
            wanted = order.clock_hz // 1_000_000
            raise UnsupportedError(
                f"{path.name}: measured at {mhz} MHz, and this build is for {wanted} MHz; build "
                f"with --clock {mhz}, or measure: namgen selftest --clock {wanted} -o DIR"
            )

    def correct(self, prediction: Prediction, *, is_float: bool) -> Prediction:
        """Return what is expected of this very pedal; an estimate was not measured, and stays."""
        if prediction.method != "cycle model":
            return prediction
        own = self.floats if is_float else self.integers
        cycles = round(prediction.cycles_per_block * own.factor)
        return replace(prediction, cycles_per_block=cycles, margin=own.margin, corrected=own.factor)


def read_measured(path: Path) -> MeasuredPedal:
    """Read what `namgen selftest --decode` wrote.

    Raises:
        FileError: it is no such file, with all that is wrong in it.

    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(path.name, [Problem("", error.strerror or str(error))]) from error
    except ValueError as error:
        told = "expected what `namgen selftest --decode` writes, found no JSON"
        raise FileError(path.name, [Problem("", told)]) from error
    if not isinstance(data, dict):
        raise FileError(path.name, [Problem("", "expected an object, found another value")])
    return read_table(path, data, MeasuredPedal)


def measured_facts(measured: MeasuredPedal | None) -> dict[str, Any] | None:
    """Return what a report says of it."""
    if measured is None:
        return None
    return {
        "target": measured.target,
        "silicon": measured.silicon,
        "clock_hz": measured.clock_hz,
        "ladder": measured.ladder,
        "build": measured.build,
        "floats": as_data(measured.floats),
        "integers": as_data(measured.integers),
    }
