"""Histories that share a ring: one copy of a block, and never a frame of one another."""

from __future__ import annotations

import numpy as np
import pytest
from generated_c import need, reference_output
from small_networks import Weights, signal

from benchmarks.models import a2
from host_sim.engines import HostEngine
from namgen import ir
from namgen.ir import Model
from namgen.plan import Plan
from namgen.plan.layouts.frame_major.storage import FrameMajorStorage, Ring
from namgen.selection.plans import plan_model
from namgen.targets import load_target

DAISY = load_target("daisy")
BLOCK = 8
RINGS = [(1, 1), (2, 3), (3, 2)]
"""Channels and windows of the rings of `with_many_rings`: the input has one too."""


def with_many_rings() -> Model:
    """Two arrays of 3 and 2 channels whose layers reach back more than two blocks."""
    w = Weights(31)
    wide, narrow = (
        tuple(w.layer(channels, kernel=3, dilation=d) for d in (9, 23, 1, 40))
        for channels in (3, 2)
    )
    first = ir.LayerArray(w.conv(1, 3, bias=False), wide, w.conv(3, 2))
    second = ir.LayerArray(w.conv(3, 2, bias=False), narrow, w.conv(2, 1))
    return Model("rings", "rings.nam", "0" * 64, 48000, ir.WaveNet(1, (first, second), 0.5))


def planned(channels: int) -> Plan:
    model = Model("m", "m.nam", "0" * 64, 48000, a2(channels))
    return plan_model(model, target=DAISY)


def rings_of(plan: Plan) -> tuple[Ring, ...]:
    assert isinstance(plan.storage, FrameMajorStorage)
    return plan.storage.rings


def test_rings_of_one_width_are_one_array_with_one_copy_of_a_block() -> None:
    plan = planned(3)
    (ring,) = rings_of(plan)
    rings = [history for history in plan.histories if not plan.layout.is_contiguous(history)]
    assert ring.windows == rings
    assert len(rings) > 1
    past = sum(history.lookback for history in rings)
    assert ring.elements == 3 * (past + 48 * len(rings) + 48)
    assert ring.symbol in {buffer.symbol for buffer in plan.buffers}


def test_where_the_fastest_memory_is_too_small_each_ring_has_its_own_place() -> None:
    plan = planned(8)
    assert all(len(ring.windows) == 1 for ring in rings_of(plan))
    assert len({plan.region_of(ring.symbol) for ring in rings_of(plan)}) == 2


@pytest.mark.parametrize("seed", range(3))
def test_calls_of_any_size_around_shared_rings_give_the_bits_of_the_reference(seed: int) -> None:
    need("gcc")
    model = with_many_rings()
    plan = plan_model(model, block_frames=BLOCK)
    assert sorted((ring.channels, len(ring.windows)) for ring in rings_of(plan)) == RINGS
    longest = max(ring.frames for ring in rings_of(plan))
    samples = np.ascontiguousarray(signal(10 * longest, seed=seed).T)
    cuts = np.cumsum(np.random.default_rng(seed).integers(1, 3 * BLOCK, len(samples)))
    engine = HostEngine(plan)
    calls = np.split(samples, cuts[cuts < len(samples)])
    found = np.concatenate([engine.process(call) for call in calls])
    assert found.tobytes() == reference_output(model, samples).tobytes()
