"""How captures suit targets: what would be taken of them, and what of a target that takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from namgen.boards import Board
from namgen.errors import NamgenError
from namgen.fixed.model import FixedModel, precision_of
from namgen.fixed.precision import Precision
from namgen.fixed.quality import Quality
from namgen.ir import Model
from namgen.lower.container import submodels
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.packages import bytes_in, package_of
from namgen.prediction import Prediction
from namgen.progress import Progress, silent
from namgen.selection.choosing import choose, select
from namgen.selection.found import Selection
from namgen.selection.plans import check_weights, sketched
from namgen.selection.wanted import ANYTHING, Wanted


@dataclass(frozen=True, slots=True)
class Use:
    """What is taken of one of a target's memories, as the plan has it; nothing was compiled."""

    region: str
    model_bytes: int
    reserved_bytes: int  # kept for what the target says
    reserved_for: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model suits a target."""

    target: str
    fits: bool  # in memory, and in the time between two samples
    reason: str
    memory: tuple[Use, ...] = ()  # none where it is not placed, or does not fit
    arrays_bytes: int = 0  # weights and all that is remembered; 0: not planned
    submodel: str | None = None  # that is taken; None: the file is no container, or none fits
    precision: Precision | None = None  # that is taken; None: it does not fit
    share: float | None = None  # of the processor, 1.0 being all of it; None: not predicted
    clock_hz: int = 0  # that it is a share of; 0: not known
    quality: Quality | None = None  # of integers
    unheard: str = ""  # why a recording changes nothing; empty: it does, or there is none


@dataclass(frozen=True, slots=True)
class FileFits:
    """How one capture suits some targets."""

    file: str
    fits: tuple[Fit, ...]


def fits_of(
    file: NamFile,
    orders: Iterable[Order],
    wanted: Wanted = ANYTHING,
    *,
    progress: Progress = silent,
) -> FileFits:
    """Say how a capture suits what each order is for; nothing is compiled."""
    return FileFits(file.name, tuple(fit_for(file, order, wanted, progress) for order in orders))


def fit_for(file: NamFile, order: Order, wanted: Wanted, progress: Progress = silent) -> Fit:
    """Say how what would be taken of a file suits the target of an order."""
    try:
        if not order.target.has_limits:
            return _by_size(file, order, wanted, progress)
        return _by_plan(file, order, wanted, progress)
    except NamgenError as error:
        told = (line.removeprefix(f"{file.name}: ") for line in error.lines)
        return Fit(order.target.spoken, fits=False, reason="; ".join(told))


def _by_size(file: NamFile, order: Order, wanted: Wanted, progress: Progress) -> Fit:
    """Look at what has no limits that are known."""
    chosen = choose(file, order, wanted, progress=progress)
    check_weights(chosen.model)
    return Fit(
        order.target.spoken,
        fits=True,
        reason=f"no limits are known{_change(chosen.model)}",
        submodel=_of_container(file, chosen.submodel),
        precision=precision_of(chosen.model),
        quality=_quality(chosen.model),
        unheard=chosen.unheard,
    )


def _by_plan(file: NamFile, order: Order, wanted: Wanted, progress: Progress) -> Fit:
    """Look at what there is room and time for."""
    found = select(file, order, wanted, plan_as=sketched, progress=progress)
    package_of(order.target).check(found.model, found.plan)
    cost = found.prediction
    return Fit(
        order.target.spoken,
        fits=found.keeps_up,
        reason=f"{_told(cost)}{_change(found.model)}",
        memory=tuple(_memory(found, order.target.board)),
        arrays_bytes=sum(buffer.size_bytes for buffer in found.plan.buffers),
        submodel=_of_container(file, found.submodel),
        precision=found.precision,
        share=None if cost is None else cost.share,
        clock_hz=order.clock_hz if cost is None else cost.budget.clock_hz,
        quality=_quality(found.model),
        unheard=found.unheard,
    )


def _told(cost: Prediction | None) -> str:
    return "no limits are known" if cost is None else str(cost)


def _of_container(file: NamFile, submodel: str) -> str | None:
    """Name a submodel by its number, where there are several."""
    numbers = [str(choice.index) for choice in submodels(file)]
    return {"lite": numbers[0], "full": numbers[-1]}.get(submodel, submodel) if numbers else None


def _change(model: Model) -> str:
    """Say what was changed for a target's rate."""
    if model.resampled_from_hz is None:
        return ""
    return f", taps resampled to {model.sample_rate_hz} Hz"


def _quality(model: Model) -> Quality | None:
    """Say how true integers are."""
    return model.quality if isinstance(model, FixedModel) else None


def _memory(found: Selection, board: Board | None) -> Iterator[Use]:
    """Yield what is taken of the memories of a board, where there is one."""
    if board is None:
        return
    for name in board.model_regions:
        used = bytes_in(name, found.plan)
        region = board.region(name)
        if used:
            yield Use(name, used, region.reserved_bytes, region.reserved_for, region.size_bytes)
