"""The emulated multiply-add equals the processor's, and the software one in C, in every bit."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path

import cffi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numerics_c import KernelLibrary, different, host_compiler

from namgen.arithmetic import F32
from namgen.reference.float32 import sanitize
from namgen.reference.fma import fma, fma_rows
from namgen.toolchain import cpu_features, find_host, shared_library_suffix

COUNT = 400_000
Triples = tuple[F32, F32, F32]

ORACLE = """
#include <math.h>
#include <stddef.h>

void fuse(const float *a, const float *b, const float *c, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = fmaf(a[i], b[i], c[i]);
    }
}
"""


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Callable[[F32, F32, F32], F32]:
    """``fmaf`` of the processor, or of the C library where the processor has none."""
    folder = tmp_path_factory.mktemp("oracle")
    source, out = folder / "oracle.c", folder / f"oracle{shared_library_suffix()}"
    source.write_text(ORACLE)
    command = next((name for name in ("gcc", "clang", "cc") if shutil.which(name)), None)
    if command is None:
        pytest.skip("no system compiler for the oracle")
    flags = ["-O2", "-shared", "-fPIC", *(["-mfma"] if "fma" in cpu_features() else [])]
    subprocess.run([command, *flags, str(source), "-o", str(out), "-lm"], check=True)
    ffi = cffi.FFI()
    ffi.cdef("void fuse(const float *, const float *, const float *, float *, size_t);")
    library = ffi.dlopen(str(out))

    def run(*inputs: F32) -> F32:
        arrays = [np.ascontiguousarray(v) for v in inputs]
        y = np.empty_like(arrays[0])
        library.fuse(*(ffi.from_buffer("float[]", v) for v in (*arrays, y)), y.size)
        return y

    return run


def power(exponent: int | np.ndarray, rng: np.random.Generator, *, spread: int) -> F32:
    """Floats near ``2**exponent``, a few units in the last place away, of either sign."""
    near = 1 + rng.integers(-spread, spread + 1, COUNT) * 2.0**-23
    return np.ldexp(near * rng.choice([-1, 1], COUNT), exponent).astype(np.float32)


def exponents(rng: np.random.Generator, low: int, high: int) -> F32:
    """Random signs and fractions, biased exponents in ``low .. high - 1``."""
    bits = rng.integers(0, 1 << 23, COUNT, dtype=np.uint32)
    bits |= rng.integers(low, high, COUNT, dtype=np.uint32) << np.uint32(23)
    bits |= rng.integers(0, 2, COUNT, dtype=np.uint32) << np.uint32(31)
    return bits.view(np.float32)


def halfway(rng: np.random.Generator, exponent: int) -> Triples:
    """Products half a unit in the last place of the addend, give or take almost nothing."""
    half = exponent - 24
    split = half // 2
    c = exponents(rng, exponent + 127, exponent + 128)
    return power(split, rng, spread=2), power(half - split, rng, spread=2), c


def subnormal_halfway(rng: np.random.Generator) -> Triples:
    """The same for addends that are multiples of the smallest float."""
    c = np.ldexp(rng.integers(-(1 << 23), 1 << 23, COUNT).astype(float), -149).astype(np.float32)
    return power(-75, rng, spread=2), power(-75, rng, spread=2), c


def least_normal(rng: np.random.Generator) -> Triples:
    """Sums a little above and below the smallest normal float, between the floats there."""
    c = power(-126, rng, spread=3)
    return power(-75, rng, spread=4), power(-75, rng, spread=4), c


def cancelling(rng: np.random.Generator) -> Triples:
    """Sums that are zero, or the tiny rest of a product."""
    a, b = exponents(rng, 60, 130), exponents(rng, 60, 130)
    c = -(a * b)
    exact = rng.integers(0, 2, COUNT) == 1
    a[exact] = np.ldexp(1, rng.integers(-60, 3, COUNT)).astype(np.float32)[exact]
    return a, b, np.where(exact, -(a * b), c)


def zeros(rng: np.random.Generator) -> Triples:
    """Zeros of both signs among tiny numbers."""
    some = np.array([0.0, -0.0, 1e-45, -1e-45, 1e-30, -1e-30, 1.0, -1.0], np.float32)
    return rng.choice(some, COUNT), rng.choice(some, COUNT), rng.choice(some, COUNT)


KINDS: dict[str, Callable[[np.random.Generator], Triples]] = {
    "anything": lambda rng: (
        exponents(rng, 0, 255),
        exponents(rng, 0, 255),
        exponents(rng, 0, 255),
    ),
    "audio": lambda rng: (
        exponents(rng, 115, 130),
        exponents(rng, 115, 130),
        exponents(rng, 115, 130),
    ),
    "subnormal": lambda rng: (
        exponents(rng, 0, 70),
        exponents(rng, 40, 70),
        exponents(rng, 0, 3),
    ),
    "overflow": lambda rng: (
        exponents(rng, 185, 195),
        exponents(rng, 185, 195),
        exponents(rng, 250, 255),
    ),
    "halfway": lambda rng: halfway(rng, 0),
    "halfway, small": lambda rng: halfway(rng, -100),
    "halfway, largest": lambda rng: halfway(rng, 127),
    "halfway, subnormal": subnormal_halfway,
    "smallest normal": least_normal,
    "cancelling": cancelling,
    "zeros": zeros,
}


def triples(kind: str) -> Triples:
    return KINDS[kind](np.random.default_rng(3))


@pytest.mark.parametrize("kind", KINDS)
def test_the_emulation_equals_the_processor(
    kind: str, oracle: Callable[[F32, F32, F32], F32]
) -> None:
    a, b, c = triples(kind)
    assert not different(fma(a, b, c), oracle(a, b, c))


@pytest.mark.parametrize("kind", ["halfway", "halfway, subnormal"])
def test_two_roundings_would_not_be_enough_for(kind: str) -> None:
    a, b, c = triples(kind)
    naive = (a.astype(np.float64) * b + c).astype(np.float32)
    assert different(fma(a, b, c), naive)


@pytest.mark.parametrize("compiler", ["gcc", "clang", "zig"])
def test_the_software_version_in_c_equals_the_emulation(compiler: str, tmp_path: Path) -> None:
    library = KernelLibrary(tmp_path, host_compiler(compiler, "software"))
    for kind in KINDS:
        a, b, c = triples(kind)
        assert not different(library.run("fuse", a, b, c), fma(a, b, c)), kind


@pytest.mark.parametrize("compiler", ["gcc", "clang", "zig"])
@pytest.mark.parametrize("opt", ["-O0", "-O2"])
def test_rows_that_share_one_look_equal_single_multiply_adds(
    opt: str, compiler: str, tmp_path: Path
) -> None:
    library = KernelLibrary(tmp_path, host_compiler(compiler, "software"), opt=opt)
    for kind in KINDS:
        a, b, c = triples(kind)
        rows = [v.reshape(-1, 1, 4) for v in (a, c)]
        expected = fma(rows[0], b.reshape(-1, 4, 1), rows[1])
        assert not different(library.fuse_rows(a, b, c).ravel(), expected.ravel()), kind


floats = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(max_examples=300, deadline=None)
@given(a=floats, b=floats, c=floats)
def test_any_triple_equals_the_processor(
    a: float, b: float, c: float, oracle: Callable[[F32, F32, F32], F32]
) -> None:
    left, right, addend = (np.array([v], np.float32) for v in (a, b, c))
    assert not different(fma(left, right, addend), oracle(left, right, addend))


def test_infinity_and_nan_propagate_without_a_warning() -> None:
    a = np.array([np.inf, np.inf, np.nan, 1, 3e38, -3e38], np.float32)
    b = np.array([2, 0, 1, 1, 3e38, 3e38], np.float32)
    c = np.array([1, 1, 1, -np.inf, 1, 1], np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = fma(a, b, c)
    np.testing.assert_array_equal(y, [np.inf, np.nan, np.nan, -np.inf, np.inf, -np.inf])


@pytest.mark.parametrize(
    "shapes",
    [
        ((), (), ()),
        ((3, 1), (1, 5), (3, 5)),
        ((), (4,), (2, 1)),
        ((0,), (1,), ()),
        ((2, 1, 3),) * 3,
    ],
)
def test_shapes_broadcast(shapes: tuple[tuple[int, ...], ...]) -> None:
    rng = np.random.default_rng(5)
    a, b, c = (rng.standard_normal(shape).astype(np.float32) for shape in shapes)
    y = fma(a, b, c)
    assert y.shape == np.broadcast_shapes(*shapes)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, a * b + c, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 20_000), (40_000,), (20_000, 2), (2, 3, 9_000)])
def test_large_arrays_equal_their_parts(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(6)
    a, b, c = (rng.standard_normal(shape).astype(np.float32) for _ in range(3))
    whole = fma(a, b, c).reshape(-1)
    parts = zip(*(np.array_split(v.reshape(-1), 20) for v in (a, b, c)), strict=True)
    assert not different(whole, np.concatenate([fma(*part) for part in parts]))


@pytest.mark.parametrize("scale", [0, -60, -75])
@pytest.mark.parametrize("frames", [1, 48, 20_000])
def test_rows_equal_one_multiply_add_after_another(frames: int, scale: int) -> None:
    rng = np.random.default_rng(8)
    weight = np.ldexp(rng.standard_normal((5, 7)), scale).astype(np.float32)
    rows = np.ldexp(rng.standard_normal((7, frames)), scale).astype(np.float32)
    acc = np.ldexp(rng.standard_normal((5, 1)), 2 * scale).astype(np.float32)
    together = fma_rows(acc, weight, list(rows))
    for j in range(7):
        acc = fma(weight[:, [j]], rows[j], acc)
    assert not different(together.reshape(-1), acc.reshape(-1))


@pytest.mark.parametrize("kind", ["halfway", "halfway, subnormal"])
def test_rows_round_halfway_sums_as_single_multiply_adds(kind: str) -> None:
    a, b, c = (v[:4000, None] for v in triples(kind))
    for at in range(0, 4000, 40):
        together = fma_rows(c, a, [b[at]])
        assert not different(together[:, 0], fma(a, b[at], c)[:, 0])


def test_the_door_lets_only_finite_numbers_through(tmp_path: Path) -> None:
    x = np.array([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, 3.4e38, -1], np.float32)
    y = sanitize(x)
    expected = np.array([0.0, 0.0, 0.0, 0.0, 0.0, -0.0, 1e-45, 3.4e38, -1], np.float32)
    assert not different(y, expected)
    assert not different(KernelLibrary(tmp_path, find_host()).run("sanitize", x), expected)
