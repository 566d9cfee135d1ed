"""The cycle model beside programs whose sources are not part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from benchmarks.m7_model.anchors import MEASURED, lines, load_anchors, table, why_skipped
from benchmarks.m7_model.validate import anchor_folders
from namgen.processors.pipeline import load_parameters


def test_what_is_absent_is_skipped_in_one_line_that_says_how_to_get_it(tmp_path: Path) -> None:
    anchors = load_anchors()
    for folder in (None, tmp_path):
        told = list(lines(dict.fromkeys(anchors, folder), load_parameters()))
        skipped = [line for line in told if line.startswith("skipped: ")]
        assert len(skipped) == len(anchors)
        assert "git clone" in skipped[0]
        assert "NAMGEN_CMSIS_DSP" in skipped[0]
        assert any(line == "| 1024 points | 77500 | 0.94 | 0.83 |" for line in told)


def test_a_folder_with_the_sources_is_measured(tmp_path: Path) -> None:
    anchor = load_anchors()["cfft"]
    (tmp_path / anchor.file).parent.mkdir(parents=True)
    (tmp_path / anchor.file).touch()
    assert why_skipped(anchor, tmp_path) == ""
    rows = list(table(anchor, lambda row, option: row.board * (0.9 if option == "-Os" else 0.8)))
    assert rows[2] == "| 16 points | 700 | 630 | 0.900 | 0.86 | 560 | 0.800 | 0.84 |"


def test_every_anchor_that_can_be_had_is_measured_and_has_an_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    obtainable = {name for name, anchor in load_anchors().items() if anchor.variable}
    monkeypatch.setenv("NAMGEN_COREMARK", "elsewhere")
    folders = anchor_folders(["--cfft", "here"])
    assert folders == {"cfft": Path("here"), "coremark": Path("elsewhere")}
    assert obtainable == set(MEASURED) == set(folders)


def test_the_margin_holds_what_boards_took_for_float_code() -> None:
    """By the stored ratios: all at -Os; at -O2, which is a guess, all but the three longest."""
    margin = load_parameters().margins["float"]
    cfft = load_anchors()["cfft"]
    small, fast = zip(*(row.reviewed for row in cfft.rows), strict=True)
    assert all(1 - margin.low <= 1 / ratio <= 1 + margin.high for ratio in (*small, *fast[:4]))
    assert all(1.2 < 1 / ratio < 1.24 for ratio in fast[4:])


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_the_model_is_still_what_was_compared(name: str) -> None:
    """Within what CoreMark's port, the part that everybody writes anew, makes of it."""
    anchor = load_anchors()[name]
    folder = os.environ.get(anchor.variable)
    if folder is None:
        pytest.skip(f"its sources are not here: {anchor.get}, and set {anchor.variable}")
    for row in anchor.rows[:2]:
        for option, stored in zip(anchor.options, row.reviewed, strict=True):
            cycles = MEASURED[name](Path(folder), load_parameters(), row, option)
            assert cycles / row.board == pytest.approx(stored, abs=0.015)
