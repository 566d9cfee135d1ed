"""Checks one capture."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from namgen.checking.earlier import Earlier
from namgen.errors import NamgenError, ToolError
from namgen.fitting import Fit, fit_for
from namgen.fixed.nulls import null
from namgen.ir import Model
from namgen.levels import levels
from namgen.nam_file import read
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.pedal.loudness import measured_loudness
from namgen.scratch import scratch_folder
from namgen.selection.wanted import ANYTHING, Wanted

Change: TypeAlias = Literal["same", "changed", "new", "not compared"]
"""What became of a capture since a revision."""


_SILENT_DBFS = -200.0
"""Below it nothing is left: the smallest step of float32 at full scale is at -144 dBFS."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a capture may cost, and how much it may have changed; None: anything."""

    load_percent: float | None = None  # of the target's processor
    null_db: float | None = None  # at least so deep with what it was before


@dataclass(frozen=True, slots=True)
class Null:
    """How a capture sounds beside what it was at a revision."""

    since: str  # the revision
    change: Change
    depth_db: float | None = None  # of what has changed; None: nothing sensible to compare
    why: str = ""  # it was not compared


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one capture."""

    file: str  # its path, as it was given
    problems: tuple[str, ...] = ()  # for which it is refused; nothing more is known then
    warnings: tuple[str, ...] = ()
    fit: Fit | None = None
    cycles_per_sample: int | None = None  # predicted
    loudness_db: float | None = None
    loudness_is_stated: bool = False  # by the file; else namgen played its own clip
    null: Null | None = None  # None: there is no earlier state
    failures: tuple[str, ...] = ()  # of the limits, and of the target

    @property
    def passes(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.problems and not self.failures


def check(
    path: Path,
    order: Order,
    *,
    wanted: Wanted = ANYTHING,
    limits: Limits = Limits(),
    before: Earlier | None = None,
) -> Checked:
    """Check the capture at `path` for the target of `order`; nothing is compiled.

    `before` is the state of the repository that its sound is compared with. What is wrong with a
    file is in the result, and raises nothing.
    """
    try:
        return _checked(path, read(path), order, wanted, limits, before)
    except NamgenError as error:
        return Checked(str(path), problems=tuple(_without(f"{path}: ", error.lines)))


def _without(name: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines without the name of the file, which is told beside them."""
    return (line.removeprefix(name) for line in lines)


def _checked(
    path: Path, file: NamFile, order: Order, wanted: Wanted, limits: Limits, before: Earlier | None
) -> Checked:
    fit = fit_for(file, order, wanted)
    taken = replace(wanted, submodel=fit.submodel or _asked(wanted))
    model = taken.lower(file, taken.submodel, order)
    stated = levels(file, submodel=taken.submodel, slim=taken.slim).loudness_db
    found = Checked(
        file=str(path),
        warnings=file.warnings,
        fit=fit,
        cycles_per_sample=_cycles_per_sample(fit, model),
        loudness_db=measured_loudness(model) if stated is None else stated.value,
        loudness_is_stated=stated is not None,
        null=None if before is None else _null(path, model, order, taken, before),
    )
    return replace(found, failures=tuple(_failures(found, limits)))


def _asked(wanted: Wanted) -> str:
    """Name a submodel as `lower` takes it, where none could be chosen."""
    return wanted.submodel if wanted.submodel != ANYTHING.submodel else "full"


def _cycles_per_sample(fit: Fit, model: Model) -> int | None:
    if fit.share is None or not fit.clock_hz:
        return None
    return round(fit.share * fit.clock_hz / model.sample_rate_hz)


def _null(path: Path, model: Model, order: Order, wanted: Wanted, before: Earlier) -> Null:
    """Play a capture, and what it was."""
    try:
        data = before.text_of(path)
    except ToolError as error:
        return Null(before.revision, "not compared", why=error.lines[0])
    if data is None:
        return Null(before.revision, "new")
    if data == path.read_bytes():
        return Null(before.revision, "same")
    try:
        with scratch_folder() as folder:
            (folder / path.name).write_bytes(data)
            earlier = wanted.lower(read(folder / path.name), wanted.submodel, order)
    except NamgenError as error:
        told = f"what it was is refused: {error.lines[0].rpartition(f'{path.name}: ')[2]}"
        return Null(before.revision, "not compared", why=told)
    return _compared(earlier, model, before.revision)


def _compared(earlier: Model, model: Model, revision: str) -> Null:
    if earlier.sample_rate_hz != model.sample_rate_hz:
        told = f"it was at {earlier.sample_rate_hz} Hz, and is at {model.sample_rate_hz} Hz"
        return Null(revision, "not compared", why=told)
    networks = (earlier.network, model.network)
    if any((n.in_channels, n.out_channels) != (1, 1) for n in networks):
        return Null(revision, "not compared", why="it has more than one input or output")
    if pickle.dumps(earlier.network) == pickle.dumps(model.network):
        return Null(revision, "same")
    depth = null(earlier, model)
    is_same = depth.error_dbfs < _SILENT_DBFS
    return Null(revision, "same") if is_same else Null(revision, "changed", round(depth.snr_db, 1))


def _failures(found: Checked, limits: Limits) -> Iterator[str]:
    fit = found.fit
    if fit is not None and not fit.fits:
        yield f"target {fit.target}: {fit.reason}"
    elif fit is not None and fit.share is not None and limits.load_percent is not None:
        load = 100 * fit.share
        if load > limits.load_percent:
            yield f"load: expected at most {limits.load_percent:g} %, found {load:.1f} %"
    if limits.null_db is not None and found.null is not None:
        yield from _changes(found.null, limits.null_db)


def _changes(found: Null, limit_db: float) -> Iterator[str]:
    if found.change == "not compared":
        yield f"null with {found.since}: {found.why}"
    elif found.change == "changed" and found.depth_db is not None and found.depth_db < limit_db:
        depth = f"{found.depth_db:.1f} dB"
        yield f"null with {found.since}: expected at least {limit_db:g} dB, found {depth}"
