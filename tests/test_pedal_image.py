"""Every board's image, played by hands at random: sound and lights are those of the twin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import namgen
from namgen.pedal_boards import load_pedal_board, pedal_board_names

pytest.importorskip("unicorn")
from host_sim.pedal import Pedal
from host_sim.pedal_hands import perform

NANO = Path(__file__).parent.parent / "examples" / "tweed-nano.nam"
BOARDS = [name for name in pedal_board_names() if load_pedal_board(name).carried.target]
BLOCKS = 50


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_plays_and_shows_what_its_twin_does(name: str, tmp_path: Path) -> None:
    board, random = load_pedal_board(name), np.random.default_rng(3)
    report = namgen.build(NANO, board=name, out_dir=tmp_path / "out")
    pedal = Pedal(tmp_path / "out" / "firmware.elf", panel=board)
    pedal.boot()
    codes = (random.standard_normal(pedal.block_frames * BLOCKS) * (1 << 20)).astype(np.int32)
    found = perform(pedal, report.sound, report.controls, codes)
    assert np.array_equal(found.played, np.stack([found.expected] * 2))
    assert pedal.panel.violations == []
    if found.shown is not None:
        assert found.lit == found.shown.lit
        assert pedal.relay_on == (found.shown.effect and board.bypass.kind == "relay")
        assert pedal.muted == (found.shown.mute and board.bypass.mute is not None)
