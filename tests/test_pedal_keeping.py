"""A pedal that chooses among captures keeps which, and knows its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import flash_records
import numpy as np
import pytest
from test_pedal_sound import NANO, planned

import namgen
from namgen.controls import plan_controls
from namgen.pedal.emit import contents_of
from namgen.pedal.keeping import MACRO, number_of
from namgen.pedal.pedal_twin import PedalTwin
from namgen.pedal_boards import load_pedal_board


def test_the_firmware_keeps_the_capture_where_there_are_several() -> None:
    sound, board = planned("terrarium"), load_pedal_board("terrarium")
    found = []
    for banks in ([None], [None, None, None]):
        contents = contents_of(sound, plan_controls(board, sound.chain, banks=banks))
        assert contents.surroundings is not None
        found.append(contents.surroundings.options.get(MACRO))
    assert found == [None, f"{number_of(sound.captures)}u"]


def test_other_captures_and_another_order_are_another_pedal() -> None:
    (first,) = planned("terrarium").captures
    plan = replace(first.selection.plan, sha256="0" * 64)
    second = replace(first, selection=replace(first.selection, plan=plan))
    numbers = [number_of(captures) for captures in ([first], [second], [first, second])]
    numbers.append(number_of([second, first]))
    assert len(set(numbers)) == 4
    assert all(0 <= number < 1 << 32 for number in numbers)
    assert number_of([first, second]) == numbers[2]


def test_after_the_power_was_off_it_plays_what_the_twin_of_that_capture_plays(
    tmp_path: Path,
) -> None:
    pytest.importorskip("unicorn")
    from host_sim.pedal import Kept, Pedal
    from host_sim.pedal_hands import answer, inputs_now

    board = load_pedal_board("terrarium")
    report = namgen.build(NANO, _softer(tmp_path), board="terrarium", out_dir=tmp_path / "out")
    assert report.sound is not None
    assert report.controls is not None
    record = flash_records.record(1, 1, number_of(report.sound.captures))
    kept = Kept(flash_records.content(record), None)
    pedal = Pedal(tmp_path / "out" / "firmware.elf", panel=board, kept=kept)
    pedal.boot()
    first, late = inputs_now(pedal.panel, report.controls), pedal.latency_frames
    codes = np.random.default_rng(1).integers(-(1 << 20), 1 << 20, 60 * pedal.block_frames)
    played = pedal.play(np.append(codes, np.zeros(late, int)).astype(np.int32))[0, late:]
    expected = [
        answer(
            pedal,
            PedalTwin(report.sound, report.controls, first, capture=number),
            report.controls,
            codes.astype(np.int32),
        )[0]
        for number in (0, 1)
    ]
    assert np.array_equal(played, expected[1])
    assert not np.array_equal(played, expected[0])


def _softer(folder: Path) -> Path:
    """Write a capture of the same shape that sounds otherwise."""
    data = json.loads(NANO.read_text(encoding="utf-8"))
    data["weights"] = [0.9 * weight for weight in data["weights"]]
    path = folder / "softer.nam"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path
