"""Four rows side by side are what nam_fixed.h says of each: in node's vectors, and without any."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cffi
import numpy as np
import numpy.typing as npt
import pytest
from wasm_programs import program

from namgen.emit import kernel_headers
from namgen.resources import templates_dir
from namgen.scratch import scratch_folder
from namgen.toolchain import find_host

I32 = npt.NDArray[np.int32]
COUNT = 4096
ROW = {
    "high": ("nam_high(a, b)", "nam_rows_high(a, b)"),
    "dual": ("nam_dual(c, a, b)", "nam_rows_dual(c, a, b)"),
    "slopes": ("nam_high(a, b) + nam_high(a < 0 ? a : 0, c)", "nam_rows_slopes(a, b, c)"),
    "masked": ("nam_masked(a, b)", "nam_rows_masked(a, b)"),
    **{f"halved{n}": (f"nam_halved(a, {n})", f"nam_rows_halved(a, {n})") for n in (1, 6, 12, 31)},
    **{f"held{n}": (f"nam_held(a, {n})", f"nam_rows_held(a, {n})") for n in (2, 16, 25, 28)},
    **{f"doubled{n}": (f"nam_doubled(a, {n})", f"nam_rows_doubled(a, {n})") for n in (1, 4, 31)},
    "tanh_of": ("nam_tanh_of(a, table + 512, 20)", "nam_rows_tanh_of(a, table + 512, 20)"),
    "short_tanh": ("nam_short_tanh(a, table + 512)", "nam_rows_short_tanh(a, table + 512)"),
}
"""By name: of one row, and of four."""

_ROW = """
void {name}(const int32_t *p, const int32_t *q, const int32_t *r, int32_t *one, int32_t *four);
void {name}(const int32_t *p, const int32_t *q, const int32_t *r, int32_t *one, int32_t *four)
{{
    (void)q;
    (void)r;
    for (int i = 0; i < {count}; i++) {{
        const int32_t a = p[i], b = q[i], c = r[i];
        (void)b;
        (void)c;
        one[i] = {single};
    }}
    for (int i = 0; i < {count}; i += NAM_ROWS) {{
        const nam_rows a = nam_rows_load(p + i), b = nam_rows_load(q + i), c = nam_rows_load(r + i);
        (void)b;
        (void)c;
        nam_rows_store(four + i, {rows});
    }}
}}
"""
_WHOLE = """
void whole(const int32_t *p, const int32_t *q, const int32_t *r, int32_t *one, int32_t *four);
void whole(const int32_t *p, const int32_t *q, const int32_t *r, int32_t *one, int32_t *four)
{
    (void)q;
    (void)r;
    for (int i = 0; i < COUNT; i += 8) {
        uint32_t total = 0;
        for (int row = 0; row < 4; row++) {
            one[i + row] = p[i + 2 * row];
            total += (uint32_t)p[i + 2 * row + 1];
        }
        one[i + 4] = nam_pair(nam_held(p[i], 16), nam_held(p[i + 1], 16));
        one[i + 5] = nam_pair(nam_held(p[i + 2], 16), nam_held(p[i + 3], 16));
        one[i + 6] = one[i + 7] = nam_signed(total);
        nam_rows_store(four + i, nam_rows_firsts(p + i));
        nam_rows_store_pairs(four + i + 4, nam_rows_load(p + i));
        four[i + 6] = four[i + 7] = nam_rows_total(nam_rows_seconds(p + i));
    }
}
"""
_PLACES = f"""
static int32_t places[5][{COUNT}];
int32_t *place(int n);
int32_t *place(int n) {{ return places[n]; }}
"""


def source() -> str:
    """All of them, over arrays."""
    table = ", ".join(str((n * 7919 - 4_000_000) % (1 << 29)) for n in range(1032))
    parts = [f'#include "nam_fixed_rows.h"\nstatic const int32_t table[1032] = {{{table}}};']
    parts += [
        _ROW.format(name=name, count=COUNT, single=single, rows=rows)
        for name, (single, rows) in ROW.items()
    ]
    return "".join([*parts, _WHOLE.replace("COUNT", str(COUNT)), _PLACES])


def numbers(seed: int) -> I32:
    """All sizes, and where the least and the largest numbers of some bits are."""
    random = np.random.default_rng(seed)
    bits = random.integers(0, 1 << 32, COUNT).astype(np.uint32).view(np.int32)
    found = bits >> random.integers(0, 31, COUNT)
    edges = [sign * (1 << n) + d for n in range(31) for sign in (1, -1) for d in (-1, 0, 1)]
    found[:: COUNT // len(edges)][: len(edges)] = edges
    return random.permutation(found).astype(np.int32)


Arrays = tuple[I32, I32, I32]


def operands(name: str, seed: int) -> Arrays:
    """No sum of theirs is too large for an integer, as in a network none is."""
    a, b, c = (numbers(3 * seed + n) for n in range(3))
    if name == "dual":
        a, c = a >> 1, c >> 3  # of the upper halves, 2^29 at the most
    if name == "slopes":
        c = c >> 2
    return a, b, c


def in_node() -> Callable[[str, Arrays], tuple[bytes, bytes]]:
    text = source()
    module = program({"rows.c": text, **kernel_headers([text])}, ("place", "whole", *ROW))
    places = [module.call("place", n) for n in range(5)]

    def run(name: str, given: Arrays) -> tuple[bytes, bytes]:
        for place, values in zip(places, given, strict=False):
            module.write(place, values)
        module.call(name, *places)
        one, four = (module.read(place, np.int32, COUNT).tobytes() for place in places[3:])
        return one, four

    return run


def here() -> Callable[[str, Arrays], tuple[bytes, bytes]]:
    ffi = cffi.FFI()
    for name in ("whole", *ROW):
        ffi.cdef(f"void {name}(const int *, const int *, const int *, int *, int *);")
    with scratch_folder() as folder:
        (folder / "rows.c").write_text(source(), encoding="utf-8")
        kernels = templates_dir() / "kernels"
        out = folder / "librows.so"
        find_host().shared_library([folder / "rows.c"], out, include_dirs=[kernels])
        library = ffi.dlopen(str(out))

    def run(name: str, given: Arrays) -> tuple[bytes, bytes]:
        results = [np.zeros(COUNT, np.int32) for _ in range(2)]
        pointers = [ffi.from_buffer("int[]", values) for values in (*given, *results)]
        getattr(library, name)(*pointers)
        return results[0].tobytes(), results[1].tobytes()

    return run


@cache
def machine(name: str) -> Callable[[str, Arrays], tuple[bytes, bytes]]:
    return in_node() if name == "node" else here()


@pytest.mark.parametrize("where", ["node", "here"])
@pytest.mark.parametrize("name", ["whole", *ROW])
def test_four_rows_are_four_times_one(name: str, where: str) -> None:
    run = machine(where)
    for seed in range(8):
        one, four = run(name, operands(name, seed))
        assert one == four, seed
