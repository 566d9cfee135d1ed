"""The chain stays within its goals in cycles, and a cabinet takes what its plan says."""

from __future__ import annotations

import pytest
from chain_setups import CABINETS, cabinet_plan, emulated, fresh

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from benchmarks.chain import BLOCKS, CHAIN_GOALS, cabinet_cost, chain_cost


@pytest.mark.parametrize("method", CABINETS)
def test_a_cabinet_takes_what_its_plan_says_and_the_rest_its_goal(method: str) -> None:
    """The worst block, everything that can move moving."""
    chain = emulated(cabinet_plan(method))
    fresh(chain)
    cabinet = cabinet_cost(chain).worst
    assert chain.plan.cabinet is not None
    assert cabinet == pytest.approx(chain.plan.cabinet.cycles_per_frame, rel=0.05)
    goal = CHAIN_GOALS[BLOCKS.index(chain.plan.block_frames)]
    assert chain_cost(chain).worst <= goal + cabinet + 1
    fresh(chain)
