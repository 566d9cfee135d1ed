"""An image with several captures, chosen by hand: it plays what its twin does, in time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pedal_captures import files

import namgen
from namgen.pedal_boards import load_pedal_board

pytest.importorskip("unicorn")
from host_sim.pedal import Pedal
from host_sim.pedal_hands import least_frames, perform

RESTLESS_BLOCKS = 60


@pytest.mark.parametrize(
    ("board", "toolchain"),
    [("terrarium", "zig"), pytest.param("petal", "gcc", marks=pytest.mark.slow)],
)
def test_captures_chosen_by_hand(board: str, toolchain: str, tmp_path: Path) -> None:
    paths, random = files(tmp_path), np.random.default_rng(7)
    report = namgen.build(*paths, board=board, out_dir=tmp_path / "out", toolchain=toolchain)
    pedal = Pedal(tmp_path / "out" / "firmware.elf", panel=load_pedal_board(board))
    pedal.boot()
    frames = least_frames(pedal, report.controls) + RESTLESS_BLOCKS * pedal.block_frames
    codes = (random.standard_normal(frames) * (1 << 20)).astype(np.int32)
    found = perform(pedal, report.sound, report.controls, codes)
    assert np.array_equal(found.played, np.stack([found.expected] * 2))
    assert pedal.panel.violations == []
    assert found.shown is not None
    assert found.lit == found.shown.lit
    assert {("sound_choose", number) for number in (0, 1, 2)} <= found.told
