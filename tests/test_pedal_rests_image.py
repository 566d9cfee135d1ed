"""An image that rests while it is bypassed: no block on the way is longer than one of play."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import make_nam
import numpy as np
import pytest

import namgen

pytest.importorskip("unicorn")
pytest.importorskip("capstone")
from host_sim.m7 import pedal_profile
from host_sim.m7.profile import Profile

TAPS = 4096


def test_to_come_to_rest_takes_no_block_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the longest cabinet in the shortest block; what a build predicts is of these blocks."""
    profiles: list[Profile] = []
    real: Any = pedal_profile.time_interrupts

    def timed(*arguments: Any, **options: Any) -> Profile:
        profiles.append(real(*arguments, **options))
        return profiles[-1]

    monkeypatch.setattr(pedal_profile, "time_interrupts", timed)
    ir = tmp_path / "long.wav"
    ir.write_bytes(make_nam.wav(0.2 * np.random.default_rng(1).standard_normal(TAPS)))
    report = namgen.build(
        make_nam.write(tmp_path, make_nam.a1()),
        board="terrarium",
        block=8,
        ir=ir,
        ir_length=TAPS,
        bypass_idle=True,
        out_dir=tmp_path / "out",
        instrument=pedal_profile.quick_instrument,
    )
    playing, resting = profiles
    chain = report.sound.chain
    assert chain.cabinet is not None
    assert chain.cabinet.taps == TAPS
    assert min(resting.cycles_of_blocks) < 0.8 * min(playing.cycles_of_blocks), "it rests"
    assert max(resting.cycles_of_blocks[:4]) > min(playing.cycles_of_blocks), "it played"
    assert resting.worst_cycles < 1.05 * playing.worst_cycles
    assert report.prediction is not None
    assert report.prediction.cycles_per_block == max(playing.worst_cycles, resting.worst_cycles)
