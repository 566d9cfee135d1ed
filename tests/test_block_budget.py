"""The transmitter fetches ahead: short blocks have less time than they last."""

from __future__ import annotations

from pathlib import Path

import make_nam
import pytest

import namgen
from namgen.errors import BudgetError
from namgen.order import make_order
from namgen.targets import load_target

LITTLE = make_nam.a1(make_nam.a1_array(1, dilations=[1], activation="ReLU"))


@pytest.mark.parametrize(
    ("frames", "cycles"), [(1, 0), (2, 0), (4, 20_000), (8, 60_000), (16, 140_000)]
)
def test_the_look_ahead_is_taken_off_the_time_of_a_block(frames: int, cycles: int) -> None:
    order = make_order(load_target("daisy"), clock=None, block_frames=frames)
    assert order.budget.cycles == cycles
    assert order.budget.block_cycles == 10_000 * frames


@pytest.mark.parametrize(("frames", "warned"), [(4, True), (7, True), (8, False), (16, False)])
def test_blocks_below_eight_frames_are_warned_about(
    frames: int, tmp_path: Path, *, warned: bool
) -> None:
    nam = make_nam.write(tmp_path, LITTLE)
    report = namgen.build(nam, out_dir=tmp_path / "out", block_frames=frames)
    assert [line.startswith("block: ") for line in report.contents["warnings"]] == [True] * warned


def test_a_block_without_time_left_is_built_only_by_force(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, LITTLE)
    with pytest.raises(BudgetError, match=r"takes 2 frames ahead, a block has 1.*--force"):
        namgen.build(nam, out_dir=tmp_path / "out", block_frames=1)
    report = namgen.build(nam, out_dir=tmp_path / "out", block_frames=1, force=True)
    assert report.firmware is not None
    assert not report.contents["prediction"]["keeps_up"]


def test_a_computer_has_no_transmitter() -> None:
    order = make_order(load_target("host"), clock=None, block_frames=1)
    assert order.warnings == ()
