"""WebAssembly's multiply-add, which it has not, has one rounding: on triples made to break it.

Ordinary audio cannot see a broken look at doubted sums: hardly any is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from fma_triples import Triple, triples
from wasm_programs import program

from host_sim.wasm import NodeModule
from namgen.arithmetic import F32
from namgen.emit import kernel_headers
from namgen.reference.fma import fma
from namgen.resources import templates_dir

COUNT = 4096
TURNS = 40
"""1.5 million triples by each way; `-m slow` has 60 million."""

HEADER = "nam_vector_simd128.h"
WAYS = ("tried", "sure", "alone", "scalar")

_SOURCE = """
#define NAM_LANES 2
#include "nam_vector_simd128.h"
#include "nam_vector.h"

#define COUNT 4096
static float a[COUNT], b[COUNT], c[COUNT], out[COUNT];
static int doubts;

float *place(int n);
float *place(int n)
{
    float *const places[] = { a, b, c, out };
    return places[n];
}

int doubted(void);
int doubted(void) { return doubts; }

#define EACH(name, value)                              \\
    void name(void);                                   \\
    void name(void)                                    \\
    {                                                  \\
        for (int i = 0; i < COUNT; i += NAM_LANES) {   \\
            const nam_v x = nam_v_load(a + i);         \\
            const nam_v y = nam_v_load(b + i);         \\
            const nam_v z = nam_v_load(c + i);         \\
            nam_v_store(out + i, value);               \\
        }                                              \\
    }

static nam_v of_a_tile(nam_v x, nam_v y, nam_v z)
{
    nam_doubt doubt = NAM_NO_DOUBT;
    nam_v sum = z;
    {
        enum { IS_SURE = 0 };
        sum = nam_v_plus_product(sum, x, y);
    }
    if (NAM_IS_DOUBTED(doubt)) {
        enum { IS_SURE = 1 };
        sum = nam_v_plus_product(z, x, y);
        doubts++;
    }
    return sum;
}

EACH(tried, of_a_tile(x, y, z))
EACH(sure, nam_v_fma_sure(x, y, z))
EACH(alone, nam_v_fma(x, y, z))

void scalar(void);
void scalar(void)
{
    for (int i = 0; i < COUNT; i++) {
        out[i] = nam_fma(a[i], b[i], c[i]);
    }
}
"""


def primitive(header: str | None = None, **defines: str) -> NodeModule:
    """Build the primitive, perhaps with another text of its header."""
    files = {"primitive.c": _SOURCE, **kernel_headers([_SOURCE])}
    files |= {HEADER: header} if header else {}
    return program(files, (*WAYS, "place", "doubted"), defines)


def played(module: NodeModule, way: str, triple: Triple) -> F32:
    for number, values in enumerate(triple):
        module.write(module.call("place", number), values)
    module.call(way)
    return module.read(module.call("place", 3), np.float32, COUNT)


def wrong_bits(found: F32, triple: Triple) -> int:
    """Count what is not rounded once; of a NaN its payload is nobody's."""
    expected = fma(*triple)
    differs = found.view(np.uint32) != expected.view(np.uint32)
    return int(np.count_nonzero(differs & ~(np.isnan(found) & np.isnan(expected))))


def all_triples(turns: int) -> Iterator[tuple[str, Triple]]:
    for seed in range(turns):
        yield from triples(seed, COUNT)


@pytest.mark.parametrize("turns", [TURNS, pytest.param(1600, marks=pytest.mark.slow)])
@pytest.mark.parametrize("way", WAYS)
def test_every_sum_is_rounded_once(way: str, turns: int) -> None:
    module = primitive()
    for kind, triple in all_triples(turns):
        wrong = wrong_bits(played(module, way, triple), triple)
        assert not wrong, f"{kind}: {wrong} of {COUNT} sums have other bits"


def test_the_triples_meet_what_two_roundings_get_wrong() -> None:
    unchecked = 0
    for _, (a, b, c) in triples(0, COUNT):
        with np.errstate(all="ignore"):
            twice = (a.astype(np.float64) * b + c).astype(np.float32)
        unchecked += wrong_bits(twice, (a, b, c))
    assert unchecked > 100


def test_few_ordinary_sums_are_doubted() -> None:
    module = primitive()
    random = np.random.default_rng(1)
    for _ in range(20):
        played(module, "tried", tuple(random.standard_normal((3, COUNT)).astype(np.float32)))
    assert module.call("doubted") <= 2


BROKEN = {
    "no sum is halfway": ("wasm_i32x4_le(doubt, most)", "wasm_i32x4_lt(doubt, most)"),
    "bits are left out": ("wasm_i32x4_shl((v128_t)sum, 3)", "wasm_i32x4_shl((v128_t)sum, 2)"),
    "the last sum alone counts": ("wasm_i32x4_min(*doubt, ", "wasm_i32x4_max(*doubt, "),
    "tiny sums pass": ("-0x3F800001", "-0x40000001"),
    "odd the wrong way": ("((grows & 2) - 1)", "(1 - (grows & 2))"),
    "even stays even": ("(bits & 1) - 1", "(bits & 1) * 0"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_look_at_doubted_sums_is_seen(fault: str) -> None:
    text = (templates_dir() / "kernels" / HEADER).read_text(encoding="utf-8")
    right, broken = BROKEN[fault]
    assert text.count(right) == 1
    module = primitive(text.replace(right, broken))
    wrong = sum(wrong_bits(played(module, "tried", triple), triple) for _, triple in all_triples(4))
    assert wrong, f"{fault}: nobody has noticed"


def test_a_build_that_always_doubts_gives_the_same_bits() -> None:
    module = primitive(NAM_ALWAYS_DOUBT="1")
    for _, triple in triples(0, COUNT):
        assert not wrong_bits(played(module, "tried", triple), triple)
    assert module.call("doubted") == 9 * COUNT // 2
