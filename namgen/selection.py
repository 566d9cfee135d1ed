"""Chooses what to take of a file for a target, by one rule for every command, and says why.

The rule looks at static facts only: memory and the static estimate of the cost. So it is the same
on every machine, whatever is installed there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from namgen.arithmetic import F32
from namgen.blocks import DEFAULT_BLOCK_FRAMES
from namgen.errors import BudgetError, UnsupportedError
from namgen.fixed.ir import IntegerNetwork
from namgen.fixed.reference import FixedReference
from namgen.ir import Model, Network
from namgen.lower import lower
from namgen.lower.container import submodels
from namgen.measures import convolutions, lstm_cells, macs
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.packages import package_of
from namgen.passes.fold import fold
from namgen.plan import Plan, SelfTest, plan
from namgen.plan.fixed import FixedPlan, plan_fixed
from namgen.plan.layouts.tilings import Tilings
from namgen.plan.placement import check_room
from namgen.prediction import Prediction
from namgen.reference import cold, respond, settled
from namgen.reference.float32 import sanitize
from namgen.start_state import Settled
from namgen.targets import Target

Start: TypeAlias = Literal["settled", "cold"]

PlanAs: TypeAlias = "Callable[[Model, Order], Selection]"

LARGEST_THAT_FITS = "largest-that-fits"
"""The default choice among a container's submodels."""

_SELF_TEST_FRAMES = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants of a file."""

    submodel: str = LARGEST_THAT_FITS  # or as `lower` takes it
    slim: float | None = None  # instead of `submodel`, the ratio by which NAM selects a width
    tanh: str = "exact"  # or "fast"
    name: str | None = None  # of the model in C; None: made from the file's name

    def lower(self, file: NamFile, submodel: str, order: Order) -> Model:
        """Lower a submodel in this way, at the rate it will run at."""
        return lower(
            file,
            submodel=submodel,
            slim=self.slim,
            name=self.name,
            tanh=self.tanh,
            rate_hz=order.target.only_rate_hz,
        )


ANYTHING = Wanted()
"""What is taken where nobody says what."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What became of one submodel of a container."""

    submodel: str
    taken: bool
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The model to build, its plan, and how it was found."""

    model: Model
    plan: Plan
    prediction: Prediction | None  # None: the target has no budget of cycles
    submodel: str = "full"  # as `lower` takes it
    choices: tuple[Choice, ...] = ()  # empty for files that are no containers

    @property
    def keeps_up(self) -> bool:
        """Whether the model is expected to run in real time."""
        return self.prediction is None or self.prediction.keeps_up

    @property
    def is_hopeless(self) -> bool:
        """Whether the model is far over the budget."""
        return self.prediction is not None and self.prediction.is_hopeless


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What is taken of a file."""

    model: Model
    submodel: str  # as `lower` takes it
    choices: tuple[Choice, ...] = ()  # empty where there was no choice
    fits: bool = True  # its arrays, as far as the choice had to find out


def choose(file: NamFile, order: Order, wanted: Wanted = ANYTHING) -> Chosen:
    """Take a submodel and lower it: the one rule of every command.

    A container's submodels are tried from the largest down; the first that fits the memory and
    keeps up, by the upper edge of the static estimate, is taken. When none keeps up, it is the
    smallest that fits the memory; when none fits, the smallest. A `submodel` or `slim` that
    is wanted is taken as it is.

    Raises:
        UnsupportedError: the file does not offer the choice.

    """
    by_size = wanted.submodel == LARGEST_THAT_FITS
    if by_size and wanted.slim is None and len(submodels(file)) > 1:
        return _largest_that_fits(file, order, wanted)
    asked = "full" if by_size else wanted.submodel
    return Chosen(wanted.lower(file, asked, order), asked)


def select(
    file: NamFile,
    order: Order,
    wanted: Wanted = ANYTHING,
    *,
    plan_as: PlanAs | None = None,
) -> Selection:
    """Choose as `choose` does, and plan the C for the order, `planned` or `sketched`.

    Raises:
        UnsupportedError: the file does not offer the choice.
        BudgetError: what is chosen does not fit the target's memory.

    """
    found = choose(file, order, wanted)
    if not found.fits:
        lines = (f"{file.name}: submodel {c.submodel}: {c.reason}" for c in found.choices)
        raise BudgetError(*lines)
    made = (plan_as or planned)(found.model, order)
    return replace(made, submodel=found.submodel, choices=found.choices)


def planned(model: Model, order: Order) -> Selection:
    """Plan a model for an order, with the static estimate of its cost.

    Raises:
        BudgetError: the arrays do not fit the target's memories.

    """
    made = plan_model(model, target=order.target, block_frames=order.block_frames)
    return Selection(model, made, package_of(order.target).predict(made, order))


def sketched(model: Model, order: Order) -> Selection:
    """Plan as `planned` does, but from zero histories: the same sizes, places and estimate.

    What endless silence leads to is not computed: that takes seconds for some networks, and only
    numbers in the C depend on it. What cannot fit is refused before a plan is made.

    Raises:
        BudgetError: the arrays do not fit the target's memories.

    """
    check_room(model.network, order.target.board)
    made = plan_model(model, target=order.target, block_frames=order.block_frames, start="cold")
    return Selection(model, made, package_of(order.target).predict(made, order))


def plan_model(
    model: Model,
    *,
    target: Target | None = None,
    block_frames: int = DEFAULT_BLOCK_FRAMES,
    start: Start = "settled",
    tilings: Tilings | None = None,
    loaded: bool = False,
) -> Plan:
    """Plan the C of a model; the reference computes the state it starts from.

    Args:
        model: what `lower` returned.
        target: where the C will run; without one, no memory is chosen.
        block_frames: the size of block the C is laid out for, 1 to 256.
        start: "settled", the response to endless silence, or "cold", zero histories.
        tilings: how known shapes of sums are cut up; when not given, as measured for the target.
        loaded: whether the capture's numbers are loaded rather than part of the C.

    Raises:
        UnsupportedError: for a block size out of range, or a network whose silence or folded
            weights overflow.
        BudgetError: the arrays do not fit the target's memories.

    """
    state = settled(model.network) if start == "settled" else cold(model.network)
    made = plan(
        model,
        state,
        self_test(model.network, state),
        target=target,
        block_frames=block_frames,
        tilings=tilings,
        loaded=loaded,
    )
    _check_finite(made)
    return made


def plan_integers(
    model: Model,
    network: IntegerNetwork,
    *,
    target: Target | None = None,
    block_frames: int = DEFAULT_BLOCK_FRAMES,
) -> FixedPlan:
    """Plan the C of a model in fixed point; the integer reference computes what it must give.

    Raises:
        UnsupportedError: no kernel computes such a network.
        BudgetError: arrays or code do not fit the target's memories.

    """
    samples = _test_samples(_SELF_TEST_FRAMES)
    out = sanitize(FixedReference(network).process(samples[None]))
    test = SelfTest(samples, out.view(np.uint32).ravel(), _SELF_TEST_FRAMES)
    return plan_fixed(model, network, test, target=target, block_frames=block_frames)


def check_weights(model: Model) -> None:
    """Refuse weights that are too large for float32 once they are folded.

    Raises:
        UnsupportedError: some become infinite.

    """
    net = fold(model.network)
    arrays = [a for c in convolutions(net) for a in (c.weight, c.bias) if a is not None]
    arrays += [a for cell in lstm_cells(net) for a in (cell.weight, cell.bias)]
    if not all(np.isfinite(array).all() for array in arrays):
        raise UnsupportedError(
            f"{model.source}: expected weights that float32 can hold once folded, found infinite "
            "ones; the weights are too large"
        )


def self_test(network: Network, start: Settled) -> SelfTest:
    """Play a few frames, loud and quiet, from the state the C starts from."""
    samples = _test_samples(_SELF_TEST_FRAMES * network.in_channels)
    channels = samples.reshape(_SELF_TEST_FRAMES, network.in_channels).T
    out = sanitize(respond(network, start, np.ascontiguousarray(channels)))
    expected = np.ascontiguousarray(out.T).view(np.uint32).ravel()
    return SelfTest(samples, expected, _SELF_TEST_FRAMES)


def _test_samples(numbers: int) -> F32:
    """Loud and quiet samples in no order."""
    count = np.arange(numbers)
    samples: F32 = ((count * (29 * count + 17) % 65 - 32) / 64).astype(np.float32)
    return samples


def _check_finite(made: Plan) -> None:
    """Refuse what no C literal can spell: weights near the largest float32 make infinities."""
    for symbol, values in made.constants():
        if not np.isfinite(values).all():
            raise UnsupportedError(
                f"{made.source}: {symbol}: expected numbers that float32 can hold, found "
                "infinite ones at silence; the weights are too large"
            )


def _largest_that_fits(file: NamFile, order: Order, wanted: Wanted) -> Chosen:
    choices: list[Choice] = []
    slow: Chosen | None = None
    waiting = [str(choice.index) for choice in reversed(submodels(file))]
    while waiting:
        number = waiting.pop(0)
        model = wanted.lower(file, number, order)
        try:
            found = sketched(model, order)
        except BudgetError as error:
            choices.append(Choice(number, taken=False, reason="; ".join(error.lines)))
            continue
        if found.keeps_up:
            choices.append(Choice(number, taken=True, reason=_cost(found)))
            choices += [Choice(n, taken=False, reason="a larger one fits") for n in waiting]
            return Chosen(model, number, tuple(choices))
        slow = Chosen(model, number, ())
        choices.append(Choice(number, taken=False, reason=f"will not keep up: {_cost(found)}"))
    return _smallest(slow or Chosen(model, number, fits=False), choices)


def _smallest(last: Chosen, choices: list[Choice]) -> Chosen:
    """Nothing will do: take the smallest all the same, and say so."""
    told = [
        replace(choice, taken=True, reason=f"the smallest, but: {choice.reason}")
        if choice.submodel == last.submodel
        else choice
        for choice in choices
    ]
    return replace(last, choices=tuple(told))


def _cost(found: Selection) -> str:
    if found.prediction is None:
        return f"{macs(found.model.network):,} multiply-adds a sample; its speed is not known"
    return str(found.prediction)
