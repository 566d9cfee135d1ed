"""Both layouts keep every run where no other lies, cut sums into what the processor holds."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from small_networks import EVERY_NETWORK

from benchmarks.models import a2
from namgen.ir import Model
from namgen.plan import Plan
from namgen.plan.layouts import Place
from namgen.plan.layouts.frame_major.storage import FrameMajorStorage
from namgen.plan.layouts.planar.storage import PlanarStorage
from namgen.plan.memory import Run
from namgen.plan.steps import Kernel, Sum
from namgen.processors import load_processor, processor_names, vector_processors
from namgen.selection.plans import plan_model
from namgen.targets import load_target

UNITS = {processor.vector_unit: processor for processor in vector_processors()}
LAYOUTS = ("frame_major", *UNITS)
LINE = 16
"""Elements of a cache line, in which a row of a vector's channels begins."""
NETWORKS = {**EVERY_NETWORK, "a2": lambda: a2(3)}
ALL = {**NETWORKS, "a2_of_8": lambda: a2(8)}


def planned(network: str, layout: str, *, block_frames: int = 20) -> Plan:
    model = Model(network, f"{network}.nam", "0" * 64, 48_000, ALL[network]())
    if layout in UNITS:
        target = load_target(UNITS[layout].name)
        return plan_model(model, target=target, block_frames=block_frames, start="cold")
    return plan_model(model, block_frames=block_frames, start="cold")


def elements_of(plan: Plan) -> dict[str, int]:
    size = plan.parts.arithmetic.element_bytes
    return {buffer.symbol: buffer.size_bytes // size for buffer in plan.buffers}


def frames_moved(plan: Plan, run: Run) -> list[int]:
    """The positions of a run's newest block that lie furthest apart."""
    if isinstance(plan.storage, PlanarStorage):
        return [0, plan.storage.last_newest]
    assert isinstance(plan.storage, FrameMajorStorage)
    ring = plan.storage.ring(run)
    return [0, ring.frames - 1] if ring else [0]


def indices(plan: Plan, place: Place, run: Run, position: int) -> set[int]:
    """Every element of a block, as `Place` promises."""
    first = place.offset + (position if place.position else 0) * place.frame_stride
    return {
        first + frame * place.frame_stride + channel * place.channel_stride
        for frame in range(plan.padded_frames)
        for channel in range(run.channels)
    }


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("network", NETWORKS)
def test_every_block_lies_in_its_array_and_no_two_samples_share_an_element(
    network: str, layout: str
) -> None:
    plan = planned(network, layout)
    size = elements_of(plan)
    for run in (*plan.histories, *plan.blocks):
        place = plan.storage.place(run)
        for position in frames_moved(plan, run):
            found = indices(plan, place, run, position)
            assert len(found) == plan.padded_frames * run.channels
            assert min(found) >= 0
            assert max(found) < size[place.array], run.symbol


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("network", NETWORKS)
def test_the_whole_past_lies_before_the_newest_block_of_a_contiguous_history(
    network: str, layout: str
) -> None:
    plan = planned(network, layout)
    for history in filter(plan.layout.is_contiguous, plan.histories):
        place = plan.storage.place(history)
        assert place.offset >= history.lookback * place.frame_stride


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("network", NETWORKS)
def test_runs_share_an_array_only_as_windows_of_a_ring(network: str, layout: str) -> None:
    plan = planned(network, layout)
    for one, other in combinations((*plan.histories, *plan.blocks), 2):
        if plan.storage.place(one).array == plan.storage.place(other).array:
            assert isinstance(plan.storage, FrameMajorStorage)
            assert plan.storage.ring(one) is plan.storage.ring(other) is not None


def test_windows_of_a_ring_follow_each_other_and_fill_it() -> None:
    storage = planned("a2", "frame_major", block_frames=48).storage
    assert isinstance(storage, FrameMajorStorage)
    assert storage.rings
    for ring in storage.rings:
        windows = [ring.first, *(window for window, _ in ring.later)]
        assert windows == ring.windows
        assert [before for _, before in ring.later] == windows[:-1]
        assert sum(map(storage.frames, windows)) == ring.frames


def sums(plan: Plan) -> list[tuple[Kernel, Sum]]:
    kernels = [named.kernel for named in plan.kernels]
    return [(k, step) for k in kernels for step in k.steps if isinstance(step, Sum)]


@pytest.mark.parametrize("network", NETWORKS)
def test_tiles_of_frames_divide_the_block_and_fill_the_registers_at_most(network: str) -> None:
    plan = planned(network, "frame_major", block_frames=48)
    for kernel, step in sums(plan):
        assert plan.padded_frames % kernel.tile_frames == 0
        assert kernel.tile_frames % step.frame_tile == 0
        assert step.row_tile * step.frame_tile < 32


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("network", NETWORKS)
def test_tiles_of_vectors_are_whole_vectors_and_fill_the_registers_at_most(
    network: str, unit: str
) -> None:
    lanes, registers = UNITS[unit].lanes, UNITS[unit].registers
    plan = planned(network, unit)
    assert plan.padded_frames % lanes == 0
    for kernel, step in sums(plan):
        assert kernel.tile_frames % lanes == 0
        assert step.frame_tile == kernel.tile_frames
        assert step.row_tile * kernel.tile_frames // lanes < registers


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_block_too_short_for_vectors_of_frames_is_laid_out_frame_by_frame(
    network: str, unit: str
) -> None:
    """Not an LSTM: its units fill the vectors."""
    longest = UNITS[unit].frame_major_frames
    expected = "planar" if network == "lstm" else "frame_major"
    for frames in range(1, longest + 1):
        assert planned(network, unit, block_frames=frames).layout.name == expected
    assert planned(network, unit, block_frames=longest + 1).layout.name == "planar"


def test_frame_by_frame_a_vector_unit_holds_tiles_of_eight_rows() -> None:
    """Compilers put them into the lanes of one register; alone, eight would not fit AVX2's."""
    plan = planned("a2_of_8", "avx2", block_frames=1)
    assert max(step.row_tile for _, step in sums(plan)) == 8


def test_on_a_computer_with_avx2_a_block_of_one_frame_is_such_a_block() -> None:
    assert UNITS["avx2"].frame_major_frames == 1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("network", NETWORKS)
def test_only_a_short_past_or_one_read_as_a_run_is_moved_with_every_block(
    network: str, layout: str
) -> None:
    plan = planned(network, layout, block_frames=48)
    for history in plan.histories:
        moved = plan.storage.upkeep(history)
        if plan.storage.place(history).position:
            assert 0 < 4 * moved <= -(-history.lookback // LINE) * LINE * history.channels
        else:
            assert moved == history.lookback * history.channels
            assert history.contiguous or history.lookback <= 2 * plan.padded_frames


def banks(plan: Plan) -> set[str]:
    return {found for o in plan.schedule.operations for found in re.findall("_ODD_[WX]", o.name)}


def test_loads_come_in_pairs_of_banks_only_where_the_processor_has_two() -> None:
    model = Model("a2", "a2.nam", "0" * 64, 48_000, NETWORKS["a2"]())
    for processor in map(load_processor, processor_names()):
        plan = plan_model(model, target=load_target(processor.name), start="cold")
        assert bool(banks(plan)) is processor.paired_loads, processor.name
    assert load_processor("cortex-m7").paired_loads
    assert not load_processor("cortex-m4f").paired_loads
