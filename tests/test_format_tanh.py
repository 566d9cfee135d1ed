"""`--tanh fast` replaces every tanh, those inside an LSTM too, and says what that costs."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import make_nam
import numpy as np
import pytest
from click.testing import CliRunner
from small_networks import signal

import namgen
from namgen import tanh_cost as tanh_cost_module
from namgen.cli import main
from namgen.inspection import inspect
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.reference.activations import fast_sigmoid, fast_tanh, sigmoid, tanh
from namgen.reference.float32 import IN_FLOAT32
from namgen.reference.networks import Reference
from namgen.tanh_cost import plucked, tanh_cost

SHORT_NOTE_FRAMES = 256
"""A reference plays an LSTM frame by frame: a quarter of the notes shows the same."""

NAMES = {False: ("nam_tanh", "nam_sigmoid"), True: ("nam_fast_tanh", "nam_fast_sigmoid")}


def lowered(folder: Path, document: make_nam.Json, tanh: str) -> Model:
    return lower(read(make_nam.write(folder, document)), tanh=tanh)


@pytest.mark.parametrize("choice", ["exact", "fast"])
def test_one_lstm_unit_uses_the_chosen_tanh_in_gates_and_state(choice: str, tmp_path: Path) -> None:
    document = make_nam.lstm(1, 1, sample_rate=None)
    functions = (tanh, sigmoid) if choice == "exact" else (fast_tanh, fast_sigmoid)
    curve, gate = (partial(function, IN_FLOAT32) for function in functions)
    values = np.array(document["weights"], np.float32)
    network = lowered(tmp_path, document, choice)
    x = np.float32(0.7)
    rows = values[0:8].reshape(4, 2).astype(np.float64) @ [x, values[12]] + values[8:12]
    i, f, g, o = (np.array([row], np.float32) for row in rows)
    state = gate(f) * values[13] + gate(i) * curve(g)
    expected = gate(o) * curve(state) * values[14] + values[15]
    found = Reference(network, start="cold").process(np.array([[x]]))
    assert found[0, 0] == pytest.approx(float(expected[0]), abs=3e-7)


def test_the_two_choices_differ_by_more_than_that_tolerance(tmp_path: Path) -> None:
    document = make_nam.lstm(1, 1, sample_rate=None)
    exact, fast = (lowered(tmp_path, document, tanh) for tanh in ("exact", "fast"))
    outputs = [Reference(model, start="cold").process(signal(200)) for model in (exact, fast)]
    assert np.abs(outputs[0] - outputs[1]).max() > 3e-6


@pytest.mark.parametrize("fast", [False, True])
def test_the_c_of_an_lstm_calls_the_chosen_functions(fast: bool, tmp_path: Path) -> None:
    model = lowered(tmp_path, make_nam.lstm(), "fast" if fast else "exact")
    texts = namgen.emit(namgen.plan(model))
    text = texts[f"nam_{model.name}.c"] + texts[f"nam_{model.name}_tiles.h"]
    assert any(name in text for name in NAMES[fast])
    assert not any(name in text for name in NAMES[not fast])


@pytest.mark.parametrize("kind", ["a1", "lstm", "conditioned"])
def test_the_cost_is_the_distance_of_the_two_references(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tanh_cost_module, "NOTE_FRAMES", SHORT_NOTE_FRAMES)
    document = make_nam.all_kinds()[kind]
    exact, fast = (lowered(tmp_path, document, tanh) for tanh in ("exact", "fast"))
    cost = tanh_cost(exact, fast)
    outputs = [Reference(model).process(plucked(0)[None]).astype(float) for model in (exact, fast)]
    error = outputs[1] - outputs[0]
    assert cost.max_error == np.abs(error).max() > 0
    assert cost.esr == pytest.approx(np.sum(error**2) / np.sum(outputs[0] ** 2), rel=1e-12)
    assert cost.esr < 1e-3


def test_a_model_without_tanh_costs_nothing(tmp_path: Path) -> None:
    exact, fast = (lowered(tmp_path, make_nam.a2(), tanh) for tanh in ("exact", "fast"))
    assert tanh_cost(exact, fast).max_error == 0
    assert str(tanh_cost(exact, fast)) == "changes nothing in this model"


def test_the_test_signal_is_lively_and_within_full_scale() -> None:
    samples = plucked(0)
    assert 0.5 < np.abs(samples).max() <= 1
    assert np.abs(samples[-1024:]).max() < 0.2
    assert not np.array_equal(samples, plucked(1))


def test_a_build_reports_what_the_fast_tanh_costs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tanh_cost_module, "NOTE_FRAMES", SHORT_NOTE_FRAMES)
    path = make_nam.write(tmp_path, make_nam.lstm())
    options = ["--target", "host", "--tanh", "fast", "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(main, ["build", str(path), *options])
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["tanh"]["choice"] == "fast"
    assert 0 < report["tanh"]["cost"]["esr"] < 1e-3
    assert f"tanh fast: ESR {report['tanh']['cost']['esr']:.1e}" in result.output
    assert "tanh fast" in (tmp_path / "out" / "nam_tweed.c").read_text()


def test_an_exact_build_says_so(tmp_path: Path) -> None:
    path = make_nam.write(tmp_path, make_nam.a1())
    report = namgen.build(path, target="host", out_dir=tmp_path / "out")
    assert report.contents["tanh"] == {"choice": "exact", "cost": None}


def test_inspect_tells_the_cost_of_every_submodel(tmp_path: Path) -> None:
    path = make_nam.write(tmp_path, make_nam.container(make_nam.a2(2), make_nam.a1()))
    first, second = inspect(path, tanh="fast").networks
    assert first.tanh_cost is not None
    assert second.tanh_cost is not None
    assert first.tanh_cost.max_error == 0 < second.tanh_cost.max_error
    assert all(network.tanh_cost is None for network in inspect(path).networks)


def test_verify_and_render_take_the_option(tmp_path: Path) -> None:
    path = make_nam.write(tmp_path, make_nam.a1())
    result = CliRunner().invoke(main, ["verify", str(path), "--on", "host", "--tanh", "fast"])
    assert result.exit_code == 0, result.output
    refused = CliRunner().invoke(main, ["render", str(path), "a", "b", "--tanh", "slow"])
    assert refused.exit_code == 2
    assert "expected one of exact, fast, found 'slow'" in refused.output
