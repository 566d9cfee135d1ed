"""The scheduler changes the order of instructions and never what they compute."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from namgen.plan.fixed.builder import POOL
from namgen.plan.fixed.program import LayerProgram
from namgen.plan.fixed.shapes import LayerShape, WordShape
from namgen.plan.fixed.tiling import Tiling
from namgen.processors.pipeline import Kind
from namgen.schedule import thumb
from namgen.schedule.instruction import Access, Instruction, Value
from namgen.schedule.issue import Issue, cycles_of_turn
from namgen.schedule.pressure import Pressure
from namgen.schedule.registers import allot, spelled
from namgen.schedule.rules import rules
from namgen.schedule.search import best_order
from tests.schedule_machine import Machine

SHORT = WordShape("short", 16, 12, feedback=True)
LAYER = LayerShape(
    rows=4,
    channels=4,
    kernel_size=2,
    reads=WordShape("short"),
    is_scaled=True,
    begins=False,
    carries=True,
    dense=replace(SHORT, shift=6),
    writes=SHORT,
    head_shift=0,
)


class Chance:
    """Loads, products, logic and stores on few words, so that all kinds of order matter."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.live: list[Value] = []

    def program(self, length: int = 60, most_live: int = 6) -> list[Instruction]:
        """Write so many instructions."""
        found = []
        for number in range(length):
            made = self.instruction(Value(f"v{number}"))
            self.live += made.made
            self.live = self.live[-most_live:]
            found.append(made)
        return found

    def instruction(self, new: Value) -> Instruction:
        """Write one; only loads and fetches while there is little to compute with."""
        word, home = 4 * self.random.randrange(4), f"s{self.random.randrange(3)}"
        at = Access("words", word, bank=word >> 2 & 1)
        if len(self.live) < 3 or self.random.random() < 0.3:
            if self.random.random() < 0.5:
                return thumb.fetch(new, home, "fetch")
            return thumb.load(new, "sp", word, at, "load")
        a, b, c = (self.random.choice(self.live) for _ in range(3))
        return self.random.choice(
            (
                thumb.accumulate("smlad", new, (a, b), c, "mac"),
                thumb.multiply("smmulr", new, (a, b), "mul"),
                thumb.saturate(new, a, 16, 3, "ssat"),
                thumb.below_zero(new, a, "and"),
                thumb.add(new, a, b, "add"),
                thumb.mask(new, a, b, "mask"),
                thumb.shift_left(new, a, 3, "lsl"),
                thumb.pack(new, a, b, "pack"),
                thumb.keep(home, a, "keep"),
                thumb.store(a, "sp", word, at, "str"),
                thumb.store_pair((a, b), "sp", 0, Access("words", 0, words=2, bank=0), "strd"),
            )
        )


def chance_program(seed: int) -> list[Instruction]:
    return Chance(seed).program()


@pytest.mark.parametrize("seed", range(30))
def test_another_order_computes_the_same(seed: int) -> None:
    program = chance_program(seed)
    order = best_order(program, rules(), len(POOL), (seed,))
    plain, ordered = Machine(), Machine()
    plain.run(program)
    ordered.run(order, allot(order, POOL))
    assert sorted(map(id, order)) == sorted(map(id, program))
    assert ordered.memory == plain.memory
    floats = {place for place in plain.registers if str(place).startswith("s")}
    assert {p: ordered.registers[p] for p in floats if isinstance(p, str)} == {
        p: plain.registers[p] for p in floats if isinstance(p, str)
    }


def test_a_kernel_computes_the_same_in_the_order_it_is_issued() -> None:
    program = LayerProgram(LAYER, Tiling.of(2)).write().instructions
    order = best_order(program, rules(), len(POOL), (0, 1))
    plain, ordered = Machine(), Machine()
    plain.run(program)
    ordered.run(order, allot(order, POOL))
    assert ordered.memory == plain.memory
    assert {n: v for n, v in ordered.registers.items() if str(n)[0] == "s"} == {
        n: v for n, v in plain.registers.items() if isinstance(n, str) and n[0] == "s"
    }


def test_the_same_program_gets_the_same_order() -> None:
    def text() -> list[str]:
        program = LayerProgram(LAYER, Tiling.of(2)).write().instructions
        order = best_order(program, rules(), len(POOL), (3, 4))
        names = allot(order, POOL)
        return [spelled(instruction, names) for instruction in order]

    assert text() == text()


def test_the_order_is_faster_than_the_formula() -> None:
    program = LayerProgram(LAYER, Tiling.of(2)).write().instructions
    order = best_order(program, rules(), len(POOL), (0,))
    assert cycles_of_turn(order, rules()) < 0.7 * cycles_of_turn(program, rules())


def test_more_values_than_registers_are_refused() -> None:
    program = chance_program(2)
    with pytest.raises(ValueError, match="registers"):
        Pressure(program, 2)


def _load(name: str, offset: int) -> Instruction:
    access = Access("words", offset, constant=True, bank=offset >> 2 & 1)
    return thumb.load(Value(name), "sp", offset, access, "")


def test_what_issues_together() -> None:
    even, odd, other_even = _load("a", 0), _load("b", 4), _load("c", 8)
    product = thumb.multiply("smmulr", Value("p"), ("r0", "r1"), "")
    at = Access("words", 16, bank=0)
    store = thumb.store("r2", "sp", 16, at, "")
    pair = thumb.store_pair(("r2", "r3"), "sp", 16, at, "")
    held = thumb.saturate(Value("s"), "r2", 16, 0, "")
    joins = rules().joins
    assert joins(even, odd)
    assert not joins(even, other_even), "one load per bank"
    assert joins(product, even)
    assert joins(even, product)
    assert not joins(product, store), "products do not pair with stores"
    assert joins(store, even)
    assert not joins(even, pair)
    assert joins(held, product)
    assert not joins(product, held), "bit fields only as the older one"


def test_waiting_for_results() -> None:
    """A loaded word is a factor two cycles later, an address three; sums follow each other."""
    word, address, sum_ = Value("w"), Value("p"), Value("z")
    issue = Issue(rules())
    at = Access("words", 0, constant=True, bank=0)
    first = issue.issue(thumb.load(word, "sp", 0, at, ""))
    product = issue.issue(thumb.multiply("smmulr", sum_, (word, "r0"), ""))
    onto = Value("z")
    following = issue.issue(thumb.accumulate("smlad", onto, ("r0", "r1"), sum_, ""))
    assert (product - first, following - product) == (2, 1)
    first = issue.issue(thumb.load(address, "sp", 0, at, ""))
    assert issue.issue(thumb.load(Value("x"), address, 0, at, "")) - first == 3


def test_a_product_goes_out_in_nearly_every_cycle_of_a_long_sum() -> None:
    shape = replace(LAYER, rows=8, channels=8, kernel_size=15)
    program = LayerProgram(shape, Tiling.of(2)).write().instructions
    order = best_order(program, rules(), len(POOL), (0,))
    products = sum(instruction.kind is Kind.MAC for instruction in order)
    assert products / cycles_of_turn(order, rules()) > 0.85
