"""Every board's image in somebody's hands: all controls work; sound and lights are the twin's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import make_nam
import numpy as np
import pytest

import namgen
from namgen.chain.plan import ChainPlan
from namgen.controls import plan_controls
from namgen.controls.twin import PanelOutputs
from namgen.pedal_boards import PedalBoard, load_pedal_board, pedal_board_names

pytest.importorskip("unicorn")
from host_sim.panel import Glance
from host_sim.pedal import Pedal
from host_sim.pedal_hands import differences, least_frames, perform
from host_sim.pedal_walk import actions_of

NANO = Path(__file__).parent.parent / "examples" / "tweed-nano.nam"
SAMPLE = ("seed", "125b", "petal-125b-sm", "t3k")
RESTLESS_BLOCKS = 20


def relay_levels(pedal: Pedal, board: PedalBoard) -> list[bool]:
    """What the pin of the relay was driven to, one after the other."""
    assert board.bypass.relay is not None
    pin = next(w.pin for w in board.wired() if w.wire.name == board.bypass.relay.pin)
    edges = [e.is_high for e in pedal.gpio_edges if (e.port, e.pin) == (pin.port, pin.number)]
    return [level == (board.bypass.relay.active == "high") for level in edges]


@pytest.mark.parametrize(
    "name",
    [n if n in SAMPLE else pytest.param(n, marks=pytest.mark.slow) for n in pedal_board_names()],
)
def test_a_board_plays_and_shows_what_its_twin_does(name: str, tmp_path: Path) -> None:
    board, random = load_pedal_board(name), np.random.default_rng(3)
    report = namgen.build(NANO, board=name, out_dir=tmp_path / "out")
    pedal = Pedal(tmp_path / "out" / "firmware.elf", panel=board)
    pedal.boot()
    frames = least_frames(pedal, report.controls) + RESTLESS_BLOCKS * pedal.block_frames
    codes = (random.standard_normal(frames) * (1 << 20)).astype(np.int32)
    found = perform(pedal, report.sound, report.controls, codes)
    assert np.array_equal(found.played, np.stack([found.expected] * 2))
    assert pedal.panel.violations == []
    assert found.wrong == ()
    if found.shown is not None:
        assert found.told >= actions_of(report.controls)
        assert found.lit == found.shown.lit
        assert pedal.relay_on == (found.shown.effect and board.bypass.kind == "relay")
        assert pedal.muted == (found.shown.mute and board.bypass.mute is not None)
    if board.bypass.kind == "relay":
        assert relay_levels(pedal, board)[:3] == [True, False, True]


@pytest.mark.parametrize(
    "name",
    ["hothouse", *(pytest.param(n, marks=pytest.mark.slow) for n in ("t3k", "125b", "terrarium"))],
)
def test_hands_reach_every_capture(name: str, tmp_path: Path) -> None:
    """By banks and the next of each, by a toggle, by an encoder and a footswitch."""
    files = []
    for number in range(4):
        weights = [0.5 - 0.2 * number, 0.1, 0.05]
        document = make_nam.put(make_nam.linear(3, bias=False), "weights", weights)
        files.append(make_nam.write(tmp_path, document, f"{number}.nam"))
    report = namgen.build(*files, board=name, out_dir=tmp_path / "out")
    pedal = Pedal(tmp_path / "out" / "firmware.elf", panel=load_pedal_board(name))
    pedal.boot()
    random = np.random.default_rng(4)
    codes = random.integers(-(1 << 20), 1 << 20, least_frames(pedal, report.controls))
    found = perform(pedal, report.sound, report.controls, codes.astype(np.int32))
    chosen = {told[1] for told in found.told if told[0] == "sound_choose"}
    assert chosen == {0, 1, 2, 3}
    assert found.told >= actions_of(report.controls)
    assert np.array_equal(found.played, np.stack([found.expected] * 2))
    assert found.shown is not None
    assert found.lit == found.shown.lit
    assert found.wrong == ()


def test_what_a_panel_shows_wrongly_for_a_moment_is_told() -> None:
    """At any block, and once for each of lights, relay and mute."""
    board = load_pedal_board("125b")
    controls = plan_controls(board, ChainPlan(48, 48_000, ()))
    lamps = len(controls.lights.lamps)
    shown = [PanelOutputs(0, effect=True, mute=False, update=False, capture=0)] * 4
    dark = {led.label: False for led in board.leds}
    right = Glance(dark, relay_on=True, muted=False)
    blinks = replace(right, lights=dark | {board.leds[0].label: True})
    clicks = replace(right, relay_on=False, muted=True)
    assert lamps == 2

    def told(*glances: Glance) -> list[str]:
        pedal: Any = SimpleNamespace(panel=SimpleNamespace(glances=glances), block_frames=48)
        return list(differences(pedal, controls, shown))

    assert told(right, right, right, right) == []
    assert told(right, blinks, blinks, right) == ["lights: expected 0x0, found 0x1 at 0.001 s"]
    assert told(right, right, right, clicks) == [
        "relay: expected True, found False at 0.003 s",
        "mute: expected False, found True at 0.003 s",
    ]
