"""Plans what is chosen, in floats or in integers, with the static estimate of its cost."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from namgen.arithmetic import F32
from namgen.blocks import DEFAULT_BLOCK_FRAMES
from namgen.errors import UnsupportedError, about
from namgen.fixed.model import FixedModel
from namgen.fixed.reference import FixedReference
from namgen.ir import Model, Network
from namgen.measures import convolutions, lstm_cells
from namgen.order import Order
from namgen.packages import package_of
from namgen.passes.fold import fold
from namgen.plan import Plan, SelfTest, plan
from namgen.plan.any_plan import AnyPlan
from namgen.plan.fixed import FixedPlan, plan_fixed
from namgen.plan.layouts.tilings import Tilings
from namgen.plan.placement import check_room
from namgen.reference import cold, respond, settled
from namgen.reference.float32 import sanitize
from namgen.selection.found import Selection
from namgen.start_state import Settled
from namgen.targets import Target

Start: TypeAlias = Literal["settled", "cold"]

_SELF_TEST_FRAMES = 16


def planned(model: Model, order: Order) -> Selection:
    """Plan a model for an order, with the static estimate of its cost.

    Raises:
        UnsupportedError: no kernel computes its integers.
        BudgetError: the arrays do not fit the target's memories.

    """
    made = plan_model(model, target=order.target, block_frames=order.block_frames)
    return _found(model, made, order)


def sketched(model: Model, order: Order) -> Selection:
    """Plan as `planned` does, but from zero histories: the same sizes, places and estimate.

    What endless silence leads to is not computed: that takes seconds for some networks, and only
    numbers in the C depend on it. What cannot fit is refused before a plan is made. Integers rest
    at once: they are planned as they are.

    Raises:
        UnsupportedError: no kernel computes its integers.
        BudgetError: the arrays do not fit the target's memories.

    """
    if isinstance(model, FixedModel):
        return planned(model, order)
    check_room(model.network, order.target.board)
    made = plan_floats(model, target=order.target, block_frames=order.block_frames, start="cold")
    return _found(model, made, order)


def _found(model: Model, made: AnyPlan, order: Order) -> Selection:
    return Selection(model, made, package_of(order.target).predict(model, made, order))


def plan_model(
    model: Model,
    *,
    target: Target | None = None,
    block_frames: int = DEFAULT_BLOCK_FRAMES,
    start: Start = "settled",
) -> AnyPlan:
    """Plan the C of a model, in whichever arithmetic it is.

    Args:
        model: what `lower` or `in_fixed_point` returned.
        target: where the C will run; without one, no memory is chosen.
        block_frames: the size of block the C is laid out for, 1 to 256.
        start: "settled", the response to endless silence, or "cold", zero histories.

    Raises:
        UnsupportedError: as `plan_floats` and `plan_integers`; integers start settled only.
        BudgetError: the arrays do not fit the target's memories.

    """
    if not isinstance(model, FixedModel):
        return plan_floats(model, target=target, block_frames=block_frames, start=start)
    if start != "settled":
        raise UnsupportedError(f"{model.source}: expected integers that start settled, not {start}")
    return plan_integers(model, target=target, block_frames=block_frames)


def plan_floats(
    model: Model,
    *,
    target: Target | None = None,
    block_frames: int = DEFAULT_BLOCK_FRAMES,
    start: Start = "settled",
    tilings: Tilings | None = None,
    loaded: bool = False,
) -> Plan:
    """Plan the C of a model in float32; the reference computes the state it starts from.

    Args:
        model: what `lower` returned; of one in fixed point, what it stands for.
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
    model: FixedModel,
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
    out = sanitize(FixedReference(model.integers).process(samples[None]))
    test = SelfTest(samples, out.view(np.uint32).ravel(), _SELF_TEST_FRAMES)
    with about(model.source):
        return plan_fixed(model, model.integers, test, target=target, block_frames=block_frames)


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
