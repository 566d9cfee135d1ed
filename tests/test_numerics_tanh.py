"""The tanh table: from its script, mirrored, continuous upwards, and exact where it must be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numerics_c import KernelLibrary, different

from namgen.reference import tanh_fit
from namgen.reference.tanh import tanh
from namgen.reference.tanh_table import TANH_TABLE
from namgen.toolchain import find_host

SATURATED_BITS = 0x41000000  # 8.0
LARGEST_BITS = 0x7F7FFFFF


def test_both_files_are_what_the_script_writes_for_one_table() -> None:
    table = np.array(TANH_TABLE, np.float32)
    assert tanh_fit.TWIN_PATH.read_text(encoding="utf-8") == tanh_fit.twin(table)
    assert tanh_fit.HEADER_PATH.read_text(encoding="utf-8") == tanh_fit.header(table)


def test_the_script_finds_this_table() -> None:
    fitted = tanh_fit.fit()  # float64 linear algebra may differ in the last bits of a float32
    np.testing.assert_allclose(fitted, np.array(TANH_TABLE, np.float32), rtol=2e-5, atol=1e-9)


def test_rows_of_opposite_sign_mirror_each_other() -> None:
    table = np.array(TANH_TABLE, np.float32)
    np.testing.assert_array_equal(table[62::-1], table[64:] * np.float32([-1, 1, -1, 1]))


def test_zeros_and_tiny_numbers_pass_unchanged() -> None:
    x = np.array([0.0, -0.0, 1e-45, -1e-45, 1e-38, -1e-30, 1e-10], np.float32)
    assert not different(tanh(x), x)


def test_saturation_is_exactly_one() -> None:
    x = np.array([7.9375, 8, 100, np.finfo(np.float32).max], np.float32)
    assert not different(tanh(x), np.ones_like(x))
    assert not different(tanh(-x), -np.ones_like(x))


@pytest.mark.parametrize("segment", range(64))
def test_it_never_falls_across_a_joint(segment: int) -> None:
    joint = int(np.float32((segment + 0.5) / 8).view(np.uint32))
    bits = np.arange(joint - 20_000, joint + 20_000, dtype=np.uint32)
    assert (np.diff(tanh(bits.view(np.float32))) >= 0).all()


def test_it_never_falls_over_a_million_floats() -> None:
    bits = np.linspace(0, LARGEST_BITS, 1_000_000).astype(np.uint32)
    assert (np.diff(tanh(bits.view(np.float32))) >= 0).all()


@pytest.mark.slow
def test_it_never_falls_from_any_float_to_the_next(tmp_path: Path) -> None:
    library = KernelLibrary(tmp_path, find_host())
    assert library.c.falls(0, SATURATED_BITS) == 0
    assert library.c.falls(SATURATED_BITS, LARGEST_BITS) == 0


@pytest.mark.slow
def test_the_error_holds_for_every_float() -> None:
    worst = 0.0
    for first in range(0, SATURATED_BITS, 1 << 22):
        x = np.arange(first, min(first + (1 << 22), SATURATED_BITS), dtype=np.uint32)
        values = x.view(np.float32)
        worst = max(worst, float(np.abs(tanh(values) - np.tanh(values.astype(float))).max()))
    assert worst <= 3.5e-7
