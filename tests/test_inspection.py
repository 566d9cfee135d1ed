"""What `inspect` says of a file beyond its sizes: rates, levels, what cannot be known."""

from __future__ import annotations

from pathlib import Path

import make_nam
import numpy as np
import pytest
from make_nam import a1, a2

from namgen.cli import main
from namgen.emit import emit
from namgen.inspection import inspect
from namgen.levels import Level, levels
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection.plans import plan_model
from namgen.targets import load_target


def said(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(path)])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_an_absent_sample_rate_is_said_and_null(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_nam.write(tmp_path, a1(sample_rate=None))
    found = inspect(path).to_json()
    assert (found["sample_rate_hz"], found["assumed_sample_rate_hz"]) == (None, 48000)
    assert "sample rate not in the file, 48000 Hz assumed" in said(path, capsys)


def test_the_memory_of_each_region_is_what_build_puts_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_nam.write(tmp_path, a1())
    (fit,) = [fit for fit in inspect(path).networks[0].fits if fit.target == "daisy"]
    plan = plan_model(lower(read(path)), target=load_target("daisy"), block_frames=48)
    placed = sum(buffer.size_bytes for buffer in plan.buffers if buffer.region == "dtcm")
    (use,) = fit.memory
    assert (use.region, use.model_bytes) == ("dtcm", placed)
    assert f"dtcm: {placed:,} bytes of model, 8,192 kept for stack" in said(path, capsys)


def test_what_is_counted_in_c_is_what_the_c_says_of_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_nam.write(tmp_path, a1())
    (network,) = inspect(path).networks
    filed, left = network.macs_per_sample, network.macs_per_sample_in_c
    assert left < filed
    told = emit(plan_model(lower(read(path))))["nam_tweed.c"]
    assert f"{left} multiply-adds and {network.activations_per_sample} activations" in told
    assert f"  {filed} in the file, {left} in C\n" in said(path, capsys)
    recurrent = make_nam.write(tmp_path, make_nam.lstm())
    (network,) = inspect(recurrent).networks
    assert f"multiply-adds / sample  {network.macs_per_sample:,}\n" in said(recurrent, capsys)


def test_a_sample_rate_in_the_file_is_no_assumption(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_nam.write(tmp_path, a1(sample_rate=44100))
    found = inspect(path).to_json()
    assert (found["sample_rate_hz"], found["assumed_sample_rate_hz"]) == (44100, None)
    assert "WaveNet 0.7.0, 44100 Hz" in said(path, capsys)


def test_levels_are_looked_up_from_the_submodel_outward(tmp_path: Path) -> None:
    inner = a2(2, metadata={"loudness": -20, "input_level_dbu": None})
    outside = {"loudness": -18, "input_level_dbu": 12, "output_level_dbu": "loud"}
    document = make_nam.container(inner, make_nam.container(a2(3)), metadata=outside)
    file = read(make_nam.write(tmp_path, document))
    lite, full = levels(file, submodel="lite"), levels(file)
    assert lite.loudness_db == Level(-20, "model")
    assert lite.input_level_dbu == full.input_level_dbu == Level(12, "container")
    assert full.loudness_db == Level(-18, "container")
    assert lite.output_level_dbu is None


def test_levels_of_a_chain_are_its_own_only(tmp_path: Path) -> None:
    document = make_nam.sequential(a1(metadata={"loudness": -9}), make_nam.linear())
    assert levels(read(make_nam.write(tmp_path, document))).loudness_db is None


def test_inspect_shows_the_levels_of_every_submodel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = make_nam.container(a2(2, metadata={"loudness": -20}), a2(3))
    document["metadata"] = {"input_level_dbu": 12}
    path = make_nam.write(tmp_path, document)
    lines = said(path, capsys).splitlines()
    assert sum("-20 dB" in line for line in lines) == 1
    assert sum("12 dBu (said of the whole file)" in line for line in lines) == 2
    lite = inspect(path).to_json()["networks"][0]["levels"]
    assert lite["loudness_db"] == {"value": -20.0, "place": "model"}


@pytest.mark.parametrize(
    ("document", "notes"),
    [
        (make_nam.linear(), 1),
        (make_nam.sequential(a1(), make_nam.linear(), make_nam.linear()), 1),
        (make_nam.linear(3, bias=False, weights=[0.5, 1.0, 0.5]), 0),
        (make_nam.linear(1), 0),
        (a1(), 0),
    ],
)
def test_what_no_file_tells_about_tap_order_is_said_once(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    document: make_nam.Json,
    notes: int,
) -> None:
    path = make_nam.write(tmp_path, document)
    text = " ".join(said(path, capsys).split())
    assert text.count("before its fix of 22 August 2026") == notes
    assert text.count("reversed in time") == notes
    assert read(path).warnings == ()


def test_an_impulse_response_is_shown_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cab.wav"
    path.write_bytes(make_nam.wav(np.float32([1, 0.5]), rate_hz=44100))
    assert "impulse response (WAV), played as a Linear, 44100 Hz" in said(path, capsys)
    found = inspect(path).to_json()
    assert (found["kind"], found["version"], found["notes"]) == ("wav", None, ())
