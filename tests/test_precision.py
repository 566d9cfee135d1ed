"""How numbers are held is asked for or chosen, told with what it costs, and proven to the bit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import make_nam
import numpy as np
import pytest
from click.testing import CliRunner, Result

import namgen
from namgen.cli import main
from namgen.errors import BudgetError, UnsupportedError
from namgen.fixed import model as fixed_model
from namgen.fixed.model import FixedModel, in_fixed_point
from namgen.fixed.play import reference_of
from namgen.fixed.precision import FIXED_PRECISIONS, FLOAT32, Precision
from namgen.lower import lower
from namgen.nam_file import read
from namgen.order import Order, make_order
from namgen.selection.choosing import choose, select
from namgen.selection.wanted import Wanted
from namgen.targets import load_target

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

FIXED: list[Precision] = list(FIXED_PRECISIONS)


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def order(target: str = "daisy", **more: Any) -> Order:
    return make_order(load_target(target), **{"clock": None, "block_frames": None, **more})


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return make_nam.write(tmp_path, make_nam.a2(4), "small.nam")


def slow_in_floats(channels: int = 8) -> make_nam.Json:
    """An A2 that keeps up in 16 bits only: 40 layers."""
    layers = 40
    array = make_nam.a2_array(
        channels,
        kernel_sizes=[6] * layers,
        dilations=[1, 3] * (layers // 2),
        activation=[{"type": "LeakyReLU", "negative_slope": 0.01}] * layers,
        gating_mode=["none"] * layers,
        secondary_activation=[None] * layers,
    )
    count = channels + layers * (6 * channels**2 + channels * 3 + channels**2)
    config = {"layers": [array], "head": None, "head_scale": 0.1}
    return make_nam.model("WaveNet", config, count + 16 * channels + 2)


def test_floats_are_taken_where_they_keep_up(small: Path) -> None:
    found = choose(read(small), order())
    assert not isinstance(found.model, FixedModel)
    assert found.choices == ()


def test_integers_are_taken_where_floats_do_not_keep_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixed_model, "LEAST_SNR_DB", 0.0)  # its weights are chance
    file = read(make_nam.write(tmp_path, slow_in_floats(6)))
    found = select(file, order())
    assert found.precision == "fixed16"
    reasons = {choice.precision: choice.reason for choice in found.choices}
    assert reasons["float32"].startswith("will not keep up: estimated")
    assert reasons["fixed32"].startswith("will not keep up: ")
    assert [choice.taken for choice in found.choices] == [False, False, True]
    assert found.keeps_up


def test_what_is_not_true_enough_is_not_taken_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixed_model, "LEAST_SNR_DB", 200.0)
    found = choose(read(make_nam.write(tmp_path, slow_in_floats(6))), order())
    assert not isinstance(found.model, FixedModel)
    last = found.choices[-1]
    assert (last.precision, last.taken) == ("fixed16", False)
    assert last.reason.startswith("not true enough: SNR ")
    assert found.choices[0].reason.startswith("the most exact, but: will not keep up")


def test_more_products_than_cycles_are_refused_without_integers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixed_model, "quantise", lambda *_, **__: pytest.fail("was quantised"))
    found = choose(read(make_nam.write(tmp_path, slow_in_floats(16))), order())
    assert [choice.precision for choice in found.choices] == ["float32", "fixed32", "fixed16"]
    assert all("its products alone take" in choice.reason for choice in found.choices[1:])


def test_without_limits_floats_are_taken(tmp_path: Path) -> None:
    file = read(make_nam.write(tmp_path, slow_in_floats(6)))
    for target in ("host", "cortex-m7", "cortex-m4f"):
        assert select(file, order(target)).precision == FLOAT32


@pytest.mark.parametrize("precision", FIXED)
def test_what_fixed_point_has_not_is_refused_by_name(precision: Precision, tmp_path: Path) -> None:
    for network, told in ((make_nam.lstm(), "Lstm"), (make_nam.linear(), "Linear")):
        file = read(make_nam.write(tmp_path, network))
        with pytest.raises(UnsupportedError) as refused:
            choose(file, order(), Wanted(precision=precision))
        expected = f"{file.name}: architecture: fixed point: expected a WaveNet, found {told}"
        assert refused.value.lines == (expected,)


@pytest.mark.parametrize("target", ["daisy", "host", "cortex-m4f"])
@pytest.mark.parametrize("precision", FIXED)
def test_a_build_in_integers_is_proven(
    precision: Precision, target: str, small: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options = ("--precision", precision, "--target", target, "--force", "--no-profile")
    result = run("build", small, *options, "-o", out, "--json")
    told = json.loads(result.stdout)
    assert told["options"]["precision"] == precision
    (capture,) = told["captures"]
    assert capture["precision"]["taken"] == precision
    assert capture["precision"]["integers"]["largest_sum"] < 1.0
    assert capture["precision"]["integers"]["quality"]["silence_dbfs"] is None
    if told["pedal"]:
        assert told["pedal"]["capture"][0]["precision"] == precision
    everywhere = target == "daisy" and precision == "fixed16"
    places = ["--on", "host,emulator" if everywhere else "host"]
    found = json.loads(run("verify", out, *places, "--json").stdout)
    assert found["bit_exact"]
    main_file = next(out.glob("nam_small.c")).read_text(encoding="utf-8")
    assert precision in main_file


def test_a_submodel_is_taken_in_the_precision_that_is_asked_for(tmp_path: Path) -> None:
    box = read(make_nam.write(tmp_path, make_nam.container(make_nam.a2(2), make_nam.a2(4))))
    for target in ("daisy", "host"):
        found = select(box, order(target), Wanted(precision="fixed16"))
        assert (found.submodel, found.precision) == ("2", "fixed16")
        assert {choice.precision for choice in found.choices} == {"fixed16"}


def test_another_bit_in_the_integers_is_found(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("build", small, "--precision", "fixed16", "--target", "host", "--force", "-o", out)
    weights = out / "nam_small_weights.h"
    text = weights.read_text(encoding="utf-8")
    changed = re.sub(r"(= \{\s*-?\d+)\d,", r"\1,", text, count=1)  # a tenth of it
    assert changed != text
    weights.write_text(changed, encoding="utf-8")
    assert "NOT bit-exact" in run("verify", out, "--on", "host", code=1).stdout


def test_far_integers_are_built_by_force_only(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixed_model, "LEAST_SNR_DB", 200.0)
    with pytest.raises(UnsupportedError, match=r"fixed16: SNR .* --force builds it all the same"):
        namgen.build(small, out_dir=tmp_path / "out", precision="fixed16")
    assert not (tmp_path / "out").exists()
    options: dict[str, Any] = {"precision": "fixed16", "force": True, "target": "host"}
    namgen.build(small, out_dir=tmp_path / "out", **options)


def test_captures_that_are_loaded_are_floats(small: Path, tmp_path: Path) -> None:
    other = make_nam.write(tmp_path, make_nam.a2(4), "other.nam")
    report = namgen.build(
        small, other, board="terrarium", out_dir=tmp_path / "a", instrument=None, force=True
    )
    assert {played.selection.precision for played in report.sound.captures} == {FLOAT32}
    assert not [line for line in report.contents["warnings"] if "in integers it may" in line]
    rests: dict[str, Any] = {"bypass_idle": True, "board": "terrarium"}
    for files, more in (((small, other), {"board": "terrarium"}), ((small,), rests)):
        with pytest.raises(UnsupportedError, match="fixed point plays one capture"):
            namgen.build(*files, out_dir=tmp_path / "b", precision="fixed16", force=True, **more)


def test_a_pedal_of_several_says_that_one_could_be_larger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixed_model, "LEAST_SNR_DB", 0.0)  # its weights are chance
    box = make_nam.container(make_nam.a2(2), slow_in_floats(6))
    files = [make_nam.write(tmp_path, box, name) for name in ("one.nam", "two.nam")]
    out = tmp_path / "out"
    options: dict[str, Any] = {"board": "terrarium", "out_dir": out, "instrument": None}
    warnings = namgen.build(*files, **options).contents["warnings"]
    assert [line for line in warnings if line.startswith("one, two: a larger network does not")]


def test_integers_are_found_once(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = lower(read(small))
    first = in_fixed_point(model, "fixed16")
    monkeypatch.setattr(fixed_model, "quantise", lambda *_, **__: pytest.fail("was made again"))
    again = in_fixed_point(model, "fixed16")
    x = np.linspace(-1, 1, 300, dtype=np.float32)[None]
    outputs = [reference_of(found).process(x) for found in (first, again)]
    assert np.array_equal(*outputs)
    assert not np.array_equal(outputs[0], reference_of(model).process(x))


def test_everything_a_player_hears_is_in_integers(small: Path, tmp_path: Path) -> None:
    guitar = Path(namgen.__file__).parents[1] / "examples" / "guitar.wav"
    for engine in ("reference", "host"):
        out = tmp_path / f"{engine}.wav"
        run("render", small, guitar, out, "--precision", "fixed16", "--engine", engine)
    first, second = (tmp_path / f"{engine}.wav" for engine in ("reference", "host"))
    assert first.read_bytes() == second.read_bytes()


def test_inspect_tells_what_integers_cost(small: Path) -> None:
    out = run("inspect", small, "--precision", "fixed32").stdout
    assert "fits: fixed32, estimated" in out
    assert "guitar, 20 dB down: SNR" in out
    assert "silence: constant" in out
    found = json.loads(run("inspect", small, "--precision", "fixed32", "--json").stdout)
    fits = {fit["target"]: fit for fit in found["networks"][0]["fits"]}
    assert fits["daisy"]["precision"] == "fixed32"
    assert fits["daisy"]["quality"]["signals"][0]["snr_db"] > 60


def test_a_mistaken_precision_is_told(small: Path, tmp_path: Path) -> None:
    assert "fixed16" in run("build", small, "--precision", "fixed17", code=2).stderr
    toml = tmp_path / "pedal.toml"
    toml.write_text('precision = "fixed61"\n[[capture]]\nfile = "small.nam"\n', encoding="utf-8")
    assert "precision: expected" in run("build", toml, code=1).stderr


def test_a_report_that_names_no_precision_is_damaged(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("build", small, "--target", "host", "-o", out)
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    report["options"]["precision"] = "float64"
    (out / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert "'float64' is no precision" in run("verify", out, code=1).stderr


def test_the_memory_must_hold_the_words(tmp_path: Path) -> None:
    far = make_nam.a2(4, array={"dilations": [1, 20_000]})
    file = read(make_nam.write(tmp_path, far))
    with pytest.raises(BudgetError, match="memory"):
        select(file, order(), Wanted(precision="fixed32"))
