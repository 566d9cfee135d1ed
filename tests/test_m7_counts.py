"""The presets' code does not get longer without anybody noticing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from benchmarks.instruction_counts import PATH, block_cost
from benchmarks.models import presets
from benchmarks.targets import BLOCK, GCC_GOALS, build
from namgen.targets import load_target
from namgen.toolchain import find_cross

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ALLOWANCE = 0.01
"""Part by which a count may grow; code that got this much shorter wants new numbers as well."""


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    return tomllib.loads(Path(PATH).read_text(encoding="utf-8"))


def test_the_counts_are_those_of_the_pinned_compiler(stored: dict[str, Any]) -> None:
    if stored["compiler"] != find_cross().version:
        pytest.skip(f"the stored counts are of {stored['compiler']}")
    names = {preset.name for preset in presets()}
    assert set(stored["instructions"]) == set(stored["cycles"]) == names


@pytest.mark.parametrize("name", [preset.name for preset in presets()])
def test_a_preset_takes_the_stored_instructions_and_cycles(
    name: str, stored: dict[str, Any]
) -> None:
    """Cycles apart: what only costs waiting, such as loads between multiply-adds, adds none."""
    if stored["compiler"] != find_cross().version:
        pytest.skip(f"the stored counts are of {stored['compiler']}")
    found = block_cost(name)
    for what, number in (("instructions", found.instructions), ("cycles", found.cycles)):
        expected = stored[what][name]
        assert abs(number / expected - 1) <= ALLOWANCE, (
            f"{number} {what} per block, {expected} are stored; if that is wanted: "
            "python -m benchmarks.instruction_counts --save"
        )


@pytest.mark.parametrize("name", ["A2-Lite", "LSTM 2x8"])
def test_the_tightest_goals_hold_with_gcc_too(name: str) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not on PATH")
    cross = find_cross("gcc")
    if " 12.2." not in cross.version:
        pytest.skip(f"the goals are for GCC 12.2, this is {cross.version}")
    (preset,) = (preset for preset in presets() if preset.name == name)
    model = preset.load()
    assert build(model, load_target("daisy"), cross, BLOCK).per_sample < GCC_GOALS[name]
