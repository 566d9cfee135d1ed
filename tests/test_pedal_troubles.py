"""What goes wrong around a pedal is seen on its panel; and a panel may be as small as it likes."""

from __future__ import annotations

from pathlib import Path

import make_nam
import numpy as np
import pytest

import namgen
from namgen.pedal_boards import load_pedal_board
from namgen.prediction import InUse, Measured
from namgen.processors.margin import Margin

pytest.importorskip("unicorn")
from host_sim.pedal import Pedal
from host_sim.pedal_hands import perform

ONE_KNOB = """
title = "One knob"
module = "daisy-seed"
[[knob]]
label = "volume"
pin = "D16"
sets = "level"
"""


def linear(folder: Path, name: str = "clean.nam") -> Path:
    return make_nam.write(folder, make_nam.linear(3, bias=False), name)


@pytest.mark.parametrize("what", ["transfer error", "FIFO error of the SAI"])
def test_the_status_light_tells_of_every_trouble(what: str, tmp_path: Path) -> None:
    namgen.build(linear(tmp_path), board="terrarium", out_dir=tmp_path / "out")
    pedal = Pedal(tmp_path / "out" / "firmware.elf", panel=load_pedal_board("terrarium"))
    pedal.boot()
    block = np.zeros(pedal.block_frames, np.int32)
    pedal.play(np.tile(block, 20))
    assert pedal.lights["1"]
    pedal.inject(what, receiving=True)
    seen = []
    for _ in range(200):
        pedal.play(block)
        seen.append(pedal.lights["1"])
    assert False in seen[:80]
    assert True in seen[40:]
    pedal.play(np.tile(block, 300))
    assert pedal.lights["1"]


def test_a_board_of_one_knob_plays_what_its_twin_does(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(ONE_KNOB, encoding="utf-8")
    report = namgen.build(linear(tmp_path), board=str(file), out_dir=tmp_path / "out")
    pedal = Pedal(tmp_path / "out" / "firmware.elf", panel=load_pedal_board(str(file)))
    pedal.boot()
    noise = np.random.default_rng(1).standard_normal(pedal.block_frames * 60) * (1 << 20)
    found = perform(pedal, report.sound, report.controls, noise.astype(np.int32))
    assert np.array_equal(found.played, np.stack([found.expected] * 2))


@pytest.mark.parametrize("slow_first", [True, False])
def test_the_capture_that_costs_most_is_timed(slow_first: bool, tmp_path: Path) -> None:
    """Also where the panel has another one playing at first."""
    asked = []

    def instrument(elf: Path, use: InUse) -> Measured:
        asked.append(use)
        return Measured(1.0, 1, Margin(0.05, 0.2))

    slow = make_nam.write(tmp_path, make_nam.a1(make_nam.a1_array(6)), "slow.nam")
    paths = [slow, linear(tmp_path)] if slow_first else [linear(tmp_path), slow]
    namgen.build(*paths, board="hothouse", out_dir=tmp_path / "out", instrument=instrument)
    assert [use.capture for use in asked] == [0 if slow_first else 1]


def test_where_there_is_one_capture_none_is_chosen_to_be_timed(tmp_path: Path) -> None:
    asked = []

    def instrument(elf: Path, use: InUse) -> Measured:
        asked.append(use.capture)
        return Measured(1.0, 1, Margin(0.05, 0.2))

    namgen.build(linear(tmp_path), board="pod", out_dir=tmp_path / "out", instrument=instrument)
    assert asked == [None]
