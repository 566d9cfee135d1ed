"""The cycle model gives small instruction sequences their published cycle counts."""

from __future__ import annotations

import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from benchmarks.m7_model.rules import cycles_per_repetition
from namgen.processors.pipeline import Parameters, load_parameters
from namgen.selftest.rules import Rule, load_rules
from namgen.toolchain import CrossToolchain, find_cross


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return load_parameters()


@pytest.fixture(scope="module")
def toolchain() -> CrossToolchain:
    return find_cross()


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.name)
def test_a_published_sequence_takes_its_published_cycles(
    rule: Rule, toolchain: CrossToolchain, parameters: Parameters
) -> None:
    got = cycles_per_repetition(rule, toolchain, parameters)
    assert got == rule.cycles, f"{rule.body}: {rule.source}"
