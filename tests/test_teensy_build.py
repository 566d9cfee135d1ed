"""`--target c --cpu teensy41`: what is chosen, predicted, refused and told."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import make_nam
import pytest
from click.testing import CliRunner

import namgen
from namgen.cli import main
from namgen.errors import BudgetError, ChoiceError
from namgen.frameworks.arduino import arduino_names, load_arduino
from namgen.order import make_order
from namgen.packages import package_of
from namgen.packages.arduino import ArduinoLibrary
from namgen.processors import load_processor
from namgen.selection.plans import plan_model
from namgen.targets import load_target, package_targets

NAMES = ("teensy41", "Teensy4.1", "teensy", "teensy-4.1")
ROOT = Path(__file__).resolve().parents[1]
A2 = ROOT / "examples" / "tweed-a2.nam"


def told(*arguments: str, exit_code: int = 0) -> Any:
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def build(nam: Path, out: Path, *more: str) -> list[str]:
    return ["build", str(nam), "--target", "c", "--cpu", "teensy41", "-o", str(out), *more]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_variant_by_all_of_its_names(name: str) -> None:
    assert package_targets()["c"].variant(name) == "teensy41"
    target = load_target("c", "teensy41")
    assert target.processor == load_processor("cortex-m7")
    assert (target.title, target.block_frames) == ("Teensy 4.1", 128)
    assert isinstance(package_of(target), ArduinoLibrary)


def test_a_build_says_what_it_costs_and_is_verified(tmp_path: Path) -> None:
    nam, out = make_nam.write(tmp_path, make_nam.a1()), tmp_path / "out"
    report = told(*build(nam, out))
    cost, memory = report["prediction"], report["memory"]["flexram"]
    assert cost["clock_hz"] == 600_000_000
    assert cost["budget_cycles_per_sample"] == 12_500
    assert cost["condition"] == "if its memories behave like a Daisy's"
    assert cost["block_frames"] == 128
    assert sum(memory.values()) == 524_288
    assert memory["code"] % 32_768 == 0
    assert memory["model"] == sum(buffer["size_bytes"] for buffer in report["buffers"])
    assert (report["options"]["variant"], report["options"]["state"]) == ("teensy41", "struct")
    assert report["warnings"] == [
        "speed: the load is Teensy 4.1's if its memories behave like a Daisy's, for which cycles "
        "are predicted; nobody has measured one"
    ]
    readme = (out / "README.md").read_text("utf-8")
    share = f"{100 * cost['share']:.0f} % of 600 MHz at 128-sample blocks"
    assert share in readme
    assert "if its memories behave like a Daisy's" in readme
    found = told("verify", str(out))
    assert found["bit_exact"] is True
    assert found["notes"] == []
    done = CliRunner().invoke(main, build(nam, tmp_path / "again"))
    assert share in done.stdout
    assert f"flexram: {memory['model']:,} bytes of model, 65,536 bytes of code" in done.stdout
    assert "#include <nam_tweed_audio_f32.h>    with the OpenAudio library" in done.stdout


def test_a_model_for_44100_hz_has_more_cycles_and_no_words_about_another_rate(
    tmp_path: Path,
) -> None:
    nam, out = make_nam.write(tmp_path, make_nam.a1(sample_rate=44100)), tmp_path / "out"
    report = told(*build(nam, out))
    assert report["prediction"]["budget_cycles_per_sample"] == 13_605
    readme = (out / "README.md").read_text("utf-8")
    assert "The model runs at the rate that both libraries have by themselves." in readme
    assert "semitones" not in readme
    nam = make_nam.write(tmp_path, make_nam.a1(), "other.nam")
    told(*build(nam, tmp_path / "other"))
    readme = (tmp_path / "other" / "README.md").read_text("utf-8")
    assert "its filters and resonances would lie 1.5 semitones lower" in readme


def test_of_a_full_a2_integers_are_taken_which_keep_up(tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    out = tmp_path / "out"
    report = told(*build(A2, out))
    assert report["options"]["precision"] == "fixed16"
    assert report["options"]["submodel"] == "2"
    assert report["prediction"]["keeps_up"] is True
    tried = {(way["submodel"], way["precision"]): way["reason"] for way in report["submodels"]}
    assert re.match(r"will not keep up: estimated 1[34]\d % of 600 MHz", tried["2", "float32"])
    found = told("verify", str(out))
    assert [check["engine"] for check in found["checks"]] == ["host", "emulator"]
    assert found["bit_exact"] is True


def test_in_floats_a_full_a2_is_refused_with_numbers_and_what_works(tmp_path: Path) -> None:
    arguments = build(A2, tmp_path / "out", "--submodel", "full", "--precision", "float32")
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert re.search(
        r"Teensy 4.1 will not keep up: estimated 1[34]\d % of 600 MHz at 128-sample blocks.*"
        r"cycles per block, up to .* with the margin; 1,600,000 are there\); "
        r"--force builds it all the same",
        done.stderr,
    )
    assert "without --submodel and --precision what fits and keeps up is taken" in done.stderr
    assert not (tmp_path / "out").exists()
    done = CliRunner().invoke(main, [*arguments, "--force"])
    assert done.exit_code == 0
    assert "THIS C WILL NOT KEEP UP with the audio on Teensy 4.1." in done.stdout


def test_what_does_not_fit_is_refused_with_numbers_and_what_holds_it(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1(make_nam.a1_array(2, dilations=[18_000, 18_000])))
    done = CliRunner().invoke(main, build(nam, tmp_path / "out", "--precision", "float32"))
    assert done.exit_code == 1
    found = re.search(r"memory: weights and state need ([\d,]+) bytes, .* has 393,216", done.stderr)
    assert found, done.stderr
    assert int(found[1].replace(",", "")) > 393_216
    assert "(65,536 are kept for code, 65,536 for other variables and the stack)" in done.stderr
    assert "fits the 524,288 of DMAMEM: --cpu cortex-m7 gives C that is put there" in done.stderr
    namgen.build(nam, target="c", variant="cortex-m7", out_dir=tmp_path / "other")


def test_what_fits_nowhere_is_not_sent_elsewhere() -> None:
    target, board = load_target("c", "teensy41"), load_arduino("teensy41")
    order = make_order(target, clock=None, block_frames=None)
    from generated_c import small_model

    planned = plan_model(small_model("two_arrays"), target=target, block_frames=128)
    tight = replace(board.fast, reserved_bytes=board.fast.size_bytes - 65_536 - 64)
    small = ArduinoLibrary(replace(board, fast=tight, slow_bytes=64))
    with pytest.raises(BudgetError, match=r"has 64 of 524,288 .* the stack\)$"):
        small.predict(small_model("two_arrays"), planned, order)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--state", "static"], "target c teensy41: state: expected struct, found 'static'"),
        (["--cpu", "teensy40"], "did you mean teensy41?"),
        (["--clock", "480"], "target c: expected none, found '480'"),
    ],
)
def test_what_it_has_not_is_wrong_usage(arguments: list[str], message: str, tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1())
    done = CliRunner().invoke(main, [*build(nam, tmp_path / "out"), *arguments])
    assert done.exit_code == 2
    assert message in done.stderr


def test_python_says_the_same() -> None:
    with pytest.raises(ChoiceError, match="target c teensy41: state: expected struct"):
        make_order(load_target("c", "teensy41"), clock=None, block_frames=None, state="static")


def test_targets_and_fits_have_it(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["targets"])
    (line,) = re.findall(r"teensy41 .*", done.output)
    assert "Teensy 4.1, 600 MHz, blocks of 128 frames" in line
    nam = make_nam.write(tmp_path, make_nam.a1())
    rows = CliRunner().invoke(main, ["inspect", str(nam), "--fits", "--csv"]).stdout.splitlines()
    (row,) = (row.split(",") for row in rows if ",c teensy41," in row)
    assert row[2] == "yes"
    assert 0 < float(row[5]) < 100
    assert row[6] == "600"


@pytest.mark.parametrize("name", arduino_names())
def test_every_board_of_arduinos_can_be_read(name: str) -> None:
    board = load_arduino(name)
    assert list(board.problems()) == list(board.fast.problems()) == []
    odd = replace(board, processor="cortex-m8")
    assert "did you mean cortex-m7?" in str(next(odd.problems()))
    odd_steps = replace(board.fast, code_bytes=40_000, reserved_bytes=500_000)
    assert [problem.path for problem in odd_steps.problems()] == ["code_bytes", "reserved_bytes"]
