"""Triples of floats on which a product and a sum with two roundings go wrong, if ever."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32

Triple = tuple[F32, F32, F32]


class _Drawn:
    """A source of random floats."""

    def __init__(self, seed: int, count: int) -> None:
        self.random, self.count = np.random.default_rng(seed), count

    def bits(self) -> npt.NDArray[np.uint32]:
        return self.random.integers(0, 1 << 32, self.count, dtype=np.uint32)

    def near(self, lowest: int, highest: int) -> F32:
        """Any fraction, an exponent of some range, either sign."""
        powers = self.random.integers(127 + lowest, 128 + highest, self.count, dtype=np.uint32)
        return (self.bits() & np.uint32(0x807FFFFF) | powers << np.uint32(23)).view(np.float32)

    def ulps(self, most: int) -> npt.NDArray[np.float64]:
        """Some last bits of a float of 1, above or below."""
        return self.random.integers(-most, most + 1, self.count) * 2.0**-24

    def signs(self) -> npt.NDArray[np.float64]:
        return self.random.choice([-1.0, 1.0], self.count)


def triples(seed: int, count: int) -> Iterator[tuple[str, Triple]]:
    """Yield some `count` triples of every kind, with its name."""
    d = _Drawn(seed, count)
    yield (
        "any bits",
        (d.bits().view(np.float32), d.bits().view(np.float32), d.bits().view(np.float32)),
    )
    yield "neighbours", (d.near(-12, 12), d.near(-12, 12), d.near(-24, 24))
    yield "few bits", _few_bits(d)
    yield "half a last bit", _halfway(d, lowest=-30, highest=30)
    yield "half a last bit at the top", _halfway(d, lowest=127, highest=127)
    yield "hidden by what cancels", _cancelling(d)
    yield "below the normal floats", _subnormal(d)
    yield "half of the least float", _halfway(d, lowest=-149, highest=-120)
    yield "zeros", _zeros(d)


def _few_bits(d: _Drawn) -> Triple:
    """Whose sums often meet a midpoint, or miss it by little."""
    mask, low = np.uint32(0xFFFFF000), np.uint32(1)
    a, b = (d.near(-10, 10).view(np.uint32) & mask | d.bits() & low for _ in range(2))
    c = d.near(-30, 30).view(np.uint32) & np.uint32(0xFFFFFF00)
    return a.view(np.float32), b.view(np.float32), c.view(np.float32)


def _halfway(d: _Drawn, *, lowest: int, highest: int) -> Triple:
    """A product of half a last bit of the sum, but for its own last bits."""
    power = d.random.integers(lowest, highest + 1, d.count)
    share = d.random.integers(-10, 11, d.count)
    c = np.ldexp(1.0 + (d.bits() >> 9) * 2.0**-23, power) * d.signs()
    half = np.maximum(power - 24, -150)
    a, b = np.ldexp(1.0 + d.ulps(4), share), np.ldexp(1.0 + d.ulps(4), half - share) * d.signs()
    return _floats(a, b, c)


def _cancelling(d: _Drawn) -> Triple:
    """A product that is all but the negative of what it is added to."""
    a, b = d.near(-20, 20), d.near(-20, 20)
    c = -(a.astype(np.float64) * b).astype(np.float32)
    off = d.random.integers(-1, 2, d.count).astype(np.int32)
    return a, b, (c.view(np.int32) + off).view(np.float32)


def _subnormal(d: _Drawn) -> Triple:
    share = d.random.integers(-60, 60, d.count)
    size = d.random.integers(-152, -124, d.count)
    a, b = np.ldexp(1.0 + d.ulps(18), share), np.ldexp(1.0 + d.ulps(18), size - share) * d.signs()
    c = (d.bits() & np.uint32(0x80FFFFFF)).view(np.float32)
    return _floats(a, b, c)


def _zeros(d: _Drawn) -> Triple:
    zero = (d.bits() & np.uint32(0x80000000)).view(np.float32)
    tiny = (d.bits() & np.uint32(0x800000FF)).view(np.float32)
    return zero, d.near(-60, 60), np.where(d.signs() > 0, zero, tiny)


def _floats(*values: npt.NDArray[np.float64]) -> Triple:
    with np.errstate(over="ignore", under="ignore"):
        a, b, c = (np.asarray(value).astype(np.float32) for value in values)
    return a, b, c
