"""The weights lie as the steps read them; where they do not, nothing is generated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from small_networks import EVERY_NETWORK

from namgen.arithmetic import F32
from namgen.ir import Model
from namgen.plan import Plan, draft
from namgen.plan.operands import BiasOf, CarryOf, Operand, operand_weights
from namgen.plan.stages import KernelStage
from namgen.plan.steps import reads
from namgen.selection.plans import plan_model
from namgen.targets import load_target

HOST = load_target("host")


def planned(network: str, *, planar: bool = False) -> Plan:
    model = Model(network, f"{network}.nam", "0" * 64, 48_000, EVERY_NETWORK[network]())
    return plan_model(model, target=HOST if planar else None, start="cold")


@pytest.mark.parametrize("planar", [False, True], ids=["frame-major", "planar"])
@pytest.mark.parametrize("network", EVERY_NETWORK)
def test_a_call_hands_over_as_many_weights_as_its_kernel_reads(network: str, planar: bool) -> None:
    plan = planned(network, planar=planar)
    kernels = {named.name: named.kernel for named in plan.kernels}
    for stage in plan.stages:
        if isinstance(stage, KernelStage):
            shapes = [shape for step in kernels[stage.kernel].steps for shape in reads(step)]
            given = len(stage.weights.values) if stage.weights else 0
            assert given == sum(int(np.prod(shape)) for shape in shapes), stage.title


def rows_first(operand: Operand, rows: slice) -> F32:
    """As PyTorch stores them."""
    if isinstance(operand, BiasOf | CarryOf):
        return operand_weights(operand, rows)
    return operand.conv.weight[rows]


def inputs_first(operand: Operand, rows: slice) -> F32:
    """Taps and inputs in the other order."""
    found = operand_weights(operand, rows)
    return found if found.ndim == 1 else found.transpose(1, 0, 2)


def biases_forgotten(operand: Operand, rows: slice) -> F32:
    """No bias where the kernel reads one."""
    found = operand_weights(operand, rows)
    return found[:0] if isinstance(operand, BiasOf) else found


@pytest.mark.parametrize("wrong", [rows_first, inputs_first, biases_forgotten])
@pytest.mark.parametrize("planar", [False, True], ids=["frame-major", "planar"])
def test_weights_in_another_order_than_they_are_read_fail_generation(
    wrong: Callable[[Operand, slice], F32], planar: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "operand_weights", wrong)
    with pytest.raises(AssertionError, match="weights: the steps read"):
        planned("everything", planar=planar)


@pytest.mark.parametrize("planar", [False, True], ids=["frame-major", "planar"])
def test_operands_in_another_order_than_they_are_read_fail_generation(
    planar: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "reads", lambda step: reversed([*reads(step)]))
    with pytest.raises(AssertionError, match="weights: the steps read"):
        planned("two_arrays", planar=planar)
