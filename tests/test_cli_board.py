"""`namgen board` lists boards, shows one and draws it, and writes over nothing that it did not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from namgen.cli import main
from namgen.pedal_boards import pedal_board_names

MINE = """\
title = "Mine"
module = "daisy-seed"

[[knob]]
label = "1"
pin = "D16"
sets = "level"
"""


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["board", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    return tmp_path


def test_the_list_has_every_board() -> None:
    lines = run().stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(pedal_board_names())
    assert "terrarium      PedalPCB Terrarium: 6 knobs, 2 footswitches, 4 toggles, 2 LEDs" in lines
    assert [found["name"] for found in json.loads(run("--json").stdout)] == list(
        pedal_board_names()
    )


def test_a_board_is_shown_pin_by_pin() -> None:
    lines = run("125B").stdout.splitlines()
    assert lines[0] == "125b: bkshepherd 125B"
    for line in (
        "  bypass       mute at once, relay after 10 ms, mute ends after 20 ms",
        "  update mode  hold footswitch 1 and 2 for 2 s",
        "  knob 1        input",
        "  encoder 1     turn = capture, press = nothing",
        "  relay         10 ms after the press",
        "  D1   relay (PC11, contact 2, effect when high)",
        "  D6   footswitch 1 (PC12, contact 7, low when active, pull-up)",
        "  D15  knob 1 (A0, PC0, contact 22, ADC1 channel 10)",
        "  D22  LED 1 (A7, PA5, contact 29, high when lit)",
        "  D30  MIDI in (PB15, contact 37)",
    ):
        assert line in lines
    assert (
        "  toggle 3          up = bank 1, middle = bank 2, down = bank 3"
        in run("hothouse").stdout.splitlines()
    )
    assert "nobody has measured it" in run("pod").stdout
    assert "(--target petal-125b-sm)" in run("petal-125b-sm").stdout


def test_json_has_every_pin_and_the_channel_it_is_measured_by() -> None:
    found = json.loads(run("mine.toml", "--json").stdout)
    assert (found["name"], found["module"], found["full_scale"]) == ("mine", "daisy-seed", None)
    assert found["knobs"][0]["sets"] == "level"
    (pin,) = found["pins"]
    assert (pin["pin"], pin["chip"], pin["header"], pin["adc1"]) == ("D16", "PA3", 23, 15)
    assert (pin["kind"], pin["label"], pin["direction"]) == ("knob", "1", "analog")


def test_a_drawing_gets_the_name_of_its_board(here: Path) -> None:
    assert run("Pod", "--draw").stdout == "pod.svg: Daisy Pod\n"
    assert "<svg" in (here / "pod.svg").read_text(encoding="utf-8")
    assert run("mine.toml", "--draw", "x.svg", "--json").exit_code == 0
    assert json.loads(run("mine.toml", "--draw", "--json").stdout)["drawing"] == "mine.svg"
    assert (here / "mine.svg").read_bytes() == (here / "x.svg").read_bytes()


def test_a_drawing_is_drawn_again_and_no_other_file_is_lost(here: Path) -> None:
    assert [run("pod", "--draw").exit_code for _ in range(2)] == [0, 0]
    (here / "pod.svg").write_text("<svg/>", encoding="utf-8")
    refused = run("pod", "--draw")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "a drawing of namgen's to replace" in refused.stderr
    assert (here / "pod.svg").read_text(encoding="utf-8") == "<svg/>"
    (here / "pod.svg").write_bytes(b"\xff\xfe")
    assert run("pod", "--draw").exit_code == 1
    assert run("pod", "--draw", "--force").exit_code == 0
    assert "<svg" in (here / "pod.svg").read_text(encoding="utf-8")


def test_the_board_itself_is_never_drawn_over(here: Path) -> None:
    (here / "x.svg").symlink_to("mine.toml")
    assert run("mine.toml", "--draw", "x.svg", "--force").exit_code == 2
    assert (here / "mine.toml").read_text(encoding="utf-8") == MINE


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("terarium",), 2, "did you mean terrarium?"),
        (("--draw",), 2, "expected a board to draw"),
        (("pod", "--draw", "pod.png"), 2, "expected a name ending in .svg"),
        (("pod", "--drwa"), 2, "did you mean --draw?"),
        (("none.toml",), 1, "none.toml: No such file"),
        (("pod", "--draw", "nowhere/pod.svg"), 1, "there is no folder"),
        ((".",), 1, "directory"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], code: int, said: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_all_that_is_wrong_in_a_file_is_said_at_once(here: Path) -> None:
    broken = MINE.replace("level", "levle").replace("D16", "D7").replace("title", "titel")
    (here / "mine.toml").write_text(broken, encoding="utf-8")
    result = run("mine.toml")
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    for said in ("titel: unknown key; did you mean title?", "knob[0].sets: "):
        assert any(said in line for line in lines)
    assert any(line.startswith("mine.toml: knob[0].pin: expected a pin with a") for line in lines)
    assert json.loads(run("mine.toml", "--json").stdout)["error"]["kind"] == "file"
