"""Batches: which values are loaded together, and which products follow.

On a Cortex-M7 loads share a cycle in pairs, of an even and an odd word. But for ALONE cycles after
a run of multiply-adds each takes one of its own; and the last before a run shares one with the
first multiply-add, if that can do without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest

ALONE = 3
"""Loads behind a run of multiply-adds that share their cycles with nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """A value read into a register: ``name = base[offset]``; `odd` is its bank."""

    name: str
    base: str
    offset: int
    odd: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A value that an array of the tile keeps in a register already: ``base[offset]``."""

    base: str
    offset: int


@dataclass(frozen=True, slots=True)
class Product:
    """The products of one value with the weights of all rows, added to one frame's sums."""

    sums: str  # name of the frame's rows
    weights: str  # name of the weights' rows
    value: Load | Held


@dataclass(frozen=True, slots=True)
class Batch:
    """Values loaded together, then products that use them; within a group any order will do."""

    groups: tuple[tuple[Load, ...], ...]
    products: tuple[Product, ...]
    kept: tuple[str, ...] = ()  # values of earlier batches that the products use

    @property
    def loads(self) -> tuple[Load, ...]:
        """Every value that is loaded, in order."""
        return tuple(load for group in self.groups for load in group)

    @property
    def sums(self) -> tuple[str, ...]:
        """Frames the products add to."""
        return tuple(dict.fromkeys(product.sums for product in self.products))


def alternate_banks(loads: Iterable[Load]) -> Iterator[Load]:
    """Put loads of even and odd words next to each other, as far as both last."""
    both = list(loads)
    even = [load for load in both if not load.odd]
    odd = [load for load in both if load.odd]
    for pair in zip_longest(even, odd):
        yield from (load for load in pair if load is not None)


@dataclass(frozen=True, slots=True)
class Input:
    """The products of one tap and input: the weights of all rows, one value of every frame."""

    weights: tuple[Load, ...]
    products: tuple[Product, ...]

    @property
    def loads(self) -> list[Load]:
        """What is loaded for it: weights, then values."""
        values = (product.value for product in self.products)
        return [*self.weights, *(value for value in values if isinstance(value, Load))]

    def needs(self, product: Product) -> frozenset[str]:
        """Name what is loaded for one of its products."""
        value = product.value
        values = (value.name,) if isinstance(value, Load) else ()
        return frozenset((*(weight.name for weight in self.weights), *values))


def batches_ahead(inputs: Sequence[Input], registers: int) -> Iterator[Batch]:
    """Load as much as fits `registers`, run all products that it serves, and go on.

    Raises:
        ValueError: the registers do not hold what one input needs.

    """
    waiting = list(dict.fromkeys(load for one in inputs for load in one.loads))
    ahead = [(product, one.needs(product)) for one in inputs for product in one.products]
    held: frozenset[str] = frozenset()
    while ahead:
        taken = waiting[: _count(registers - len(held), len(waiting))]
        before, held = held, held.union(load.name for load in taken)
        ready = _ready(ahead, held)
        if not ready:
            raise ValueError(f"{registers} registers do not hold what one product needs")
        kept = tuple(sorted(before & _needed(ready)))
        yield Batch(_groups(taken, ready[0][1]), tuple(product for product, _ in ready), kept)
        waiting, ahead = waiting[len(taken) :], ahead[len(ready) :]
        held &= _needed(ahead)


def _needed(products: Iterable[tuple[Product, frozenset[str]]]) -> frozenset[str]:
    """Name what some products need."""
    return frozenset[str]().union(*(needs for _, needs in products))


def _ready(
    ahead: Sequence[tuple[Product, frozenset[str]]], held: frozenset[str]
) -> list[tuple[Product, frozenset[str]]]:
    """Return the products that come next and find all that they need."""
    return list(takewhile(lambda product: product[1] <= held, ahead))


def load_cycles(batches: Iterable[Batch]) -> int:
    """Count the cycles of the loads of batches, if all of them find their partners."""
    counts = (len(batch.loads) for batch in batches)
    return sum(count if count < ALONE else ALONE + (count - ALONE) // 2 for count in counts)


def _count(free: int, waiting: int) -> int:
    """Choose how much to load: an even number, of which the first product hides one."""
    return waiting if free >= waiting else free - free % 2


def _groups(loads: Sequence[Load], first: frozenset[str]) -> tuple[tuple[Load, ...], ...]:
    """Order loads: those alone in their cycles, pairs, and one beside the first product."""
    singles, pairs = _pair_up(loads)
    last = _last(singles, pairs, first) if len(loads) > ALONE and len(loads) % 2 == 0 else ()
    order = [*singles, *(load for pair in pairs for load in pair), *last]
    pairwise = (tuple(order[n : n + 2]) for n in range(ALONE, len(order), 2))
    return tuple(filter(None, (tuple(order[:ALONE]), *pairwise)))


def _pair_up(loads: Sequence[Load]) -> tuple[list[Load], list[list[Load]]]:
    """Pair even and odd words that lie behind one pointer; what is left over is single."""
    singles: list[Load] = []
    pairs: list[list[Load]] = []
    for base in dict.fromkeys(load.base for load in loads):
        banks = [[load for load in loads if (load.base, load.odd) == (base, o)] for o in (0, 1)]
        for pair in zip_longest(*banks):
            both = [load for load in pair if load is not None]
            pairs += [both] if len(both) > 1 else []
            singles += both if len(both) == 1 else []
    return singles, pairs


def _last(singles: list[Load], pairs: list[list[Load]], first: frozenset[str]) -> tuple[Load, ...]:
    """Take out a load that the first product does not need; the other of a pair is single then."""
    if len(singles) > ALONE:
        free = [load for load in singles if load.name not in first]
        if free:
            singles.remove(free[-1])
            return (free[-1],)
    for pair in reversed(pairs):
        free = [load for load in pair if load.name not in first]
        if free:
            pairs.remove(pair)
            singles += [load for load in pair if load is not free[-1]]
            return (free[-1],)
    return ()
