"""Every activation on vectors gives the bits of its scalar twin, whatever the value."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest
from generated_c import need

from namgen.arithmetic import F32
from namgen.processors import Processor, vector_processors
from namgen.reference.tanh_fit import COLUMNS_PATH, columns
from namgen.reference.tanh_table import TANH_TABLE
from namgen.resources import templates_dir
from namgen.toolchain import find_host

ONE = ("tanh", "sigmoid", "fast_tanh", "fast_sigmoid", "silu", "softsign", "hardswish")
PLAIN = (*ONE, "hardtanh", "relu")
SLOPED = {"leaky_relu": (0.01,), "prelu": (-0.3,), "leaky_hardtanh": (-0.7, 0.9, 0.02, 0.05)}

_SOURCE = """
#define NAM_LANES {lanes}
#include "nam_vector.h"
#include "nam_activations.h"
#include "nam_tanh_columns.h"
#include "nam_vector_activations.h"
#include "nam_vector_tanh.h"
{functions}
"""
_FUNCTION = """
void check_{name}(const float *x, float *scalar, float *vector, int count);
void check_{name}(const float *x, float *scalar, float *vector, int count)
{{
    for (int i = 0; i < count; i++) {{
        scalar[i] = nam_{name}(x[i]{scalars});
    }}
    for (int i = 0; i < count; i += NAM_LANES) {{
        nam_v_store(vector + i, nam_v_{name}(nam_v_load(x + i){vectors}));
    }}
}}
"""


def source(lanes: int) -> str:
    functions = []
    for name, params in {**dict.fromkeys(PLAIN, ()), **SLOPED}.items():
        scalars = "".join(f", {p}f" for p in params)
        vectors = "".join(f", nam_v_splat({p}f)" for p in params)
        functions.append(_FUNCTION.format(name=name, scalars=scalars, vectors=vectors))
    return _SOURCE.format(lanes=lanes, functions="".join(functions))


def dense_values() -> F32:
    """Some values of every exponent and both signs, and all neighbours of the segments' ends."""
    fractions = np.linspace(0, (1 << 23) - 1, 512, dtype=np.uint32)
    exponents = np.arange(255, dtype=np.uint32)[:, None] << 23
    sizes = (exponents | fractions).ravel().view(np.float32)
    ends = (np.arange(0, 129, dtype=np.float32) / 16).view(np.uint32)
    near = (ends[:, None] + np.arange(-8, 9, dtype=np.int64)).clip(0, 0x7F7FFFFF)
    found = np.concatenate([sizes, near.ravel().astype(np.uint32).view(np.float32)])
    found = np.concatenate([found, -found, np.float32([np.inf, -np.inf])])
    return np.concatenate([found, np.zeros(-len(found) % 16, np.float32)])


@pytest.mark.parametrize("compiler", ["gcc", "clang", "zig", "no fma"])
@pytest.mark.parametrize("chosen", vector_processors(), ids=lambda known: str(known.vector_unit))
def test_vectors_and_scalars_agree_in_every_bit(
    chosen: Processor, compiler: str, tmp_path: Path
) -> None:
    need(compiler)
    text = tmp_path / "activations.c"
    text.write_text(source(chosen.lanes), encoding="utf-8")
    made = find_host("auto" if compiler == "no fma" else compiler, fma=compiler != "no fma")
    made = made if compiler == "no fma" else made.for_processor(chosen)
    out = tmp_path / "activations.so"
    made.shared_library([text], out, include_dirs=[templates_dir() / "kernels"], extra=("-Werror",))
    library, x = ctypes.CDLL(str(out)), dense_values()
    for name in (*PLAIN, *SLOPED):
        scalar, vector = np.empty_like(x), np.empty_like(x)
        pointers = (array.ctypes.data_as(ctypes.c_void_p) for array in (x, scalar, vector))
        getattr(library, f"check_{name}")(*pointers, len(x))
        number = ~np.isnan(scalar)
        same = scalar.view(np.uint32) == vector.view(np.uint32)
        wrong = x[number & ~same]
        assert not wrong.size, f"{name}: {wrong.size} differ, the first at {wrong[0]!r}"
        assert (np.isnan(scalar) == np.isnan(vector)).all(), name


@pytest.mark.parametrize("chosen", vector_processors(), ids=lambda known: str(known.vector_unit))
def test_tanh_of_nan_is_a_number_on_vectors_too(chosen: Processor, tmp_path: Path) -> None:
    text, out = tmp_path / "activations.c", tmp_path / "activations.so"
    text.write_text(source(chosen.lanes), encoding="utf-8")
    find_host().for_processor(chosen).shared_library(
        [text], out, include_dirs=[templates_dir() / "kernels"]
    )
    x = np.array([0x7FC00000, 0xFFC00000] * 8, np.uint32).view(np.float32)
    for name in ("tanh", "sigmoid"):
        scalar, vector = np.empty_like(x), np.empty_like(x)
        pointers = (array.ctypes.data_as(ctypes.c_void_p) for array in (x, scalar, vector))
        getattr(ctypes.CDLL(str(out)), f"check_{name}")(*pointers, len(x))
        assert scalar.tobytes() == vector.tobytes()
        assert np.isfinite(vector).all()


def test_the_columns_are_the_later_half_of_the_table() -> None:
    written = COLUMNS_PATH.read_text(encoding="utf-8")
    assert written == columns(np.array(TANH_TABLE, np.float32))
