"""Every activation on WebAssembly's vectors gives the bits of its scalar twin."""

from __future__ import annotations

import numpy as np
import pytest
from test_host_layout_activations import PLAIN, SLOPED, dense_values, source
from wasm_programs import program

from host_sim.wasm import NodeModule
from namgen.arithmetic import F32
from namgen.emit import kernel_headers

COUNT = 4096
_VECTORS = '#include "nam_vector.h"'

_PLACES = f"""
static float places[3][{COUNT}];
float *place(int n);
float *place(int n) {{ return places[n]; }}
"""


@pytest.fixture(scope="module")
def module() -> NodeModule:
    text = source(2).replace(_VECTORS, f'#include "nam_vector_simd128.h"\n{_VECTORS}') + _PLACES
    exports = ("place", *(f"check_{name}" for name in (*PLAIN, *SLOPED)))
    return program({"activations.c": text, **kernel_headers([text])}, exports)


def checked(module: NodeModule, name: str, x: F32) -> tuple[F32, F32]:
    places = [module.call("place", n) for n in range(3)]
    module.write(places[0], x)
    module.call(f"check_{name}", *places, len(x))
    scalar, vector = (module.read(place, np.float32, len(x)) for place in places[1:])
    return scalar, vector


@pytest.mark.parametrize("name", [*PLAIN, *SLOPED])
def test_vectors_and_scalars_agree_in_every_bit(module: NodeModule, name: str) -> None:
    values = dense_values()
    for start in range(0, len(values), COUNT):
        x = values[start : start + COUNT]
        scalar, vector = checked(module, name, x)
        same = scalar.view(np.uint32) == vector.view(np.uint32)
        wrong = x[~np.isnan(scalar) & ~same]
        assert not wrong.size, f"{wrong.size} differ, the first at {wrong[0]!r}"
        assert (np.isnan(scalar) == np.isnan(vector)).all()


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_of_what_is_no_number_they_are_one(module: NodeModule, name: str) -> None:
    x = np.array([0x7FC00000, 0xFFC00000], np.uint32).view(np.float32)
    scalar, vector = checked(module, name, x)
    assert scalar.tobytes() == vector.tobytes()
    assert np.isfinite(vector).all()
