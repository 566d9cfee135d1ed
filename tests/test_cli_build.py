"""A build gives a whole folder or none, the same bytes anywhere, and reasons for its choices."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import make_nam
import pytest
from click.testing import CliRunner

import namgen
from namgen.cli import main
from namgen.errors import BudgetError, NamgenError, OutputError, ToolError, UnsupportedError
from namgen.output_dir import whole_folder
from namgen.toolchain import CrossToolchain


@pytest.fixture
def tweed(tmp_path: Path) -> Path:
    return make_nam.write(tmp_path, make_nam.a1())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def big(channels: int) -> make_nam.Json:
    """An A1 array of two layers: `channels` squared multiply-adds, eight times."""
    return make_nam.a1(make_nam.a1_array(channels))


def test_a_pedal_image_has_all_its_files(tweed: Path, tmp_path: Path) -> None:
    report = namgen.build(tweed, out_dir=tmp_path / "out")
    names = set(contents(tmp_path / "out"))
    assert {"firmware.elf", "firmware.bin", "firmware.dfu", "report.json"} <= names
    assert {"nam_tweed.h", "nam_tweed.c", "nam_tweed_weights.h"} <= names
    assert report.firmware is not None
    assert report.firmware.stat().st_size < 128 * 1024


def test_two_builds_are_the_same_bytes(tweed: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "somewhere else"
    elsewhere.mkdir()
    again = make_nam.write(elsewhere, make_nam.a1())
    namgen.build(tweed, out_dir=tmp_path / "one")
    namgen.build(again, out_dir=elsewhere / "two")
    assert contents(tmp_path / "one") == contents(elsewhere / "two")


def test_the_report_lists_every_file_with_its_hash(tweed: Path, tmp_path: Path) -> None:
    namgen.build(tweed, out_dir=tmp_path / "out", target="host")
    files = contents(tmp_path / "out")
    report = json.loads(files.pop("report.json"))
    assert set(report["files"]) == set(files)
    for name, facts in report["files"].items():
        assert facts["sha256"] == hashlib.sha256(files[name]).hexdigest()


def test_the_report_knows_no_path(tweed: Path, tmp_path: Path) -> None:
    namgen.build(tweed, out_dir=tmp_path / "out", target="host")
    for name, data in contents(tmp_path / "out").items():
        assert str(tmp_path).encode() not in data, name


def test_target_host_gives_c_without_firmware(tweed: Path, tmp_path: Path) -> None:
    report = namgen.build(tweed, out_dir=tmp_path / "out", target="host")
    assert report.firmware is None
    assert (tmp_path / "out" / "nam_tweed.c").exists()


def test_a_new_build_replaces_the_old_one(tweed: Path, tmp_path: Path) -> None:
    namgen.build(tweed, out_dir=tmp_path / "out", target="host", name="first")
    namgen.build(tweed, out_dir=tmp_path / "out", target="host", name="second")
    assert "nam_second.c" in contents(tmp_path / "out")
    assert "nam_first.c" not in contents(tmp_path / "out")


def test_a_failed_build_leaves_what_was_there(
    tweed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namgen.build(tweed, out_dir=tmp_path / "out", target="host")
    before = contents(tmp_path / "out")

    def fail(*_: object, **__: object) -> None:
        raise ToolError("compiler: broken")

    monkeypatch.setattr(sys.modules["namgen.packages.image"], "build_image", fail)
    with pytest.raises(ToolError):
        namgen.build(tweed, out_dir=tmp_path / "out")
    with pytest.raises(ToolError):
        namgen.build(tweed, out_dir=tmp_path / "new")
    with pytest.raises(ToolError):
        namgen.build(tweed, out_dir=tmp_path / "new" / "folders" / "too")
    assert contents(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tweed.nam"]


def test_other_peoples_files_are_never_replaced(tweed: Path, tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "best.wav").touch()
    with pytest.raises(OutputError, match=r"best\.wav"):
        namgen.build(tweed, out_dir=tmp_path / "songs", target="host")
    assert list(contents(tmp_path / "songs")) == ["best.wav"]


def test_the_folder_one_stands_in_is_not_pulled_away(
    tweed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "here" / "inner"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    for place in (".", "..", inner):
        with pytest.raises(OutputError, match="the current one"):
            namgen.build(tweed, out_dir=place, target="host")


def test_a_file_in_the_way_is_named(tweed: Path) -> None:
    with pytest.raises(OutputError, match=r"tweed\.nam: expected a folder"):
        namgen.build(tweed, out_dir=tweed, target="host")
    with pytest.raises(OutputError, match=r"tweed\.nam"):
        namgen.build(tweed, out_dir=tweed / "under", target="host")


def test_an_interrupted_folder_vanishes(tmp_path: Path) -> None:
    def interrupted() -> None:
        with whole_folder(tmp_path / "out") as draft:
            (draft / "half").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_the_largest_submodel_that_keeps_up_is_taken(tmp_path: Path) -> None:
    box = make_nam.write(tmp_path, make_nam.container(make_nam.a2(2), make_nam.a2(3), big(80)))
    report = namgen.build(box, out_dir=tmp_path / "out")
    taken = [
        choice.submodel for choice in report.sound.captures[0].selection.choices if choice.taken
    ]
    reasons = {
        (choice.submodel, choice.precision): choice.reason
        for choice in report.sound.captures[0].selection.choices
    }
    assert taken == ["2"]
    assert "will not keep up" in reasons["3", "float32"]
    assert "its products alone take" in reasons["3", "fixed32"]
    assert "a larger one fits" in reasons["1", "float32"]
    assert report.contents["submodels"][0]["submodel"] == "3"


def test_what_will_not_keep_up_is_built_only_by_force(tmp_path: Path) -> None:
    slow = make_nam.write(tmp_path, big(80))
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(CrossToolchain, "compile")  # it is refused before
        with pytest.raises(BudgetError, match="will not keep up"):
            namgen.build(slow, out_dir=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    result = CliRunner().invoke(main, ["build", str(slow), "-o", str(tmp_path / "out"), "--force"])
    assert result.exit_code == 0, result.output
    assert "WILL NOT KEEP UP" in result.stdout


def test_a_slower_clock_has_a_smaller_budget(tweed: Path, tmp_path: Path) -> None:
    budgets = []
    for clock in ("480", "400"):
        report = namgen.build(tweed, out_dir=tmp_path / clock, clock=int(clock))
        budgets.append(report.contents["prediction"]["budget_cycles_per_sample"])
    assert budgets == [9583, 7986]  # of 10 000 and 8 333, 2 of 48 frames less


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"clock": "999"}, "480, 400"),
        ({"boot": "sdcard"}, "flash, sram, qspi"),
        ({"block": 0}, "1 to 256"),
        ({"target": "fridge"}, "daisy"),
        ({"submodel": "lite"}, "one model"),
        ({"slim": 0.5}, "container"),
        ({"name": "Not C"}, "lower-case"),
        ({"toolchain": "msvc"}, "zig, gcc"),
    ],
)
def test_options_out_of_range_say_what_is_possible(
    options: dict[str, object], message: str, tweed: Path, tmp_path: Path
) -> None:
    with pytest.raises(NamgenError, match=message):
        namgen.build(tweed, out_dir=tmp_path / "out", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_the_pedal_refuses_what_it_cannot_play(tmp_path: Path) -> None:
    stereo = make_nam.write(tmp_path, make_nam.lstm(channels=2))
    with pytest.raises(UnsupportedError, match="1 input and 1 output"):
        namgen.build(stereo, out_dir=tmp_path / "out")
    other_rate = make_nam.write(tmp_path, make_nam.a1(sample_rate=44100), "rate.nam")
    with pytest.raises(UnsupportedError, match="44100"):
        namgen.build(other_rate, out_dir=tmp_path / "out")
