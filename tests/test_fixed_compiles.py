"""The C of integer networks is silent under strict warnings in five compilers."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from fixed_networks import chance_network, model_of, self_test_of, tanh_network
from generated_c import COMPILERS, compile_strictly, need, undefined_symbols
from integer_networks import TAPS, random_network

from namgen.emit import emit
from namgen.plan.fixed import FixedPlan, plan_fixed
from namgen.targets import load_target

NETWORKS = {
    "slopes": lambda: chance_network((2, 3, 2), (1, 4, 60), channels=4, fed_back=(1,)),
    "one channel": lambda: chance_network((3, 2), (2, 1), channels=1, head_kernel=1),
    "wide": lambda: chance_network((2, 3, 2), (1, 4, 9), channels=18, fed_back=(1, 2)),
    "tanh, long words": tanh_network,
    "tanh, short words": lambda: random_network(TAPS),
}


@cache
def planned(name: str, target: str | None = None) -> FixedPlan:
    network, chosen = NETWORKS[name](), load_target(target) if target else None
    return plan_fixed(model_of(), network, self_test_of(network), target=chosen)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", NETWORKS)
def test_integers_compile_alone_and_without_a_warning(
    name: str, compiler: str, tmp_path: Path
) -> None:
    need(compiler)
    assert undefined_symbols(compile_strictly(planned(name), compiler, tmp_path)) == set()


@pytest.mark.parametrize("name", NETWORKS)
def test_plain_c_alone_compiles_without_a_warning(name: str, tmp_path: Path) -> None:
    need("gcc")
    assert undefined_symbols(compile_strictly(planned(name, "host"), "gcc", tmp_path)) == set()


@pytest.mark.parametrize("target", ["host", "cortex-m4f", "cortex-m7", "daisy"])
def test_every_file_is_one_that_the_c_includes(target: str) -> None:
    texts = emit(planned("slopes", target))
    included, left = set[str](), ["nam_chance.c"]
    while left:
        included.add(left[-1])
        left += set(re.findall(r'^#include "(.*)"$', texts[left.pop()], re.M)) - included
    assert included == set(texts)
    machine_code = load_target(target).processor.name == "cortex-m7"
    assert ("nam_chance_cortex_m7.h" in texts) == machine_code
    assert any("_turns" in text for text in texts.values()) == machine_code
