"""The C of integer networks is silent under strict warnings in five compilers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from fixed_networks import chance_network, model_of, self_test_of, tanh_network
from generated_c import COMPILERS, compile_strictly, need, undefined_symbols
from integer_networks import TAPS, random_network

from namgen.plan.fixed import FixedPlan, plan_fixed

NETWORKS = {
    "slopes": lambda: chance_network((2, 3, 2), (1, 4, 60), channels=4, fed_back=(1,)),
    "one channel": lambda: chance_network((3, 2), (2, 1), channels=1, head_kernel=1),
    "tanh, long words": tanh_network,
    "tanh, short words": lambda: random_network(TAPS),
}


@cache
def planned(name: str) -> FixedPlan:
    network = NETWORKS[name]()
    return plan_fixed(model_of(), network, self_test_of(network))


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", NETWORKS)
def test_integers_compile_alone_and_without_a_warning(
    name: str, compiler: str, tmp_path: Path
) -> None:
    need(compiler)
    assert undefined_symbols(compile_strictly(planned(name), compiler, tmp_path)) == set()
