"""The kernels compiled on their own for this machine, each as an exported loop."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import cffi
import numpy as np
import pytest
from generated_c import small_model

from namgen import ir
from namgen.activation_kernels import kernel
from namgen.arithmetic import F32
from namgen.emit import emit
from namgen.resources import templates_dir
from namgen.selection.plans import plan_model
from namgen.toolchain import HostCc, find_host, shared_library_suffix

KERNELS = templates_dir() / "kernels"

ACTIVATIONS = (
    ir.Activation("Tanh"),
    ir.Activation("Fasttanh"),
    ir.Activation("Sigmoid"),
    ir.Activation("Fastsigmoid"),
    ir.Activation("SiLU"),
    ir.Activation("Softsign"),
    ir.Activation("Hardswish"),
    ir.Activation("Hardtanh"),
    ir.Activation("ReLU"),
    ir.Activation("LeakyReLU", (0.01,)),
    ir.Activation("LeakyReLU", (1.0,)),
    ir.Activation("LeakyReLU", (0.0,)),
    ir.Activation("LeakyReLU", (-0.3,)),
    ir.Activation("LeakyReLU", (1.7,)),
    ir.Activation("PReLU", (0.2,)),
    ir.Activation("LeakyHardtanh", (-1.0, 1.0, 0.01, 0.01)),
    ir.Activation("LeakyHardtanh", (0.0, 0.0, -0.5, -0.25)),
    ir.Activation("LeakyHardtanh", (-0.7, 0.3, 0.1, -0.2)),
    ir.Activation("LeakyHardtanh", (-0.7, 0.0, -0.5, -0.25)),
)
LABELS = [f"{a.name}{a.params or ''}" for a in ACTIVATIONS]

HOSTS = tuple(itertools.product(("gcc", "clang", "zig"), ("fma", "software")))
"""Compiler, and whether it may use the processor's fused multiply-add."""

HOST_LABELS = ["-".join(host) for host in HOSTS]

STRICT = ("-Werror",)

TILES = "nam_two_arrays_tiles.h"
"""The tile operations of a model with tiles of four rows."""


def tile_operations() -> str:
    """The generated text of `TILES`."""
    return emit(plan_model(small_model("two_arrays")))[TILES]


def kernel_source() -> str:
    """One exported loop over each of `ACTIVATIONS`, and over the arithmetic."""
    loops = [_loop(number, activation) for number, activation in enumerate(ACTIVATIONS)]
    return _ARITHMETIC_LOOPS + "".join(loops)


def _loop(number: int, activation: ir.Activation) -> str:
    call = kernel(activation)
    arguments = ", ".join(["x[i]", *(f"(float){p!r}" for p in call.params)])
    return _LOOP.format(name=f"apply_{number}", call=f"{call.function}({arguments})")


_LOOP = """
void {name}(const float *x, float *y, size_t n);
void {name}(const float *x, float *y, size_t n)
{{
    for (size_t i = 0; i < n; i++) {{
        y[i] = {call};
    }}
}}
"""

_ARITHMETIC_LOOPS = """
#include <stddef.h>

#include "nam_activations.h"
#include "nam_tanh.h"
#include "nam_two_arrays_tiles.h"

void fuse(const float *a, const float *b, const float *c, float *y, size_t n);
void fuse(const float *a, const float *b, const float *c, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = nam_fma(a[i], b[i], c[i]);
    }
}

/* The same four at a time, as a kernel does it; the last few are left out. */
void fuse_rows(const float *a, const float *b, const float *c, float *y, size_t n);
void fuse_rows(const float *a, const float *b, const float *c, float *y, size_t n)
{
    for (size_t i = 0; i + 4 <= n; i += 4) {
        for (size_t j = i; j < i + 4; j++) {
            float w_0 = a[i], w_1 = a[i + 1], w_2 = a[i + 2], w_3 = a[i + 3];
            float s_0 = c[i], s_1 = c[i + 1], s_2 = c[i + 2], s_3 = c[i + 3];
            NAM_FMA_4(s, w, b[j]);
            y[4 * j] = s_0;
            y[4 * j + 1] = s_1;
            y[4 * j + 2] = s_2;
            y[4 * j + 3] = s_3;
        }
    }
}

void sanitize(const float *x, float *y, size_t n);
void sanitize(const float *x, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = nam_sanitize(x[i]);
    }
}

long falls(unsigned int first, unsigned int last);
long falls(unsigned int first, unsigned int last)
{
    float before = nam_tanh(nam_float_of(first));
    long count = 0;
    for (unsigned int bits = first; bits <= last; bits++) {
        const float now = nam_tanh(nam_float_of(bits));
        count += now < before;
        before = now;
    }
    return count;
}
"""

_DECLARATIONS = (
    "void fuse(const float *, const float *, const float *, float *, size_t);"
    "void fuse_rows(const float *, const float *, const float *, float *, size_t);"
    "void sanitize(const float *, float *, size_t);"
    "long falls(unsigned int, unsigned int);"
    + "".join(f"void apply_{n}(const float *, float *, size_t);" for n in range(len(ACTIVATIONS)))
)


class KernelLibrary:
    """`kernel_source` compiled for this machine."""

    def __init__(self, folder: Path, compiler: HostCc, *, opt: str = "-O2") -> None:
        source, out = folder / "kernels.c", folder / f"kernels{shared_library_suffix()}"
        source.write_text(kernel_source())
        (folder / TILES).write_text(tile_operations())
        compiler.shared_library([source], out, include_dirs=[KERNELS], opt=opt, extra=STRICT)
        self._ffi = cffi.FFI()
        self._ffi.cdef(_DECLARATIONS)
        self.c: Any = self._ffi.dlopen(str(out))

    def run(self, function: str, *inputs: F32) -> F32:
        """Call an exported loop on contiguous arrays of one shape."""
        out = np.empty_like(inputs[0])
        self._call(function, inputs, out)
        return out

    def fuse_rows(self, a: F32, b: F32, c: F32) -> F32:
        """Fuse each four of `a` and `c` with each of the four of `b`: (n / 4, 4, 4)."""
        out = np.empty((len(a) // 4, 4, 4), np.float32)
        self._call("fuse_rows", (a, b, c), out)
        return out

    def _call(self, function: str, inputs: tuple[F32, ...], out: F32) -> None:
        pointers = [self._ffi.from_buffer("float[]", array) for array in (*inputs, out)]
        getattr(self.c, function)(*pointers, inputs[0].size)


def host_compiler(name: str, fused: str) -> HostCc:
    """The compiler of one of `HOSTS`, or a skip."""
    if name != "zig" and shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return find_host(name, fma=fused == "fma")


def different(left: F32, right: F32) -> str:
    """Empty when all bits are equal; else the first difference and how many there are."""
    unequal = np.flatnonzero(left.view(np.uint32) != right.view(np.uint32))
    if unequal.size == 0:
        return ""
    at = unequal[0]
    pair = f"{float(left[at]).hex()} and {float(right[at]).hex()}"
    return f"{unequal.size} of {left.size} differ; at {at}: {pair}"
