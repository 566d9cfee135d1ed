"""Of the kernels, C carries those files that it reads, and no other."""

from __future__ import annotations

import re
from itertools import product

import pytest
from generated_c import small_model
from small_networks import LEAKY, TANH, TO_READ, Weights

from namgen import ir
from namgen.emit import emit
from namgen.resources import templates_dir
from namgen.selection.plans import plan_model
from namgen.targets import load_target

PROCESSORS = ("cortex-m7", "cortex-m4f", "generic", "x86-64", "x86-64-avx512", "aarch64")
DEFINED = re.compile(
    r"^#define (\w+)|^(?:static|NAM_INLINE)[\w *]*? \*?(nam_\w+)(?:\(|\[)|^} (\w+);", re.MULTILINE
)
ALWAYS = {"nam_math.h", "nam_self_test.h", "nam_platform.h", "nam_vector.h"}


def names_in(header: str) -> set[str]:
    """What a header of the kernels defines."""
    text = (templates_dir() / "kernels" / header).read_text("utf-8")
    found = {name for match in DEFINED.finditer(text) for name in match.groups() if name}
    return found - {header.upper().replace(".", "_")}


def one_layer(activation: ir.Activation) -> ir.Model:
    w = Weights(3)
    layer = w.layer(4, kernel=3, dilation=1)
    layers = (ir.Layer(layer.conv, layer.mixin, activation, layer1x1=layer.layer1x1),)
    array = ir.LayerArray(w.conv(1, 4, bias=False), layers, w.conv(4, 1))
    return ir.Model("one", "one.nam", "0" * 64, 48_000, ir.WaveNet(1, (array,), 0.02))


@pytest.mark.parametrize(("processor", "network"), list(product(PROCESSORS, TO_READ)))
def test_every_file_is_read_by_another(processor: str, network: str) -> None:
    texts = emit(plan_model(small_model(network), target=load_target(processor), block_frames=48))
    for header in [name for name in texts if name.startswith("nam_") and name not in ALWAYS]:
        if not (templates_dir() / "kernels" / header).is_file():
            continue
        others = "".join(text for name, text in texts.items() if name != header)
        words = set(re.findall(r"\w+", others))
        assert names_in(header) & words, f"{header} is written, and nothing reads it"


@pytest.mark.parametrize("processor", PROCESSORS)
def test_a_table_comes_with_what_looks_it_up(processor: str) -> None:
    target, found = load_target(processor), {}
    for activation in (TANH, LEAKY):
        planned = plan_model(one_layer(activation), target=target, block_frames=48)
        found[activation.name] = {name for name in emit(planned) if "tanh" in name}
    assert found["LeakyReLU"] == set()
    assert "nam_tanh_table.h" in found["Tanh"]
    assert ("nam_tanh_columns.h" in found["Tanh"]) is (processor == "x86-64-avx512")
