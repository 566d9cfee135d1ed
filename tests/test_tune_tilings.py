"""Tuning: measured choices are found, stored as data, and obeyed by every later plan."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from benchmarks.models import a1
from host_sim.m7 import tune as tuning
from host_sim.m7.tune import Workshop, shapes_of, toml, tune, variants
from namgen import ir
from namgen.errors import UnsupportedError
from namgen.plan.layouts.frame_major import frame_major
from namgen.plan.layouts.frame_major.cut import ScalarUnit
from namgen.plan.layouts.tilings import SumShape, Tiling, measured_tilings
from namgen.processors import processor_names
from namgen.selection.plans import plan_floats
from namgen.targets import load_target
from namgen.toolchain import find_cross

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

BLOCK = 16
SHAPE = SumShape(rows=4, inputs=4, kernel_size=3, stride=4)
LAYOUT = frame_major(BLOCK, ScalarUnit(32, paired_loads=True), tilings={})


@pytest.fixture
def model() -> ir.Model:
    return ir.Model("small", "small.nam", "0" * 64, 48_000, a1((4, (1, 2, 4))))


@pytest.fixture
def workshop() -> Workshop:
    return Workshop(load_target("daisy"), BLOCK, find_cross())


def test_the_shapes_of_a_model_are_its_convolutions(model: ir.Model, workshop: Workshop) -> None:
    shapes = shapes_of(model, workshop)
    assert shapes[0] == SHAPE
    assert len(set(shapes)) == len(shapes)


def test_candidates_are_others_than_the_plans_own() -> None:
    found = variants(SHAPE, LAYOUT, 5)
    assert LAYOUT.tiling(SHAPE) not in found
    assert len(set(found)) == len(found) >= 4


def test_the_fastest_candidate_is_chosen(
    model: ir.Model, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = variants(SHAPE, LAYOUT, 5)[2]

    def cycles(_model: ir.Model, _shop: Workshop, choices: dict[SumShape, Tiling]) -> float:
        return 900.0 if choices.get(SHAPE) == best else 1000.0

    monkeypatch.setattr(tuning, "_cycles", cycles)
    found = tune(model, workshop, candidates=5)
    assert found.choices == {SHAPE: best}
    assert (found.before, found.after) == (1000.0, 900.0)


def test_tuning_never_makes_a_model_slower(model: ir.Model, workshop: Workshop) -> None:
    found = tune(model, workshop, candidates=1)
    assert found.after <= found.before
    assert all(trial.cycles >= found.after for trial in found.trials)


def test_stored_choices_are_read_back(tmp_path: Path) -> None:
    choices = {SHAPE: Tiling(2, 4, 1, 3)}
    data = tomllib.loads(toml(choices, ["a note"]))
    read = {SumShape(**e["shape"]): Tiling(**e["choice"]) for e in data["tiling"]}
    assert read == choices


def test_a_stored_choice_is_obeyed_where_the_block_allows(model: ir.Model) -> None:
    stored = {SHAPE: Tiling(1, 3, 1, 1)}
    allowed = plan_floats(model, block_frames=24, tilings=stored)
    other = plan_floats(model, block_frames=16, tilings=stored)  # 3 does not divide 16
    frames = {named.kernel.tile_frames for named in allowed.kernels}
    assert 3 in frames
    assert 3 not in {named.kernel.tile_frames for named in other.kernels}


def test_vectors_are_never_cut_up_by_measured_tilings(model: ir.Model) -> None:
    with pytest.raises(UnsupportedError, match="tilings: expected none for x86-64, found some"):
        plan_floats(model, target=load_target("x86-64"), tilings={SHAPE: Tiling(1, 4, 1, 1)})


def test_the_stored_table_of_a_processor_holds_possible_tilings() -> None:
    for name in processor_names():
        for shape, tiling in measured_tilings(name).items():
            assert shape.rows % tiling.rows == 0
            assert shape.kernel_size % tiling.tap_unroll == 0
