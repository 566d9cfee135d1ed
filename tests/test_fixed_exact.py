"""What decides about integers hangs on no library's order of adding."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from namgen.fixed import exact, signals
from namgen.fixed.quantise.rounding import rounded


def numbers(*shape: int, seed: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(seed).standard_normal(shape)


def test_sums_of_products_are_exact() -> None:
    matrix, values = exact.factor(3.0 * numbers(5, 90)), exact.signal(7.0 * numbers(90, 4, seed=2))
    for row, got in zip(matrix, exact.product(matrix, values), strict=True):
        for column, value in zip(values.T, got, strict=True):
            terms = (
                Fraction(float(a)) * Fraction(float(b)) for a, b in zip(row, column, strict=True)
            )
            assert Fraction(float(value)) == sum(terms)


def test_factors_are_hardly_moved() -> None:
    matrix = numbers(5, 90)
    largest = np.abs(matrix).sum(axis=1).max()
    assert np.abs(exact.factor(matrix) - matrix).max() <= largest * 2.0**-26


def test_moments_do_not_hang_on_the_order_of_frames() -> None:
    values = numbers(6, 5000)
    shuffled = values[:, np.random.default_rng(3).permutation(5000)]
    assert np.array_equal(exact.moments(values), exact.moments(shuffled))
    assert np.allclose(exact.moments(values), values @ values.T, atol=1e-2)


def test_the_triangle_makes_the_matrix() -> None:
    matrix = numbers(9, 30) @ numbers(9, 30).T + np.eye(9)
    triangle = exact.cholesky(matrix)
    assert np.allclose(triangle.T @ triangle, matrix)
    assert np.array_equal(triangle, np.triu(triangle))


def test_tanh_is_as_near_as_float64_gets() -> None:
    x = np.linspace(-25.0, 25.0, 100001)
    assert np.abs(exact.tanh(x) - np.tanh(x)).max() < 5e-16


def test_rounding_together_beats_rounding_alone() -> None:
    mixed = numbers(12, 12) @ numbers(12, 200, seed=4)
    moments, rows = mixed @ mixed.T, 20.0 * numbers(6, 12, seed=5)

    def error(made: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        return float(np.einsum("ri,ij,rj->", made - rows, moments, made - rows))

    together = rounded(rows, moments)
    assert np.array_equal(together, np.rint(together))
    assert error(together) < 0.6 * error(np.rint(rows))


def test_rounding_stays_within_its_limit() -> None:
    rows = np.full((2, 3), 9.7)
    assert np.abs(rounded(rows, np.eye(3), limit=7)).max() == 7


def test_guitars_are_of_one_seed_each_and_within_their_peak() -> None:
    one, other = signals.guitar(5, 9000), signals.guitar(6, 9000)
    assert np.abs(one).max() == np.float32(0.9)
    assert not np.array_equal(one, other)
    assert signals.HELD_OUT_SEED not in signals.CALIBRATION_SEEDS
    silent = np.abs(signals.guitar(5, 9000)).max(initial=0.0) == 0.0
    assert not silent
