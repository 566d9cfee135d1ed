"""`namgen selftest --decode`: measured beside predicted, a file of it, and builds that use it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from afsk_channel import played
from click.testing import CliRunner, Result
from selftest_messages import AROUND, OWN, message, record

from namgen.afsk.decoder import Quality
from namgen.afsk.framing import blocks_of
from namgen.cli import main
from namgen.cli.selftest_lines import result_lines
from namgen.errors import FileError, NamgenError, UnsupportedError
from namgen.measured import Correction, read_measured
from namgen.order import make_order
from namgen.prediction import Prediction
from namgen.processors.margin import Margin
from namgen.resources import examples_dir
from namgen.selftest.correcting import measured_of
from namgen.selftest.ladder import NOTHING, RUNGS
from namgen.selftest.layout import SHORT_WORDS, words_of_text
from namgen.selftest.results import read_results
from namgen.selftest.spelling import Span
from namgen.targets import load_target


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("rec") / "rec.wav", message())


def test_measured_stands_beside_predicted_and_the_verdict_is_last(recording: Path) -> None:
    text = run("selftest", "--decode", recording).stdout
    assert "nano in its chain, a block" in text
    assert "1.080" in text
    assert "rules of the processor: 47 of 47 as published" in text
    own = "predictions for this pedal"
    assert f"{own}, floats: x 1.080, -2 % / +2 %; for any: x 1, -5 % / +20 %" in text
    assert f"{own}, integers: x 1.080, -2 % / +2 %; for any: x 1, -14 % / +5 %" in text
    assert "audio interface, receiver without DMA: noticed after 4.0 frames" in text
    assert "audio interface, transmitter without DMA: never noticed" in text
    assert text.rstrip().endswith("passed")


def test_where_the_image_lies_is_said_and_that_qspi_flash_is_not_mapped_without_it() -> None:
    told = {}
    for boot in ("flash", "sram", "qspi"):
        results = read_results(message(boot=words_of_text(boot, SHORT_WORDS)))
        quality = Quality(-12.0, 0.0, 30.0, 0.0)
        lines = map(str, result_lines(results, None, quality))
        told[boot] = next(line for line in lines if line.startswith("the image lies in"))
    not_mapped = "; QSPI flash is not mapped with --boot {}, and not measured"
    assert told == {
        "flash": "the image lies in internal flash" + not_mapped.format("flash"),
        "sram": "the image lies in AXI SRAM" + not_mapped.format("sram"),
        "qspi": "the image lies in QSPI flash",
    }


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_any_usual_wav_is_read(tmp_path: Path, rate_hz: int, subtype: str) -> None:
    path = record(tmp_path / "rec.wav", message(1.1), rate_hz=rate_hz, subtype=subtype)
    found = json.loads(run("selftest", "--decode", path, "--json").stdout)
    assert (found["passed"], found["measured"]["floats"]["factor"]) == (True, 1.1)


def test_a_wrong_output_is_not_passed_and_corrects_nothing(tmp_path: Path) -> None:
    path = record(tmp_path / "rec.wav", message(checks=[1, 3, 3, 4]))
    text = run("selftest", "--decode", path).stdout
    assert "A2-Lite: its output is WRONG" in text
    assert "NOT PASSED" in text
    assert "predictions for this pedal" not in text
    refused = run("selftest", "--decode", path, "-o", tmp_path / "m.json")
    assert refused.exit_code == 1
    assert "does not compute what it has to" in refused.stderr
    assert not (tmp_path / "m.json").exists()


def test_errors_and_what_was_forced_and_not_noticed_are_not_passed() -> None:
    assert read_results(message()).has_passed
    assert not read_results(message(errors_counted=[0, 1, 0])).has_passed
    assert not read_results(message(errors_forced=[0, 2, 0])).has_passed
    assert not read_results(message(errors_forced=[1, 1, 0])).has_passed


def changed(factors: dict[str, float]) -> bytes:
    """A message in which some rungs take so many times their prediction, all others once."""
    words = []
    for n, rung in enumerate(RUNGS):
        own = OWN if rung == NOTHING else round(factors.get(rung.name, 1.0) * 1000 * (n + 1))
        words += [AROUND + own] * 2
    return message(1.0, measured=words)


def corrections(told: bytes) -> tuple[Correction, Correction]:
    found = measured_of(read_results(told))
    return found.floats, found.integers


BLOCKS = len(list(blocks_of(message())))
EXACT = Correction(1.0, 0.02, 0.02)


@pytest.mark.parametrize(
    ("factors", "floats", "integers"),
    [
        ({}, EXACT, EXACT),
        ({"nano layer_4ch_k3": 1.15}, Correction(1.0, 0.02, 0.15), EXACT),
        ({"A2-Lite conv_3to1_k16": 0.9}, Correction(1.0, 0.1, 0.02), EXACT),
        ({"A2-Lite, a block": 1.25}, Correction(1.25, 0.2, 0.02), EXACT),
        ({"nano in its chain, a block": 0.9}, Correction(1.0, 0.1, 0.02), EXACT),
        ({"nano fixed16 layer_k3_tanh": 1.07}, EXACT, Correction(1.0, 0.02, 0.07)),
        ({"A2-Lite fixed32 head_sum": 0.88}, EXACT, Correction(1.0, 0.12, 0.02)),
        ({"A2-Lite fixed32, a block": 1.1}, EXACT, Correction(1.1, 0.1, 0.02)),
        ({"nano ring_publish": 3.0, "fir in ITCM": 2.0}, EXACT, EXACT),
        ({"nano in its chain, a block, caches empty": 2.0}, EXACT, EXACT),
    ],
)
def test_the_margin_is_how_far_kernels_lie_from_whole_blocks_of_their_kind(
    factors: dict[str, float], floats: Correction, integers: Correction
) -> None:
    assert corrections(changed(factors)) == (floats, integers)


def test_short_rungs_say_nothing_about_percentages() -> None:
    number = next(n for n, rung in enumerate(RUNGS) if rung.name == "nano conv_2to1_k1")
    words = [OWN if rung == NOTHING else 1000 * (n + 1) for n, rung in enumerate(RUNGS)]
    for cycles, high in ((199, 0.02), (200, 1 - 0.005)):
        predicted = [*words[:number], cycles, *words[number + 1 :]]
        measured = [AROUND + c for c in predicted]
        measured[number] = AROUND + round(cycles * 1.995)
        told = message(1.0, predicted=predicted, measured=[c for c in measured for _ in range(2)])
        assert corrections(told)[0].margin_high == pytest.approx(high, abs=0.006)


def test_what_a_measurement_costs_by_itself_is_taken_off() -> None:
    (found, *_) = (r for r in read_results(message(1.0)).rungs if r.name == "fir in ITCM")
    assert (found.predicted, found.measured) == (2000, Span(2000, 2000))


def test_what_is_no_self_test_is_refused_with_what_was_heard(tmp_path: Path) -> None:
    path = tmp_path / "hum.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(96_000) * 0.01), 48_000)
    refused = run("selftest", "--decode", path)
    assert refused.exit_code == 1
    assert "heard none (peak -20.0 dBFS" in refused.stderr
    assert "from where the tones end and the LED blinks digits" in refused.stderr
    half = played(message())
    soundfile.write(path, half[len(half) // 2 :], 48_000)
    refused = run("selftest", "--decode", path)
    assert f"of {BLOCKS} blocks, missing 1, 2" in refused.stderr
    with pytest.raises(NamgenError, match="found another message"):
        read_results(b"something else")
    with pytest.raises(UnsupportedError, match="ladder 2, found version 2 of ladder 9"):
        read_results(message(ladder=[9]))


@pytest.mark.parametrize("name", ["none.wav", ".", "text.wav"])
def test_a_file_that_is_no_recording_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    refused = run("selftest", "--decode", tmp_path / name)
    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 1


def test_wrong_usage_is_exit_code_2(tmp_path: Path, recording: Path) -> None:
    assert run("selftest").exit_code == 2
    assert run("selftest", "--decode", recording, "--clock", "400").exit_code == 2
    assert run("selftest", "-o", tmp_path / "x", "--target", "nobody").exit_code == 2
    assert run("selftest", "--decode", recording, "-o", recording).exit_code == 2


def measured(tmp_path: Path, factor: float = 1.08, **changes: object) -> Path:
    path = tmp_path / "measured.json"
    path.write_text(measured_of(read_results(message(factor, **changes))).text(), encoding="utf-8")
    return path


def test_the_file_is_what_the_command_writes(tmp_path: Path, recording: Path) -> None:
    out = tmp_path / "own.json"
    assert f"--measured {out}" in run("selftest", "--decode", recording, "-o", out).stdout
    found = read_measured(out)
    assert (found.floats.factor, found.integers.factor) == (1.08, 1.08)
    assert (found.silicon, found.clock_hz) == ("V", 480_000_000)
    assert (
        found.rungs["nano layer_4ch_k3"].most == 1.08 * found.rungs["nano layer_4ch_k3"].predicted
    )
    again = run("selftest", "--decode", recording, "-o", out)
    assert again.exit_code == 0, "a file of this kind is replaced"
    other = tmp_path / "other.json"
    other.write_text("{}")
    assert run("selftest", "--decode", recording, "-o", other).exit_code == 1
    assert other.read_text() == "{}"


def test_a_build_is_predicted_as_measured_on_that_pedal(tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    pytest.importorskip("capstone")
    nano, out = examples_dir() / "tweed-nano.nam", tmp_path / "out"
    plain = json.loads(run("build", nano, "-o", tmp_path / "plain", "--json").stdout)
    made = run("build", nano, "-o", out, "--measured", measured(tmp_path))
    assert "-2 % / +2 %, as measured on that pedal: x 1.08" in made.stdout
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    before, after = plain["prediction"], report["prediction"]
    assert after["cycles_per_block"] == round(1.08 * before["cycles_per_block"])
    assert (after["margin_high"], after["corrected"]) == (0.02, 1.08)
    assert report["measured"]["build"] == "1234abcd"
    assert "measured" not in plain
    images = [(folder / "firmware.bin").read_bytes() for folder in (out, tmp_path / "plain")]
    assert images[0] == images[1]


def test_another_board_or_clock_is_refused_with_what_would_do(tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    nano, file = examples_dir() / "tweed-nano.nam", measured(tmp_path)
    refused = run("build", nano, "-o", tmp_path / "x", "--clock", "400", "--measured", file)
    assert refused.exit_code == 1
    assert "measured at 480 MHz, and this build is for 400 MHz" in refused.stderr
    assert "namgen selftest --clock 400 -o DIR" in refused.stderr
    asked = ("--target", "petal-125b-sm", "--measured", file)
    refused = run("build", nano, "-o", tmp_path / "x", *asked)
    assert "measured on daisy, and this build is for petal-125b-sm" in refused.stderr
    assert not (tmp_path / "x").exists()
    assert run("build", nano, "--no-profile", "--measured", file).exit_code == 2


WRONG = {"factor": 3.0, "margin_low": 1.5, "margin_high": 0.1}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"floats": WRONG}, "floats.factor: expected 0.5 to 2, found 3"),
        ({"integers": WRONG}, "integers.margin_low: expected 0 to 1, found 1.5"),
        ({"floats": {"factor": 1.0}}, "floats"),
        ({"ladder": 1}, "ladder: expected 2, found 1"),
        ({"silicon": "Y"}, "silicon: expected V above 400 MHz, found Y"),
        ({"margins": 1}, "margins: unknown key"),
        ({"format": "other"}, "format:"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, change: dict[str, object], told: str) -> None:
    path = measured(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(FileError, match=told):
        read_measured(path)


@pytest.mark.parametrize("text", ["", "no json", "[]", "\x00"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "measured.json"
    path.write_text(text)
    with pytest.raises(FileError, match="expected"):
        read_measured(path)


def test_floats_and_integers_are_corrected_by_their_own_and_estimates_are_not() -> None:
    found = measured_of(read_results(changed({"A2-Lite fixed32, a block": 1.1})))
    budget = make_order(load_target("daisy"), clock=None, block_frames=48).budget
    timed = Prediction("cycle model", 100_000, budget, Margin(0.05, 0.2))
    integers = found.correct(timed, is_float=False)
    assert (integers.cycles_per_block, integers.margin) == (110_000, Margin(0.1, 0.02))
    assert found.correct(timed, is_float=True).cycles_per_block == 100_000
    estimate = Prediction("estimate", 100_000, budget, Margin(0.05, 0.2))
    assert found.correct(estimate, is_float=True) == estimate
    assert found.correct(estimate, is_float=False) == estimate
