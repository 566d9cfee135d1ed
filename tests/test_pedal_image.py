"""Every board's image, played by hands at random: sound and lights are those of the twin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import namgen
from host_sim.codec import codes_of_samples, fade_in, samples_of_codes
from namgen.controls import ControlsPlan
from namgen.controls.twin import PanelInputs
from namgen.pedal.pedal_twin import PedalTwin
from namgen.pedal_boards import load_pedal_board, pedal_board_names

pytest.importorskip("unicorn")
from host_sim.panel import Panel
from host_sim.pedal import Pedal

NANO = Path(__file__).parent.parent / "examples" / "tweed-nano.nam"
BOARDS = [name for name in pedal_board_names() if load_pedal_board(name).carried.target]


def inputs_at(panel: Panel, controls: ControlsPlan, block: int) -> PanelInputs:
    """What the firmware read of the panel in an audio interrupt."""
    levels = panel.levels_at_interrupts[block]
    closed = 0
    for bit, switch in enumerate(controls.switches.pins):
        level = next(levels[name] for name in switch.pin.names if name in levels)
        closed |= (level == (switch.active == "high")) << bit
    return PanelInputs(closed, panel.codes_at_interrupts[block])


def move(pedal: Pedal, random: np.random.Generator) -> None:
    """Do one thing with the panel."""
    board = pedal.panel.board
    knobs = [lambda k=knob: pedal.turn(k.label, float(random.uniform())) for knob in board.knobs]
    presses = [
        lambda s=switch: random.choice([pedal.press, pedal.release])(s.label, bounce_s=0.001)
        for switch in board.footswitches
    ]
    toggles = [
        lambda t=toggle: pedal.put(t.label, str(random.choice([p.label for p in t.positions])))
        for toggle in board.toggles
    ]
    turns = [lambda e=encoder: pedal.rotate(e.label, 2) for encoder in board.encoders]
    hands = [*knobs, *presses, *toggles, *turns]
    if hands:
        hands[int(random.integers(len(hands)))]()


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_plays_and_shows_what_its_twin_does(name: str, tmp_path: Path) -> None:
    board, random = load_pedal_board(name), np.random.default_rng(3)
    report = namgen.build(NANO, board=name, out_dir=tmp_path / "out")
    pedal = Pedal(tmp_path / "out" / "firmware.elf", panel=board)
    pedal.boot()
    frames = pedal.block_frames
    codes = (random.standard_normal(frames * 400) * (1 << 20)).astype(np.int32)
    played, moved = [], 0
    while moved < 400:
        move(pedal, random)
        count = min(int(random.integers(1, 40)), 400 - moved)
        played.append(pedal.play(codes[moved * frames : (moved + count) * frames])[0])
        moved += count
    played.append(pedal.play(np.zeros(pedal.latency_frames, np.int32))[0])
    expected, twin = twin_of(report, pedal, codes)
    assert np.array_equal(np.concatenate(played)[pedal.latency_frames :], expected)
    assert pedal.panel.violations == []
    if twin.shown is not None:
        assert lit(pedal, report.controls) == twin.shown.lit
        assert pedal.relay_on == (twin.shown.effect and board.bypass.kind == "relay")


def twin_of(
    report: namgen.BuildReport, pedal: Pedal, codes: np.ndarray
) -> tuple[np.ndarray, PedalTwin]:
    """What the pedal has to play, by what its panel was read as."""
    controls, frames = report.controls, pedal.block_frames
    heard = samples_of_codes(codes).reshape(-1, frames)
    seen = [None] * len(heard)
    if controls is not None:
        seen = [inputs_at(pedal.panel, controls, block) for block in range(len(heard))]
    twin = PedalTwin(report.sound, controls, seen[0])
    out = np.concatenate([twin.block(b, s) for b, s in zip(heard, seen, strict=True)])
    return codes_of_samples(fade_in(out)), twin


def lit(pedal: Pedal, controls: ControlsPlan) -> int:
    """The lamps that are lit, as bits."""
    found, lights = 0, pedal.lights
    lamps = [
        part
        for led in pedal.panel.board.leds
        if led.shows != "none"
        for part in parts(lights[led.label])
    ]
    for number, is_lit in enumerate(lamps):
        found |= is_lit << number
    assert len(lamps) == len(controls.lights.lamps)
    return found


def parts(light: object) -> tuple[bool, ...]:
    return light if isinstance(light, tuple) else (bool(light),)
