"""`namgen inspect` shows a whole pedal: levels, chain, and what blocks of each size cost."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import make_nam
import numpy as np
import pytest
from click.testing import CliRunner, Result

from namgen.cli import main
from namgen.nam_file import read
from namgen.pedal.block_sizes import SIZES, block_sizes
from namgen.pedal.deciding import pedal_of
from namgen.pedal.said import PedalSaid
from namgen.pedal.sound import plan_sound

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "tweed-nano.nam", tmp_path)
    metadata = {"loudness": -34.5, "input_level_dbu": 13.5, "gear_type": "amp"}
    make_nam.write(tmp_path, make_nam.a1(metadata=metadata), "loud.nam")
    decay = np.exp(-np.arange(3000) / 200) * np.random.default_rng(1).uniform(-1, 1, 3000)
    (tmp_path / "cab.wav").write_bytes(make_nam.wav(decay.astype(np.float32), rate_hz=96_000))
    return tmp_path


def inspect(*arguments: str) -> Result:
    done = CliRunner().invoke(main, ["inspect", *arguments])
    assert done.exit_code == 0, done.output
    return done


def test_levels_chain_and_cabinet_are_told(folder: Path) -> None:
    done = inspect("loud.nam", "--board", "terrarium", "--ir", "cab.wav", "--ir-length", "256")
    for line in (
        "terrarium: PedalPCB Terrarium",
        "loud         loud.nam, float32, into cab.wav",
        "input calibration: -12.0 dB; the board's full scale is +0.5 dBu, the capture's +13.5 dBu; "
        "-13.0 dB were asked for",
        "output normalisation: +12.0 dB; from -34.5 dB (the capture's) to -18.0 dB; +16.5 dB were "
        "asked for",
        "full scale   +0.5 dBu at the input, the codec's own: nobody has measured the board",
        "chain        bypass, input trim, gate, guard, equaliser, cabinet, high pass, level",
        "rate: resampled from 96000 to 48000 Hz: 3000 samples became 1500",
        "convolution  in parts as long as a block, 288 taps in DTCM: ",
    ):
        assert line in done.stdout, line


def test_what_controls_do_is_told_as_the_pedal_wants_it(folder: Path) -> None:
    Path("pedal.toml").write_text(
        'board = "hothouse"\n[[capture]]\nfile = "loud.nam"\n[knobs]\n2 = "none"\n'
        '[toggles]\n3 = { up = "none", middle = "none", down = "none" }\n',
        encoding="utf-8",
    )
    out = inspect("pedal.toml").stdout
    assert re.search(r"^  knob 2 +nothing$", out, re.MULTILINE)
    assert re.search(r"^  toggle 3 +up = nothing, middle = nothing, down = nothing$", out, re.M)
    assert re.search(r"^  footswitch right +bypass$", out, re.MULTILINE)


def test_what_is_not_wanted_is_not_told(folder: Path) -> None:
    out = inspect("loud.nam", "--board", "pod", "--no-normalize", "--no-calibrate").stdout
    assert "calibration" not in out
    assert "normalisation" not in out
    assert "full scale" not in out
    assert "cabinet" not in out


def test_two_cabinets_and_idle_controls_are_noted(folder: Path) -> None:
    err = inspect("tweed-nano.nam", "--board", "terrarium", "--ir", "cab.wav").stderr
    assert "tweed-nano: two cabinets: its file says amp_cab" in err
    err = inspect("tweed-nano.nam", "--board", "terrarium").stderr
    assert "toggle 1: there is no impulse response that it could switch" in err


def test_short_blocks_cost_more_and_answer_sooner(folder: Path) -> None:
    out = inspect("tweed-nano.nam", "--board", "terrarium", "--ir", "cab.wav", "--blocks").stdout
    rows = re.findall(
        r"^(\d+) +([\d.]+) ms +(\d+) Hz +(\d+) % +(\d+) %  keeps up$", out, re.MULTILINE
    )
    assert [int(row[0]) for row in rows] == list(SIZES)
    assert (rows[0][1], rows[0][2]) == ("0.33", "6000")
    assert int(rows[0][3]) > int(rows[-1][3])


def test_sizes_are_planned_as_they_would_be_built(folder: Path) -> None:
    pedal = pedal_of([Path("loud.nam")], PedalSaid(board="pod", block=40, ir="cab.wav"))
    files = {Path("loud.nam"): read(Path("loud.nam"))}
    sizes = list(block_sizes(pedal.wanted, pedal.order, files))
    assert [size.frames for size in sizes] == sorted({*SIZES, 40})
    for size in sizes:
        order = replace(pedal.order, block_frames=size.frames)
        (capture,) = plan_sound(pedal.wanted, order, files).captures
        assert size.prediction == capture.selection.prediction


def test_a_size_that_cannot_be_is_told_and_others_are_not_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("namgen.pedal.block_sizes.SIZES", (12, 48))
    pedal = pedal_of([Path("loud.nam")], PedalSaid(board="seed"))
    files = {Path("loud.nam"): read(Path("loud.nam"))}
    refused, planned = block_sizes(pedal.wanted, pedal.order, files)
    assert "multiple of 8 frames" in refused.refused
    assert refused.prediction is None
    assert planned.prediction is not None


def test_programs_read_the_same(folder: Path) -> None:
    told = json.loads(
        inspect("loud.nam", "--board", "pod", "--ir", "cab.wav", "--blocks", "--json").stdout
    )
    assert told["board"] == "pod"
    assert [size["block_frames"] for size in told["sizes"]] == list(SIZES)
    assert told["captures"][0]["gain_before"] == pytest.approx(10 ** (-12 / 20), rel=1e-6)
    assert "cab.wav" in told["cabinet"]["responses"]


def test_without_a_pedal_it_is_the_file_that_is_shown(folder: Path) -> None:
    assert "multiply-adds / sample" in inspect("tweed-nano.nam").stdout


def test_a_loudness_that_no_file_states_is_measured(folder: Path) -> None:
    make_nam.write(folder, make_nam.a1(), "quiet.nam")
    assert re.search(
        r"from -?[\d.]+ dB \(measured\) to -18.0 dB", inspect("quiet.nam", "--board", "pod").stdout
    )
