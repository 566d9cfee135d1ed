"""Several captures in one pedal: changed in silence, in bounded work, and in the twin's bits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import make_nam
import numpy as np
import pytest
from chain_setups import sine
from pedal_captures import guitar, planned, played
from test_chain_ramps import MOST_OF_PEAK, unasked

from host_sim.sound_engines import HostSound
from namgen.chain.step import CHANGEOVER_STEPS, STEP_FRAMES
from namgen.nam_file import read
from namgen.order import make_order
from namgen.pedal.emit import emit_sound
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal.twin import SoundTwin
from namgen.pedal.wanted import Capture, PedalWanted
from namgen.pedal_boards import load_pedal_board
from namgen.targets import load_target


@pytest.mark.parametrize(
    ("block_frames", "changes"),
    [
        (48, {}),
        (48, {"cabinets": True, "bypass_idle": True}),
        (16, {"cabinets": True}),
        (8, {"bypass_idle": True}),
    ],
    ids=["48", "48 with cabinets, idle", "16 with cabinets", "8 idle"],
)
def test_the_c_has_the_bits_of_its_twin(
    block_frames: int, changes: dict[str, bool], tmp_path: Path
) -> None:
    sound = planned(tmp_path, block_frames, **changes)
    host = played(sound, HostSound(sound))
    expected = played(sound, SoundTwin(sound))
    assert np.array_equal(host.view("u4"), expected.view("u4"))
    assert np.abs(expected).max() > 0.05


def straight(folder: Path, name: str, gain: float) -> Path:
    """A capture that changes nothing but the level."""
    document = make_nam.linear(1, bias=False)
    document["weights"] = [gain]
    return make_nam.write(folder, document, name)


def pure(folder: Path) -> SoundPlan:
    """Three captures whose clicks could be heard, as a steady sine has none."""
    gains = {"one.nam": 1.0, "low.nam": 0.25, "upside.nam": -0.8}
    paths = [straight(folder, name, gain) for name, gain in gains.items()]
    captures = tuple(Capture(path, path.stem) for path in paths)
    wanted = PedalWanted(captures, load_pedal_board("seed"), normalize=False, calibrate=False)
    order = make_order(load_target("daisy"), clock=None, block_frames=48)
    return plan_sound(wanted, order, {path: read(path) for path in paths})


@pytest.mark.parametrize("frequency_hz", [82, 440, 1000])
def test_no_choice_makes_a_step(frequency_hz: int, tmp_path: Path) -> None:
    """However often, and while another capture comes up; one that was inverted is there, too."""
    engine, random = HostSound(pure(tmp_path)), np.random.default_rng(1)
    samples, parts = sine(frequency_hz, 96_000), []
    while samples.size:
        engine.choose(int(random.integers(3)))
        count = 48 * int(random.integers(1, 40))
        parts.append(engine.process(samples[:count]))
        samples = samples[count:]
    assert unasked(np.concatenate(parts), frequency_hz) < MOST_OF_PEAK


def test_after_a_choice_it_sounds_as_if_it_had_been_the_first(tmp_path: Path) -> None:
    """Once what is on the way is through: the last capture is straight, and so is the chain."""
    engine, samples = HostSound(pure(tmp_path)), sine(440, 48 * 100)
    engine.choose(1)
    engine.process(samples)  # out, another one, in
    played = engine.process(samples)
    assert np.abs(played).max() == pytest.approx(0.25 * np.abs(samples).max(), rel=0.01)
    engine.choose(0)
    engine.choose(1)  # back before anything has happened
    assert np.abs(engine.process(samples) - played).max() < 5e-5  # the high-pass forgets


def test_a_changeover_takes_a_known_time(tmp_path: Path) -> None:
    """Out, as many blocks of silence as the plan says, and in."""
    sound = planned(tmp_path, 8)
    assert sound.engines is not None
    engine, steady = HostSound(sound), guitar(8)
    for _ in range(400):
        engine.process(steady)
    engine.choose(2)
    silent = [not engine.process(steady).any() for _ in range(200)]
    assert silent.index(True) == CHANGEOVER_STEPS
    assert sum(silent) == sound.engines.loading_blocks(2, 8)
    assert STEP_FRAMES == 8


@pytest.mark.parametrize("capture", [3, 7, 1 << 31])
def test_what_is_no_capture_changes_nothing(capture: int, tmp_path: Path) -> None:
    sound = pure(tmp_path)
    one, other, samples = HostSound(sound), HostSound(sound), sine(440, 4800)
    other.choose(capture)
    assert np.array_equal(one.process(samples), other.process(samples))


def test_a_capture_by_itself_knows_of_no_others(tmp_path: Path) -> None:
    sound = pure(tmp_path)
    alone = replace(sound, captures=sound.captures[:1], engines=None)
    alone = replace(alone, chain=replace(alone.chain, blocks=alone.chain.blocks[:-1]))
    text = "".join(emit_sound(alone).values())
    for word in ("choose", "captures", "changeover", "use_cabinet"):
        assert word not in text
