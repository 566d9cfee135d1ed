"""Chooses what to take of a file for a target, by one rule for every command, and says why.

The rule looks at static facts only: memory and the static estimate of the cost. So it is the same
on every machine, whatever is installed there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from namgen.blocks import check_block
from namgen.boards import Boot, Clock
from namgen.errors import BudgetError, UnsupportedError, one_of
from namgen.estimate import estimate
from namgen.ir import Model, Network
from namgen.lower import lower
from namgen.lower.container import submodels
from namgen.measures import convolutions, lstm_cells
from namgen.nam_file.types import NamFile
from namgen.passes.fold import fold
from namgen.plan import Plan, SelfTest, plan
from namgen.plan.layouts.frame_major.cut import Tilings
from namgen.plan.placement import check_room
from namgen.prediction import Budget, Prediction
from namgen.reference import cold, respond, settled
from namgen.reference.float32 import sanitize
from namgen.start_state import Settled
from namgen.targets import Target

Start: TypeAlias = Literal["settled", "cold"]

LARGEST_THAT_FITS = "largest-that-fits"
"""The default choice among a container's submodels."""

_SELF_TEST_FRAMES = 16

LOW_BLOCK_FRAMES = 8
"""Shorter blocks lose much of their time to the transmitter's look-ahead: they are warned about."""

IDLE = ("spin", "sleep")
"""What the processor does between two blocks."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the code is for."""

    target: Target
    clock_hz: int  # 0 where the target's clock is not known
    block_frames: int
    boot: Boot | None = None  # None: the target has no firmware
    idle: str = "spin"  # one of IDLE

    @property
    def budget(self) -> Budget:
        """The time of a block; of a pedal."""
        audio = self.target.pedal.audio
        return Budget(
            self.clock_hz,
            self.block_frames,
            audio.sample_rate_hz,
            audio.transmit_lookahead_frames,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to say about the block size."""
        board = self.target.board
        ahead = board.audio.transmit_lookahead_frames if board else 0
        if not ahead or self.block_frames >= LOW_BLOCK_FRAMES:
            return ()
        left = max(0, self.block_frames - ahead) / self.block_frames
        return (
            f"block: the audio output takes {ahead} frames ahead, {100 * left:.0f} % of the time "
            f"of {self.block_frames} is left; expected {LOW_BLOCK_FRAMES} or more",
        )


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


def make_order(
    target: Target,
    *,
    clock: str | None,
    block_frames: int | None,
    boot: str | None = None,
    idle: str = "spin",
) -> Order:
    """Check the clock (in MHz), the block size and the boot mode; fill in the target's defaults.

    Raises:
        ChoiceError: the target does not run at this clock or start in this way.
        UnsupportedError: the block is out of range; there is no such `idle`, or nothing to idle.

    """
    if idle not in IDLE:
        raise UnsupportedError(f"idle: expected {' or '.join(IDLE)}, found {idle!r}")
    if idle != "spin" and target.board is None:
        raise UnsupportedError(f"target {target.name}: no image can be made for it that could idle")
    frames = target.block_frames if block_frames is None else block_frames
    check_block(frames)
    return Order(target, _clock_hz(target, clock), frames, _boot(target, boot), idle)


def choose(
    file: NamFile,
    order: Order,
    *,
    submodel: str = LARGEST_THAT_FITS,
    slim: float | None = None,
    name: str | None = None,
    tanh: str = "exact",
) -> Chosen:
    """Take a submodel and lower it: the one rule of every command.

    A container's submodels are tried from the largest down; the first that fits the memory and
    keeps up, by the upper edge of the static estimate, is taken. When none keeps up, it is the
    smallest that fits the memory; when none fits, the smallest. `submodel` or `slim` choose by
    themselves.

    Raises:
        UnsupportedError: the file does not offer the choice.

    """
    if submodel == LARGEST_THAT_FITS and slim is None and len(submodels(file)) > 1:
        return _largest_that_fits(file, order, name=name, tanh=tanh)
    asked = "full" if submodel == LARGEST_THAT_FITS else submodel
    model = lower(
        file, submodel=asked, slim=slim, name=name, tanh=tanh, rate_hz=order.target.only_rate_hz
    )
    return Chosen(model, asked)


def select(
    file: NamFile,
    order: Order,
    *,
    submodel: str = LARGEST_THAT_FITS,
    slim: float | None = None,
    name: str | None = None,
    tanh: str = "exact",
) -> Selection:
    """Choose as `choose` does, and plan the C for the order.

    Raises:
        UnsupportedError: the file does not offer the choice.
        BudgetError: what is chosen does not fit the target's memory.

    """
    found = choose(file, order, submodel=submodel, slim=slim, name=name, tanh=tanh)
    if not found.fits:
        lines = (f"{file.name}: submodel {c.submodel}: {c.reason}" for c in found.choices)
        raise BudgetError(*lines)
    made = planned(found.model, order)
    return replace(made, submodel=found.submodel, choices=found.choices)


def check_playable(selection: Selection, order: Order) -> None:
    """Refuse what a pedal cannot play at all; targets without firmware take everything.

    Raises:
        UnsupportedError: the model has several inputs or outputs, or another sample rate.

    """
    made, model, board = selection.plan, selection.model, order.target.board
    if board is None:
        return
    if (made.in_channels, made.out_channels) != (1, 1):
        raise UnsupportedError(
            f"{model.source}: the pedal plays models with 1 input and 1 output, found "
            f"{made.in_channels} and {made.out_channels}; target host gives its C"
        )
    if model.sample_rate_hz != board.audio.sample_rate_hz:
        raise UnsupportedError(
            f"{model.source}: {board.title} runs at {board.audio.sample_rate_hz} Hz, the model at "
            f"{model.sample_rate_hz} Hz; target host gives its C"
        )


def planned(model: Model, order: Order) -> Selection:
    """Plan a model for an order, with the static estimate of its cost.

    Raises:
        BudgetError: the arrays do not fit the target's memories.

    """
    made = plan_model(model, target=order.target, block_frames=order.block_frames)
    return Selection(model, made, _prediction(made, order))


def sketched(model: Model, order: Order) -> Selection:
    """Plan as `planned` does, but from zero histories: the same sizes, places and estimate.

    What endless silence leads to is not computed: that takes seconds for some networks, and only
    numbers in the C depend on it. What cannot fit is refused before a plan is made.

    Raises:
        BudgetError: the arrays do not fit the target's memories.

    """
    check_room(model.network, order.target.board)
    made = plan_model(model, target=order.target, block_frames=order.block_frames, start="cold")
    return Selection(model, made, _prediction(made, order))


def plan_model(
    model: Model,
    *,
    target: Target | None = None,
    block_frames: int = 48,
    start: Start = "settled",
    tilings: Tilings | None = None,
) -> Plan:
    """Plan the C of a model; the reference computes the state it starts from.

    Args:
        model: what `lower` returned.
        target: where the C will run; without one, no memory is chosen.
        block_frames: the size of block the C is laid out for, 1 to 256.
        start: "settled", the response to endless silence, or "cold", zero histories.
        tilings: how known shapes of sums are cut up; when not given, as measured for the target.

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
    )
    _check_finite(made)
    return made


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
    count = np.arange(_SELF_TEST_FRAMES * network.in_channels)
    samples = ((count * (29 * count + 17) % 65 - 32) / 64).astype(np.float32)
    channels = samples.reshape(_SELF_TEST_FRAMES, network.in_channels).T
    out = sanitize(respond(network, start, np.ascontiguousarray(channels)))
    expected = np.ascontiguousarray(out.T).view(np.uint32).ravel()
    return SelfTest(samples, expected, _SELF_TEST_FRAMES)


def _check_finite(made: Plan) -> None:
    """Refuse what no C literal can spell: weights near the largest float32 make infinities."""
    for symbol, values in made.constants():
        if not np.isfinite(values).all():
            raise UnsupportedError(
                f"{made.source}: {symbol}: expected numbers that float32 can hold, found "
                "infinite ones at silence; the weights are too large"
            )


def _prediction(made: Plan, order: Order) -> Prediction | None:
    board = order.target.board
    return estimate(made, board, order.budget) if board else None


def _boot(target: Target, name: str | None) -> Boot | None:
    if name is not None:
        return target.pedal.boot(name)
    return target.board.boots[0] if target.board else None


def _clock_hz(target: Target, megahertz: str | None) -> int:
    clock = target.board.clock if target.board else Clock(0, ())
    if megahertz is None:
        return clock.default_hz
    offered = {str(hz // 1_000_000): hz for hz in clock.options_hz}
    return offered[one_of(f"target {target.name}: clock in MHz", megahertz, offered)]


def _largest_that_fits(file: NamFile, order: Order, *, name: str | None, tanh: str) -> Chosen:
    choices: list[Choice] = []
    slow: Chosen | None = None
    waiting = [str(choice.index) for choice in reversed(submodels(file))]
    while waiting:
        number = waiting.pop(0)
        rate_hz = order.target.only_rate_hz
        model = lower(file, submodel=number, name=name, tanh=tanh, rate_hz=rate_hz)
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
    return "fits" if found.prediction is None else str(found.prediction)
