"""`namgen inspect --fits`: captures beside targets, as a table, as CSV and as JSON."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import make_nam
import pytest
from make_nam import a1, a2

from namgen.cli import main
from namgen.cli.fits_lines import fits_items
from namgen.cli.options import Purpose
from namgen.cli.terminal import Facts, Table
from namgen.fitting import FileFits, Fit
from namgen.inspection import inspect

TARGETS = [order.target.spoken for order in Purpose().orders()]


def said(*words: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", *words])
    assert ended.value.code == code
    return capsys.readouterr().out


@pytest.fixture
def captures(tmp_path: Path) -> list[str]:
    small = make_nam.write(tmp_path, a1(), "small.nam")
    wide = make_nam.write(tmp_path, a2(64), "wide.nam")
    return [str(small), str(wide)]


def test_the_targets_are_those_that_have_limits() -> None:
    assert {"daisy", "petal-125b-sm", "libdaisy", "c cortex-m4f"} <= set(TARGETS)
    assert {"micropython armv7emsp", "micropython armv7emdp"} <= set(TARGETS)
    assert not {"c generic", "c x86-64", "micropython x64", "host"} & set(TARGETS)


def test_every_capture_stands_beside_every_target(
    captures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(said(*captures, "--fits", "--json", "-q", capsys=capsys))
    assert [file["file"] for file in found] == ["small.nam", "wide.nam"]
    for file in found:
        assert [fit["target"] for fit in file["fits"]] == TARGETS


def test_a_fit_is_what_inspect_says_of_the_capture_alone(
    captures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = json.loads(said(captures[0], captures[0], "--fits", "--json", "-q", capsys=capsys))[
        :1
    ]
    alone = {fit.target: fit for fit in inspect(captures[0]).networks[0].fits}
    daisy = next(fit for fit in found["fits"] if fit["target"] == "daisy")
    assert daisy["reason"] == alone["daisy"].reason
    assert daisy["fits"] is alone["daisy"].fits


def test_csv_has_a_row_for_each_pair(
    captures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(csv.DictReader(said(*captures, "--csv", "-q", capsys=capsys).splitlines()))
    assert len(rows) == 2 * len(TARGETS)
    first = rows[0]
    assert (first["file"], first["target"], first["fits"]) == ("small.nam", "daisy", "yes")
    assert first["precision"] == "float32"
    assert float(first["load_percent"]) > 0
    assert first["clock_mhz"] == "480"
    assert int(first["arrays_bytes"]) > 0


def test_csv_has_the_clock_that_a_share_is_of(
    captures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(csv.DictReader(said(*captures, "--csv", "-q", capsys=capsys).splitlines()))
    assert {bool(row["clock_mhz"]) for row in rows if row["load_percent"]} == {True}
    assert any(row["target"] == "micropython armv7emdp" and row["load_percent"] for row in rows)


def test_what_does_not_fit_is_no_with_its_reason(
    captures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(*captures, "--fits", "-q", capsys=capsys)
    row = next(line for line in text.splitlines() if line.startswith("wide.nam"))
    assert row.split()[1] == "no"  # the Daisy's
    assert "wide.nam, 1" in text.partition("why not")[2]


def test_a_target_that_is_named_is_the_only_one(
    captures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(
        said(*captures, "--fits", "--target", "daisy", "--json", "-q", capsys=capsys)
    )
    assert [[fit["target"] for fit in file["fits"]] for file in found] == [["daisy"], ["daisy"]]


def test_a_container_says_which_submodel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_nam.write(tmp_path, make_nam.container(a2(2), a2(3)), "two.nam")
    rows = csv.DictReader(said(str(path), "--csv", "-q", capsys=capsys).splitlines())
    assert {row["submodel"] for row in rows} == {"2"}


def test_a_file_that_is_wrong_loses_no_row_of_the_others(
    captures: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.nam"
    bad.write_text("{")
    text = said(str(bad), captures[0], "--csv", "-q", capsys=capsys, code=1)
    rows = list(csv.DictReader(text.splitlines()))
    assert {row["file"] for row in rows} == {"small.nam"}


def test_several_captures_ask_for_fits(
    captures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", *captures])
    assert ended.value.code == 2
    assert "--fits takes several" in capsys.readouterr().err


def test_targets_that_say_the_same_share_a_column() -> None:
    def fit(target: str, share: float, clock_hz: int = 480_000_000) -> Fit:
        return Fit(target, True, "", precision="float32", share=share, clock_hz=clock_hz)

    one = FileFits("one.nam", (fit("a", 0.5), fit("b", 0.5), fit("c", 0.6)))
    two = FileFits("two.nam", (fit("a", 0.7), fit("b", 0.7), fit("c", 0.7)))
    names, _, table = list(fits_items([one, two]))
    assert isinstance(names, Facts)
    assert names.rows == [("1", "a, b"), ("2", "c")]
    assert isinstance(table, Table)
    assert table.rows == [
        ["one.nam", "float32 50 %", "float32 60 %"],
        ["two.nam", "float32 70 %", "float32 70 %"],
    ]


def test_the_same_share_of_another_clock_is_not_the_same() -> None:
    fits = (
        Fit("a", True, "", share=0.5, clock_hz=480_000_000),
        Fit("b", True, "", share=0.5, clock_hz=400_000_000),
    )
    names, *_ = fits_items([FileFits("one.nam", fits)])
    assert isinstance(names, Facts)
    assert [name for _, name in names.rows] == ["a", "b"]
