"""The sigmoid of an LSTM's cell: by a table of its own, with the bits of the other sigmoid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cffi
import numpy as np
import pytest
from numerics_c import HOST_LABELS, HOSTS, KERNELS, STRICT, different, host_compiler

from benchmarks.models import Candidate, a1, a2, lstm
from namgen import ir
from namgen.activation_kernels import TABLE_BYTES
from namgen.arithmetic import F32
from namgen.emit import emit
from namgen.passes.fast_tanh import with_fast_tanh
from namgen.reference import tanh_fit
from namgen.reference.accuracy import float32_value, samples
from namgen.reference.tanh_table import TANH_TABLE
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import HostCc, find_host, shared_library_suffix

ALL_BITS = 1 << 32

_SOURCE = """
#include <stddef.h>

#include "nam_cell.h"

void sigmoids(const float *x, float *y, size_t n);
void sigmoids(const float *x, float *y, size_t n)
{
    nam_cell by;
    nam_cell_read(&by);
    for (size_t i = 0; i + 4 <= n; i += 4) {
        float a = x[i], b = x[i + 1], c = x[i + 2], d = x[i + 3];
        nam_cell_sigmoid_4(&by, &a, &b, &c, &d);
        y[i] = a;
        y[i + 1] = b;
        y[i + 2] = c;
        y[i + 3] = d;
    }
}

long unequal(unsigned long long first, unsigned long long end);
long unequal(unsigned long long first, unsigned long long end)
{
    nam_cell by;
    nam_cell_read(&by);
    long count = 0;
    for (unsigned long long bits = first; bits < end; bits += 4) {
        float y[4];
        for (unsigned int i = 0; i < 4; i++) {
            y[i] = nam_float_of((uint32_t)bits + i);
        }
        nam_cell_sigmoid_4(&by, &y[0], &y[1], &y[2], &y[3]);
        for (unsigned int i = 0; i < 4; i++) {
            const float expected = nam_sigmoid(nam_float_of((uint32_t)bits + i));
            count += nam_bits_of(y[i]) != nam_bits_of(expected);
        }
    }
    return count;
}
"""


def compiled(folder: Path, compiler: HostCc) -> tuple[cffi.FFI, Any]:
    source, out = folder / "cell.c", folder / f"cell{shared_library_suffix()}"
    source.write_text(_SOURCE)
    compiler.shared_library([source], out, include_dirs=[KERNELS], extra=STRICT)
    ffi = cffi.FFI()
    ffi.cdef("void sigmoids(const float *, float *, size_t);")
    ffi.cdef("long unequal(unsigned long long, unsigned long long);")
    return ffi, ffi.dlopen(str(out))


def arguments() -> F32:
    """Numbers of every size, and those around every joint of the table, in fours."""
    joints = np.arange(-64, 64, dtype=np.float32) / 4 + np.float32(0.125)
    near = joints.view(np.int32)[:, None] + np.arange(-8, 9, dtype=np.int32)
    x = np.concatenate([samples(), near.ravel().view(np.float32)])
    return x[: len(x) // 4 * 4]


@pytest.mark.parametrize("host", HOSTS, ids=HOST_LABELS)
def test_it_has_the_bits_of_the_reference(host: tuple[str, str], tmp_path: Path) -> None:
    ffi, library = compiled(tmp_path, host_compiler(*host))
    x = arguments()
    y = np.empty_like(x)
    library.sigmoids(ffi.from_buffer("float[]", x), ffi.from_buffer("float[]", y), len(x))
    assert not different(y, float32_value(ir.Activation("Sigmoid"), x))


@pytest.mark.slow
def test_it_has_the_bits_of_the_other_for_every_float(tmp_path: Path) -> None:
    _, library = compiled(tmp_path, find_host())
    assert library.unequal(0, ALL_BITS) == 0


def test_the_table_is_what_the_script_writes() -> None:
    table = np.array(TANH_TABLE, np.float32)
    assert tanh_fit.SIGMOID_PATH.read_text(encoding="utf-8") == tanh_fit.sigmoid_header(table)


def test_no_number_of_the_table_is_rounded() -> None:
    table, powers = np.array(TANH_TABLE, np.float32), np.float32([2, 4, 8, 16])
    scaled = table / powers
    assert not different(scaled * powers, table)
    assert np.abs(scaled[scaled != 0]).min() > np.finfo(np.float32).tiny


@pytest.mark.parametrize(
    "path", [tanh_fit.HEADER_PATH, tanh_fit.SIGMOID_PATH], ids=lambda p: p.stem
)
def test_a_table_is_as_long_as_plans_believe(path: Path) -> None:
    rows = TABLE_BYTES[path.stem] // np.dtype(np.float32).itemsize // 4
    assert f"{path.stem}[{rows}][4]" in path.read_text(encoding="utf-8")


WITH_TABLE = [lstm(16, 1), lstm(8, 2), lstm(4, 1)]
WITHOUT = [
    a2(3),
    a1((4, (1, 2)), gating=ir.Gating.GATED),
    a1((4, (1, 2)), activation=ir.Activation("Sigmoid")),
    lstm(3, 1),
    with_fast_tanh(lstm(16, 1)),
]
"""Networks without a cell of whole fours, or with another sigmoid."""


@pytest.mark.parametrize("network", WITH_TABLE)
def test_a_cell_of_whole_fours_has_the_table(network: ir.Network) -> None:
    planned = plan_model(Candidate("any", network).load(), target=load_target("daisy"))
    (table,) = (b for b in planned.buffers if b.symbol == "nam_sigmoid_table")
    assert (table.region, table.size_bytes) == ("dtcm", 2048)
    assert "nam_sigmoid_table.h" in emit(planned)


@pytest.mark.parametrize("network", WITHOUT)
def test_nothing_else_pays_for_the_table(network: ir.Network) -> None:
    planned = plan_model(Candidate("any", network).load(), target=load_target("daisy"))
    assert "nam_sigmoid_table" not in {buffer.symbol for buffer in planned.buffers}
    assert not {"nam_cell.h", "nam_sigmoid_table.h"} & set(emit(planned))
