"""Profiles and predictions: of the image that is built, complete, repeatable, and obeyed."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import make_nam
import numpy as np
import pytest
from click.testing import CliRunner, Result

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

import namgen
from host_sim.m7 import pedal_profile
from host_sim.m7.meter import Meter
from host_sim.m7.pedal_profile import quick_instrument
from namgen.cli import common, main
from namgen.errors import BudgetError
from namgen.prediction import Budget, Measured, Prediction
from namgen.processors.margin import Margin

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture(scope="module")
def tweed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_nam.write(tmp_path_factory.mktemp("tweed"), make_nam.a1())


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def profiled(*arguments: object) -> dict[str, Any]:
    result = run("profile", *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def found(tweed: Path) -> dict[str, Any]:
    """The profile of a small A1, with everything at its default."""
    return profiled(tweed)


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every run of a test, all of one model, the profile that the first made."""
    made: list[pedal_profile.PedalProfile] = []
    real: Any = pedal_profile.profile_pedal

    def first(*arguments: Any, **options: Any) -> pedal_profile.PedalProfile:
        if not made:
            made.append(real(*arguments, **options))
        return made[0]

    monkeypatch.setattr(pedal_profile, "profile_pedal", first)


def test_layers_functions_and_reasons_add_up(found: dict[str, Any]) -> None:
    total = found["cycles_per_block"]["average"]
    model = 48 * found["cycles_per_sample"]["model_alone"]
    layers = sum(layer["cycles_per_block"] for layer in found["layers"])
    assert layers + found["between_layers_cycles_per_block"] == pytest.approx(model)
    assert sum(found["stall_cycles_per_block"].values()) == pytest.approx(total)
    assert sum(f["cycles_per_block"] for f in found["functions"]) == pytest.approx(total)
    assert layers < model < total
    assert len(found["layers"]) >= 6  # four layers, two heads
    assert not found["unknown_instructions"]


def test_a_profile_is_the_same_every_time(found: dict[str, Any], tweed: Path) -> None:
    assert profiled(tweed) == found


def test_both_clocks_have_their_share(found: dict[str, Any]) -> None:
    share = found["share"]
    assert share["400000000"] == pytest.approx(1.2 * share["480000000"], rel=0.02)


def test_small_blocks_cost_more_per_sample(found: dict[str, Any], tweed: Path) -> None:
    small, usual = profiled(tweed, "--block", 4), found
    assert usual["block_frames"] == 48
    assert small["cycles_per_sample"]["average"] > usual["cycles_per_sample"]["average"]


def test_the_other_compiler_is_profiled_too(tweed: Path) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not on PATH")
    assert profiled(tweed, "--toolchain", "gcc")["layers"]


@pytest.mark.parametrize("target", ["nucleo-h743", "weact-h743", "weact-h750"])
def test_a_board_with_the_same_processor_takes_as_long(
    found: dict[str, Any], tweed: Path, target: str
) -> None:
    there = profiled(tweed, "--target", target)
    first, second = (each["cycles_per_sample"] for each in (there, found))
    assert first["model_alone"] == second["model_alone"]
    assert first["worst"] == pytest.approx(second["worst"], rel=0.01)
    assert [row["title"] for row in there["layers"]] == [row["title"] for row in found["layers"]]
    assert there["budget_cycles_per_block"] == found["budget_cycles_per_block"]


def test_a_board_says_which_ways_to_start_it_has(tweed: Path) -> None:
    result = run("profile", tweed, "--target", "nucleo-h743", "--boot", "qspi")
    assert result.exit_code == 2
    assert "target nucleo-h743: expected one of flash, found 'qspi'" in result.stderr


@pytest.mark.parametrize("kind", ["a2", "lstm", "convnet", "linear"])
def test_every_architecture_has_its_layers(kind: str, tmp_path: Path) -> None:
    path = make_nam.write(tmp_path, make_nam.all_kinds()[kind])
    assert all(layer["cycles_per_block"] > 0 for layer in profiled(path)["layers"])


def test_a_network_too_long_for_one_function_has_its_layers(tmp_path: Path) -> None:
    deep = make_nam.a1(make_nam.a1_array(1, dilations=[1] * 200, activation="ReLU"))
    layers = profiled(make_nam.write(tmp_path, deep))["layers"]
    assert len(layers) == 202  # with the rechannel and the head
    assert all(layer["cycles_per_block"] > 0 for layer in layers)


def test_the_largest_presets_are_profiled_one_block_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pieces: list[int] = []
    add = Meter.add
    monkeypatch.setattr(
        Meter, "add", lambda self, trace: (pieces.append(len(trace)), add(self, trace))
    )
    found = profiled(EXAMPLES / "tweed-a2.nam", "--submodel", "full", "--precision", "float32")
    assert sum(pieces) > 16_000_000  # all blocks together
    assert max(pieces) < 1_100_000
    assert found["cycles_per_sample"]["average"] > 15_000
    assert len(found["cycles_of_blocks"]) == 12


def test_several_models_make_a_table(tweed: Path, tmp_path: Path) -> None:
    other = make_nam.write(tmp_path, make_nam.lstm(), name="other.nam")
    result = run("profile", tweed, other)
    assert result.exit_code == 0, result.output
    assert {"tweed.nam", "other.nam"} <= {line.split()[0] for line in result.stdout.splitlines()}


def test_a_line_is_printed_before_the_next_model_is_run(
    tweed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        if ran:
            raise KeyboardInterrupt
        ran.append(True)
        return real(*_, **__)

    ran: list[bool] = []
    real: Any = pedal_profile.profile_pedal
    monkeypatch.setattr(pedal_profile, "profile_pedal", interrupted)
    other = make_nam.write(tmp_path, make_nam.lstm(), name="a_longer_name.nam")
    result = run("profile", tweed, other)
    assert result.exit_code == 130
    heading, row = result.stdout.splitlines()
    assert row.startswith("tweed.nam ")
    assert len(heading) == len(row)


@pytest.mark.usefixtures("once")
def test_the_hottest_function_is_listed_by_instruction(tweed: Path) -> None:
    result = run("profile", tweed, "--annotate", "hottest")
    assert "vfma.f32" in result.stdout
    wrong = run("profile", tweed, "--annotate", "nothing")
    assert wrong.exit_code == 2
    assert "expected one of hottest, " in wrong.output


@pytest.mark.usefixtures("once")
def test_a_trace_holds_every_instruction(tweed: Path, tmp_path: Path) -> None:
    table, arrays = tmp_path / "trace.csv", tmp_path / "trace.npz"
    for path in (table, arrays):
        assert run("profile", tweed, "--trace", path).exit_code == 0
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stored = np.load(arrays)
    assert len(rows) == len(stored["instruction"])
    assert sum(int(row["cycles"]) for row in rows) == stored["cycles"].sum()
    assert {"vfma.f32", "vldr"} <= {row["instruction"].split()[0] for row in rows}


def test_a_trace_needs_a_known_ending(tweed: Path, tmp_path: Path) -> None:
    result = run("profile", tweed, "--trace", tmp_path / "trace.txt")
    assert result.exit_code == 2
    assert "ending in .csv or .npz" in result.output


def test_a_build_says_what_it_predicts(tweed: Path, tmp_path: Path) -> None:
    result = run("build", tweed, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "% of 480 MHz at 48-sample blocks, -15 % / +30 %" in result.stdout
    assert "processor: predicted" in result.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["prediction"]["method"] == "cycle model"
    assert report["prediction"]["keeps_up"]


def test_without_a_profile_it_is_called_an_estimate(tweed: Path, tmp_path: Path) -> None:
    result = run("build", tweed, "-o", tmp_path / "out", "--no-profile")
    assert "an estimate" in result.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["prediction"]["method"] == "estimate"


def test_without_the_emulator_it_is_an_estimate_too(
    tweed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common.importlib.util, "find_spec", lambda name: None)
    assert common.find_instrument() is None


def test_two_builds_predict_the_same(tweed: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        namgen.build(tweed, out_dir=tmp_path / name, instrument=quick_instrument)
    reports = [(tmp_path / name / "report.json").read_bytes() for name in ("one", "two")]
    assert reports[0] == reports[1]


def test_what_needs_its_margin_is_refused(tweed: Path, tmp_path: Path) -> None:
    def nearly_full(elf: Path, planned: object) -> Measured:
        return Measured(360_000.0, 400_000, Margin(0.05, 0.2))

    with pytest.raises(BudgetError, match=r"may not keep up: predicted 83 %.*480,000.*460,000"):
        namgen.build(tweed, out_dir=tmp_path / "out", instrument=nearly_full)
    assert not (tmp_path / "out").exists()
    report = namgen.build(tweed, out_dir=tmp_path / "out", instrument=nearly_full, force=True)
    assert not report.contents["prediction"]["keeps_up"]


def test_a_prediction_in_words() -> None:
    half = Prediction("cycle model", 240_000, Budget(480_000_000, 48, 48_000), Margin(0.05, 0.2))
    assert str(half) == "predicted 50 % of 480 MHz at 48-sample blocks, -5 % / +20 %"
    assert half.keeps_up
    assert not half.is_hopeless
    assert half.to_json()["margin_low"] == 0.05
    assert half.to_json()["margin_high"] == 0.2


@pytest.mark.parametrize(("cycles", "keeps_up"), [(400_000, True), (400_001, False)])
def test_the_upper_edge_decides_what_keeps_up(cycles: int, *, keeps_up: bool) -> None:
    budget = Budget(480_000_000, 48, 48_000)
    assert Prediction("cycle model", cycles, budget, Margin(0.5, 0.2)).keeps_up is keeps_up
