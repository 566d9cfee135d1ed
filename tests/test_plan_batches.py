"""Batches of loads: what is loaded ahead of its products, and beside what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from namgen.plan.layouts.frame_major.batches import ALONE, Load, load_cycles
from namgen.plan.layouts.frame_major.cells import CellProducts
from namgen.plan.layouts.frame_major.cut import CELL_CONSTANTS, cut_cell
from namgen.plan.layouts.frame_major.operations import Products, Tile
from namgen.plan.stages import CellKernel

REGISTERS = 13


def products(ahead: int, *, held: bool = False) -> Products:
    return Products(
        Tile(3, 6, paired_loads=True),
        inputs=3,
        channels=3,
        pointers=1 if held else 6,
        batch=1,
        held=held,
        odd_weights=False,
        odd_values=False,
        ahead=ahead,
    )


def test_products_keep_their_order_when_values_are_loaded_ahead() -> None:
    apart, ahead = products(0), products(REGISTERS)
    orders = [
        [(p.sums, p.value.base, p.value.offset) for b in o.batches for p in b.products]
        for o in (apart, ahead)
    ]
    assert orders[0] == orders[1]
    assert len(orders[0]) == 3 * 6 * 6


def test_every_value_is_loaded_once_before_its_products_and_fits_the_registers() -> None:
    loaded: set[str] = set()
    waiting = [product for batch in products(REGISTERS).batches for product in batch.products]
    for batch in products(REGISTERS).batches:
        names = {load.name for load in batch.loads}
        assert len(names) == len(batch.loads)
        assert not names & loaded
        loaded |= names
        needed = {f"{p.weights}_{row}" for p in waiting for row in range(3)}
        needed |= {p.value.name for p in waiting if isinstance(p.value, Load)}
        assert len(loaded & needed) <= REGISTERS
        for product in batch.products:
            assert isinstance(product.value, Load)
            assert {product.value.name, *(f"{product.weights}_{n}" for n in range(3))} <= loaded
        waiting = waiting[len(batch.products) :]
    assert not waiting


def test_loads_behind_those_alone_are_pairs_of_banks_of_one_pointer() -> None:
    for batch in products(REGISTERS).batches:
        assert len(batch.groups[0]) == min(ALONE, len(batch.loads))
        pairs = [group for group in batch.groups[1:] if len(group) == 2]
        mixed = [
            pair for pair in pairs if (pair[0].base, pair[0].odd) == (pair[1].base, pair[1].odd)
        ]
        assert not mixed


def test_the_first_product_does_not_need_what_is_loaded_beside_it() -> None:
    for batch in products(REGISTERS).batches:
        if len(batch.groups[-1]) == 1:
            first, (last,) = batch.products[0], batch.groups[-1]
            assert last not in (first.value,)
            assert not last.name.startswith(f"{first.weights}_")


def test_loading_ahead_takes_fewer_cycles() -> None:
    assert load_cycles(products(0).batches) == 108
    assert load_cycles(products(REGISTERS).batches) == 97


def test_batches_of_held_values_grow_as_inputs_are_done_with() -> None:
    batches = [len(batch.loads) for batch in replace(products(0, held=True), ahead=4).batches]
    assert batches == [3, 9 - 3]


def test_too_few_registers_are_a_bug_of_the_plan() -> None:
    with pytest.raises(ValueError, match="3 registers"):
        list(products(3).batches)


def cell(registers: int) -> CellProducts:
    return CellProducts(units=4, inputs=16, registers=registers, paired_loads=True)


def test_a_cell_adds_value_after_value_and_loads_each_once() -> None:
    batches = list(cell(14).batches)
    values = [p.value for batch in batches for p in batch.products]
    assert [v.offset for v in values if isinstance(v, Load)] == [
        i for i in range(16) for _ in "ifgo"
    ]
    loaded = [load.name for batch in batches for load in batch.loads]
    assert len(loaded) == len(set(loaded)) == 16 * (4 * 4 + 1)


def test_values_of_earlier_batches_are_held_for_their_products() -> None:
    seen: set[str] = set()
    for batch in cell(14).batches:
        used = {f"{p.weights}_{u}" for p in batch.products for u in range(4)}
        used |= {p.value.name for p in batch.products if isinstance(p.value, Load)}
        assert set(batch.kept) == used & seen
        seen |= {load.name for load in batch.loads}


@pytest.mark.parametrize("units", [1, 2, 3, 4])
def test_what_a_cell_loads_ahead_leaves_registers_for_its_sums(units: int) -> None:
    kernel = CellKernel("any", 1, 12, units=12, unit_tile=units, tanh="any", sigmoid="any")
    assert cut_cell(kernel, 32).ahead + CELL_CONSTANTS + 4 * units == 32
