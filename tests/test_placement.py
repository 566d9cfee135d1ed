"""Arrays are divided among memories: all of them whenever that is possible, the busiest first."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.models import a2
from namgen import ir
from namgen.boards import load_board
from namgen.errors import BudgetError
from namgen.lower import lower
from namgen.nam_file import read
from namgen.plan import Plan, packing
from namgen.plan.memory import Buffer
from namgen.plan.packing import Item, pack
from namgen.plan.placement import place
from namgen.selection.plans import plan_model
from namgen.targets import load_target

DAISY = load_board("daisy")
FIELD = Path(__file__).resolve().parents[2] / "shared" / "field"

ITEMS = st.lists(
    st.builds(Item, st.integers(1, 12), st.sampled_from([0.0, 1.0, 5.0, math.inf])), max_size=6
)
ROOMS = st.lists(st.integers(0, 20), min_size=1, max_size=3)


def sums(items: list[Item], places: tuple[int, ...] | list[int], rooms: list[int]) -> list[int]:
    return [
        sum(item.size for item, place in zip(items, places, strict=True) if place == room)
        for room in range(len(rooms))
    ]


def is_packing(items: list[Item], places: tuple[int, ...] | list[int], rooms: list[int]) -> bool:
    pinned = all(p == 0 for i, p in zip(items, places, strict=True) if math.isinf(i.value))
    return pinned and all(
        used <= room for used, room in zip(sums(items, places, rooms), rooms, strict=True)
    )


def won(items: list[Item], places: tuple[int, ...] | list[int]) -> float:
    pairs = zip(items, places, strict=True)
    return sum(i.value for i, p in pairs if p == 0 and not math.isinf(i.value))


@settings(max_examples=300, deadline=None)
@given(ITEMS, ROOMS)
def test_a_packing_is_found_whenever_there_is_one(items: list[Item], rooms: list[int]) -> None:
    found = pack(items, rooms)
    all_ways = itertools.product(range(len(rooms)), repeat=len(items))
    possible = any(is_packing(items, places, rooms) for places in all_ways)
    assert (found is not None) == possible
    assert found is None or is_packing(items, found, rooms)


@settings(max_examples=200, deadline=None)
@given(ITEMS, ROOMS)
def test_a_search_finds_the_most_reads_in_the_fastest_room(
    items: list[Item], rooms: list[int]
) -> None:
    found = packing._search(items, rooms)
    ways = itertools.product(range(len(rooms)), repeat=len(items))
    best = [won(items, places) for places in ways if is_packing(items, places, rooms)]
    assert (None if found is None else won(items, found)) == max(best, default=None)


def test_a_search_that_is_given_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MAX_WORK", 1)
    # 6+4 and 5+5: neither the busiest nor the largest first finds it.
    items = [Item(6, 0.0), Item(5, 9.0), Item(5, 0.0), Item(4, 9.0), Item(3, 9.0), Item(3, 9.0)]
    with pytest.raises(BudgetError, match=r"given up.*whether they fit is not known"):
        pack(items, [13, 13])


def buffers(*sizes: int) -> list[Buffer]:
    return [Buffer(f"b{n}", size, "", False, 1.0) for n, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((491_528,), "b0 needs 491528 bytes in one region of daisy"),
        ((400_000, 200_000, 100_000), "the whole model needs 700000 of 614400 bytes"),
        ((300_000, 300_000), "no way to divide the arrays among the regions exists"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(sizes: tuple[int], message: str) -> None:
    with pytest.raises(BudgetError, match=message):
        place(buffers(*sizes), DAISY)


@pytest.mark.skipif(not FIELD.exists(), reason="needs ../shared/field")
def test_a_model_that_fits_only_when_divided_well_is_placed() -> None:
    model = lower(read(FIELD / "dil16384c3.nam"))
    placed = plan_model(model, target=load_target("daisy")).buffers
    for name in DAISY.model_regions:
        used = sum(-(-b.size_bytes // 8) * 8 for b in placed if b.region == name)
        assert used <= DAISY.region(name).free_bytes


def spilled() -> Plan:
    """A model whose arrays do not all go into the fastest memory."""
    model = ir.Model("big", "big.nam", "0" * 64, 48_000, a2(8))
    return plan_model(model, target=load_target("daisy"))


def test_the_busiest_bytes_of_a_model_that_spills_come_first() -> None:
    fast, slow = (
        [b for b in spilled().buffers if b.region == name] for name in DAISY.model_regions
    )
    assert slow
    left = DAISY.region("dtcm").free_bytes - sum(b.size_bytes for b in fast)
    coldest = min(b.reads_per_frame / b.size_bytes for b in fast)
    for buffer in slow:
        busier = buffer.reads_per_frame / buffer.size_bytes > coldest
        assert not busier or buffer.size_bytes > left
    density = [
        sum(b.reads_per_frame for b in bs) / sum(b.size_bytes for b in bs) for bs in (fast, slow)
    ]
    assert density[0] > 2 * density[1]
