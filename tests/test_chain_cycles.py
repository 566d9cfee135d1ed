"""The chain stays within its goals in cycles, and a cabinet takes what its plan says."""

from __future__ import annotations

import pytest
from chain_setups import CABINETS, cabinet_plan, emulated, fresh, plan_of

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from benchmarks.chain import BLOCKS, CHAIN_GOALS, cabinet_cost, chain_cost


@pytest.mark.parametrize("method", CABINETS)
def test_a_cabinet_takes_what_its_plan_says(method: str) -> None:
    """In its worst block."""
    chain = emulated(cabinet_plan(method))
    fresh(chain)
    assert chain.plan.cabinet is not None
    expected = chain.plan.cabinet.cycles_per_frame
    assert cabinet_cost(chain).worst == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("block_frames", [48, 8])
def test_the_chain_without_a_cabinet_keeps_its_goal(block_frames: int) -> None:
    """In its worst block, everything that can move moving."""
    goal = CHAIN_GOALS[BLOCKS.index(block_frames)]
    assert chain_cost(emulated(plan_of(block_frames))).worst <= goal
