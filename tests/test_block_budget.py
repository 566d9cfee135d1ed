"""The transmitter fetches ahead: short blocks have less time than they last."""

from __future__ import annotations

from pathlib import Path

import make_nam
import pytest

import namgen
from namgen.errors import UnsupportedError
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


def test_a_pedal_works_in_steps_of_eight_frames(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, LITTLE)
    for frames in (1, 4, 7, 20):
        with pytest.raises(UnsupportedError, match=f"a multiple of 8 frames.*found {frames}"):
            namgen.build(nam, out_dir=tmp_path / "out", block=frames)
    assert namgen.build(nam, out_dir=tmp_path / "out", block=8).contents["warnings"] == []


def test_a_computer_has_no_transmitter() -> None:
    order = make_order(load_target("host"), clock=None, block_frames=1)
    assert order.warnings == ()
