"""Which layers share a kernel, where code has little room: a kernel with feedback serves all.

Where a layer has no feedback, masks of 0 make the same bits of a kernel that has: it costs cycles
and saves code. Fast kernels cost code and save cycles. The cheapest way to fit is looked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from namgen.plan.fixed.shapes import LayerShape, WordShape

FEEDBACK_CYCLES = 13.0
"""Of the feedback of one word of a layer of eight channels, per frame."""

SMALL_CYCLES = 8.0
"""Of a kernel of half the code, per frame and layer of eight channels."""

SMALL_ROWS, FAST_ROWS = 4, 2
"""Rows that are summed at once."""

Bytes = Callable[[LayerShape, int], int]
"""The code of a shape, by its rows."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Which kernel every shape uses, and the rows of every kernel."""

    kernels: Mapping[LayerShape, LayerShape]
    rows: Mapping[LayerShape, int]
    code_bytes: int


def share(uses: Mapping[LayerShape, int], room_bytes: int | None, size: Bytes) -> Sharing:
    """Find the sharing with the fewest cycles that fits; the smallest where none does."""
    best = _sized({shape: shape for shape in uses}, uses, room_bytes, size)
    while True:
        merged = (_sized(kernels, uses, room_bytes, size) for kernels in _merges(best.kernels))
        found = min(merged, key=lambda one: _cost(one, uses, room_bytes), default=best)
        if _cost(found, uses, room_bytes) >= _cost(best, uses, room_bytes):
            return best
        best = found


def by_vectors(shapes: Iterable[LayerShape], rows: int) -> Sharing:
    """Give every shape a kernel of its own, of as many rows as a vector has where it has them."""
    found = tuple(shapes)
    return Sharing({s: s for s in found}, {s: min(rows, s.rows) for s in found}, 0)


def _merges(kernels: Mapping[LayerShape, LayerShape]) -> Iterator[dict[LayerShape, LayerShape]]:
    """Yield every way in which one kernel fewer serves all shapes, feedback added where needed."""
    made = list(dict.fromkeys(kernels.values()))
    for number, one in enumerate(made):
        for other in made[number + 1 :]:
            both = _both(one, other)
            if both is not None:
                pair = (one, other, both)
                yield {s: both if kernel in pair else kernel for s, kernel in kernels.items()}


def _both(one: LayerShape, other: LayerShape) -> LayerShape | None:
    """Return the shape that serves two that differ in feedback alone."""
    if _without_feedback(one) != _without_feedback(other):
        return None
    return replace(
        one, dense=_fed_if(one.dense, other.dense), writes=_fed_if(one.writes, other.writes)
    )


def _without_feedback(shape: LayerShape) -> LayerShape:
    dense, writes = (word and replace(word, feedback=False) for word in (shape.dense, shape.writes))
    return replace(shape, dense=dense, writes=writes)


def _fed_if(one: WordShape | None, other: WordShape | None) -> WordShape | None:
    if one is None or other is None:
        return None
    return replace(one, feedback=one.feedback or other.feedback)


def _sized(
    kernels: Mapping[LayerShape, LayerShape],
    uses: Mapping[LayerShape, int],
    room_bytes: int | None,
    size: Bytes,
) -> Sharing:
    """Make those kernels fast that serve most layers, as far as the room reaches."""
    served = _served(kernels, uses)
    rows = {shape: min(SMALL_ROWS, shape.rows) for shape in served}
    total = sum(size(shape, rows[shape]) for shape in served)
    for shape in sorted(served, key=lambda shape: served[shape], reverse=True):
        more = size(shape, FAST_ROWS) - size(shape, rows[shape])
        if served[shape] > 2 and (room_bytes is None or total + more <= room_bytes):
            rows[shape] = FAST_ROWS
            total += more
    return Sharing(dict(kernels), rows, total)


def _served(
    kernels: Mapping[LayerShape, LayerShape], uses: Mapping[LayerShape, int]
) -> Counter[LayerShape]:
    served: Counter[LayerShape] = Counter()
    for shape, count in uses.items():
        served[kernels[shape]] += count
    return served


def _cost(
    sharing: Sharing, uses: Mapping[LayerShape, int], room_bytes: int | None
) -> tuple[int, float]:
    """Bytes too many, then cycles too many."""
    over = 0 if room_bytes is None else max(0, sharing.code_bytes - room_bytes)
    cycles = 0.0
    for shape, count in uses.items():
        kernel = sharing.kernels[shape]
        added = _fed(kernel) - _fed(shape)
        slow = sharing.rows[kernel] > FAST_ROWS
        cycles += count * shape.rows / 8 * (added * FEEDBACK_CYCLES + slow * SMALL_CYCLES)
    return over, cycles


def _fed(shape: LayerShape) -> int:
    return sum(1 for word in (shape.dense, shape.writes) if word and word.feedback)
