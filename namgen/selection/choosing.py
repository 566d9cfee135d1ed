"""Chooses what to take of a file for a target, by one rule for every command, and says why.

The rule looks at static facts only: memory, the static estimate of the cost, and in fixed point
the error. So it is the same on every machine, whatever is installed there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TypeAlias

from namgen.errors import BudgetError, UnsupportedError
from namgen.fixed.model import FixedModel, in_fixed_point
from namgen.fixed.precision import AUTO, FIXED_PRECISIONS, FLOAT32, PRECISIONS, Precision
from namgen.ir import Model
from namgen.lower.container import submodels
from namgen.measures import macs
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.plan.placement import check_room
from namgen.progress import Progress, silent
from namgen.selection.found import Choice, Selection
from namgen.selection.plans import planned, sketched
from namgen.selection.recording import Recording
from namgen.selection.wanted import ANYTHING, LARGEST_THAT_FITS, Wanted, less_asked

PlanAs: TypeAlias = Callable[[Model, Order], Selection]

_Way: TypeAlias = tuple[str, Precision]  # a submodel as `lower` takes it, and a precision


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What is taken of a file."""

    model: Model
    submodel: str  # as `lower` takes it
    choices: tuple[Choice, ...] = ()  # empty where there was no choice
    fits: bool = True  # its arrays, as far as the choice had to find out
    sketch: Selection | None = None  # of the model, where the choice needed one
    unheard: str = ""  # as in `Selection`


def choose(
    file: NamFile, order: Order, wanted: Wanted = ANYTHING, *, progress: Progress = silent
) -> Chosen:
    """Take a submodel in a precision and lower it: the one rule of every command.

    A container's submodels are tried from the largest down, each in the most exact precision
    first; the first that fits the memory and keeps up, by the upper edge of the static estimate, is
    taken. When none keeps up, it is the smallest that fits the memory; when none fits, the
    smallest. A `submodel`, a `slim` or a precision that is wanted is taken as it is. Without a
    budget of cycles float32 keeps up.

    Raises:
        UnsupportedError: the file does not offer the choice.

    """
    found = _chosen(file, order, wanted, progress)
    return replace(found, unheard=_unheard(found.model, wanted.recording))


def _chosen(file: NamFile, order: Order, wanted: Wanted, progress: Progress) -> Chosen:
    numbers, precisions = _numbers(file, wanted), _precisions(wanted, order)
    if len(numbers) == len(precisions) == 1:
        model = wanted.lower(file, numbers[0], order)
        made = in_precision(model, precisions[0], progress, recording=wanted.recording)
        return Chosen(made, numbers[0])
    search = _Search(file, order, wanted, numbers, precisions, progress)
    for way in product(numbers, precisions):
        if search.keeps_up(way):
            return search.taken(way)
    return search.smallest()


def select(
    file: NamFile,
    order: Order,
    wanted: Wanted = ANYTHING,
    *,
    plan_as: PlanAs = planned,
    progress: Progress = silent,
) -> Selection:
    """Choose as `choose` does, and plan the C for the order, `planned` or `sketched`.

    Raises:
        UnsupportedError: the file does not offer the choice.
        BudgetError: what is chosen does not fit the target's memory.

    """
    found = choose(file, order, wanted, progress=progress)
    if not found.fits:
        told = (f"{file.name}: {c.way}: {c.reason}" for c in found.choices)
        raise BudgetError(*told, *_ways_out(found.model, order, wanted))
    if found.sketch and plan_as is sketched:
        made = found.sketch
    else:
        made = _planned(found.model, order, wanted, plan_as)
    return replace(made, submodel=found.submodel, choices=found.choices, unheard=found.unheard)


def _planned(model: Model, order: Order, wanted: Wanted, plan_as: PlanAs) -> Selection:
    """Plan; where a model does not fit, say what would.

    Raises:
        BudgetError: it does not fit.

    """
    try:
        return plan_as(model, order)
    except BudgetError as error:
        raise BudgetError(*error.lines, *_ways_out(model, order, wanted)) from error


def _ways_out(model: Model, order: Order, wanted: Wanted) -> Iterator[str]:
    """Name what holds a model and keeps up: other ways to start, or less to ask for."""
    roomier = [
        f"--app {boot.name}"
        for boot in (order.target.pedal.boots if order.target.framework else ())
        if _would_do(model, replace(order, target=order.target.started(boot), boot=boot))
    ]
    if roomier:
        yield f"{' or '.join(roomier)} holds it"
    if told := less_asked([(wanted, model)]):
        yield told


def _would_do(model: Model, order: Order) -> bool:
    try:
        return sketched(model, order).keeps_up
    except BudgetError:
        return False


def _numbers(file: NamFile, wanted: Wanted) -> tuple[str, ...]:
    """Return what may be tried of a container, from the largest down, as `lower` takes it."""
    if wanted.submodel != LARGEST_THAT_FITS:
        return (wanted.submodel,)
    found = submodels(file) if wanted.slim is None else ()
    return tuple(str(choice.index) for choice in reversed(found)) if len(found) > 1 else ("full",)


def _precisions(wanted: Wanted, order: Order) -> tuple[Precision, ...]:
    """Return what may be tried, the most exact first.

    Raises:
        UnsupportedError: integers are wanted where their kernels have no memory to run in.

    """
    board, places_code = order.target.board, order.target.places_code
    if wanted.precision != AUTO:
        if wanted.precision != FLOAT32 and board is not None and not places_code:
            raise UnsupportedError(
                f"target {order.target.name}: precision: expected {FLOAT32}, found "
                f"{wanted.precision}; kernels of integers run from instruction memory, and nothing "
                "puts code there"
            )
        return (wanted.precision,)
    return PRECISIONS[1:] if places_code else (FLOAT32,)


def in_precision(
    model: Model,
    precision: Precision,
    progress: Progress = silent,
    *,
    recording: Recording | None = None,
) -> Model:
    """Return a lowered model in a precision, which is not "auto"; in integers for a recording.

    Raises:
        UnsupportedError: its network has what fixed point has not.

    """
    for fixed in FIXED_PRECISIONS:
        if precision == fixed:
            progress(f"finding integers for {model.source}, {precision}")
            if recording is None:
                return in_fixed_point(model, fixed)
            played = recording.at(model.sample_rate_hz)
            made = in_fixed_point(model, fixed, calibration=played)
            heard = (f"calibrate {recording.sha256}",) if made.listens else ()
            return replace(made, options=(*made.options, *heard))
    return model


def _unheard(model: Model, recording: Recording | None) -> str:
    """Say why a recording changes nothing; empty where it does, or where there is none."""
    told = ""
    if not isinstance(model, FixedModel):
        told = "float32 takes nothing from it"
    elif not model.listens:
        told = "of tanh, fixed32 follows from bounds alone"
    return f"the recording is not used: {recording.name}: {told}" if recording and told else ""


@dataclass(slots=True, eq=False)
class _Search:
    """Tries one way after the other; a way is a submodel in a precision."""

    file: NamFile
    order: Order
    wanted: Wanted
    numbers: tuple[str, ...]
    precisions: tuple[Precision, ...]
    progress: Progress
    told: dict[_Way, str] = field(default_factory=dict)
    fitting: dict[_Way, Selection] = field(default_factory=dict)  # the memory

    def keeps_up(self, way: _Way) -> bool:
        """Try a way."""
        try:
            found = self._sketched(way)
        except (BudgetError, UnsupportedError) as error:
            if isinstance(error, UnsupportedError) and len(self.precisions) == 1:
                raise
            mine = f"{self.file.name}: "  # which whoever tells the choices says once
            self.told[way] = "; ".join(line.removeprefix(mine) for line in error.lines)
            return False
        self.fitting[way], self.told[way] = found, _cost(found)
        if found.fixed and not found.fixed.is_true and len(self.precisions) > 1:
            self.told[way] = f"not true enough: {found.fixed.quality.normal}"
            return False
        if not found.keeps_up:
            self.told[way] = f"will not keep up: {_cost(found)}"
        return found.keeps_up

    def taken(self, way: _Way) -> Chosen:
        """Return a way that keeps up, with what became of all."""
        number, _ = way
        if len(self.numbers) == len(self.told) == 1:
            return self._chosen(way, ())
        untried = self.numbers[self.numbers.index(number) + 1 :]
        smaller = [self._choice((n, self.precisions[0]), "a larger one fits") for n in untried]
        return self._chosen(way, (*self._choices(way), *smaller))

    def smallest(self) -> Chosen:
        """Nothing will do: take the smallest all the same, and say so."""
        for number, precision in product(reversed(self.numbers), self.precisions):
            way = number, precision
            if way in self.fitting:
                best = "the smallest" if len(self.numbers) > 1 else "the most exact"
                self.told[way] = f"{best}, but: {self.told[way]}"
                return self._chosen(way, tuple(self._choices(way)))
        number = self.numbers[-1]
        model = self.wanted.lower(self.file, number, self.order)
        return Chosen(model, number, tuple(self._choices(None)), fits=False)

    def _chosen(self, way: _Way, choices: tuple[Choice, ...]) -> Chosen:
        sketch = self.fitting[way]
        return Chosen(sketch.model, way[0], choices, sketch=sketch)

    def _sketched(self, way: _Way) -> Selection:
        number, precision = way
        model = self.wanted.lower(self.file, number, self.order)
        if precision != FLOAT32:
            _check_room_and_products(model, precision, self.order)
        made = in_precision(model, precision, self.progress, recording=self.wanted.recording)
        return sketched(made, self.order)

    def _choices(self, taken: _Way | None) -> Iterator[Choice]:
        for way, reason in self.told.items():
            yield self._choice(way, reason, taken=way == taken)

    def _choice(self, way: _Way, reason: str, *, taken: bool = False) -> Choice:
        number, precision = way
        return Choice(number if len(self.numbers) > 1 else None, precision, taken, reason)


def _check_room_and_products(model: Model, precision: Precision, order: Order) -> None:
    """Refuse, before integers are looked for, what can neither fit nor keep up.

    Raises:
        BudgetError: words alone are more than the memory holds; or there are more products than
            cycles: a Cortex-M7 does one of 32 bits in a cycle, or two of 16.

    """
    if not order.clock_hz:
        return
    words = 2 if precision == "fixed16" else 1  # in 32 bits
    check_room(model.network, order.target.board, word_bytes=4 // words)
    budget = order.budget if order.target.board else order.budget_at(model.sample_rate_hz)
    least, there = macs(model.network) // words, budget.cycles // order.block_frames
    if least > there:
        raise BudgetError(
            f"will not keep up: its products alone take {least:,} cycles a sample; "
            f"{there:,} are there"
        )


def _cost(found: Selection) -> str:
    if found.prediction is None:
        return f"{macs(found.model.network):,} multiply-adds a sample; its speed is not known"
    return str(found.prediction)
