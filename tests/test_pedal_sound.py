"""The sound of a pedal: C and NumPy have the same bits, whatever is set in between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import make_nam
import numpy as np
import pytest

from host_sim.sound_engines import HostSound
from namgen.errors import UnsupportedError
from namgen.nam_file import read
from namgen.order import make_order
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal.twin import SoundTwin
from namgen.pedal.wanted import Capture, PedalWanted
from namgen.pedal_boards import load_pedal_board
from namgen.targets import load_target

NANO = Path(__file__).parent.parent / "examples" / "tweed-nano.nam"


def planned(
    board: str = "terrarium", *, block_frames: int = 48, ir: Path | None = None, **changes: object
) -> SoundPlan:
    wanted = PedalWanted((Capture(NANO, "tweed", ir=ir),), load_pedal_board(board))
    order = make_order(load_target("daisy"), clock=None, block_frames=block_frames)
    return plan_sound(replace(wanted, **changes), order, {NANO: read(NANO)})


def guitar(frames: int) -> np.ndarray:
    random = np.random.default_rng(8)
    return (0.3 * random.standard_normal(frames)).astype(np.float32)


def played(sound: SoundPlan, engine: SoundTwin | HostSound) -> np.ndarray:
    """Play, and set something at random before every few blocks."""
    random = np.random.default_rng(5)
    size, names = sound.chain.block_frames, [p.name for p in sound.chain.parameters]
    parts = []
    for _ in range(24):
        if names:
            engine.set(str(random.choice(names)), float(random.uniform()))
        if "bypass" in sound.chain.names:
            engine.bypass(bool(random.integers(2)))
        if "gate" in sound.chain.names:
            engine.use_gate(bool(random.integers(2)))
        parts.append(engine.process(guitar(size * int(random.integers(1, 2000 // size)))))
    return np.concatenate(parts)


@pytest.mark.parametrize("block_frames", [8, 48])
@pytest.mark.parametrize("changes", [{}, {"bypass_idle": True}], ids=["whole", "idle"])
@pytest.mark.parametrize("board", ["terrarium", "seed"])
def test_the_c_has_the_bits_of_its_twin(
    board: str, changes: dict[str, bool], block_frames: int
) -> None:
    sound = planned(board, block_frames=block_frames, **changes)
    expected = played(sound, SoundTwin(sound))
    assert np.array_equal(played(sound, HostSound(sound)).view("u4"), expected.view("u4"))
    assert np.abs(expected).max() > 0.05


def test_a_block_that_nothing_sets_is_not_built_in() -> None:
    assert planned("seed").chain.names == {"guard", "high_pass", "level"}
    assert planned("seed", normalize=False).chain.names == {"guard", "high_pass"}
    assert planned("seed", positions={"bass": 0.6}).chain.names >= {"equaliser"}
    assert planned("pod").chain.names == {
        *("guard", "high_pass", "level", "input_trim", "bypass"),
    }


def test_positions_are_where_parameters_begin() -> None:
    sound = planned("seed", positions={"bass": 1.0})
    other = planned("seed", positions={"bass": 0.5})
    low = np.sin(2 * np.pi * 60 / 48_000 * np.arange(4800)).astype(np.float32) * 0.01
    loud, flat = (SoundTwin(each).process(low)[2400:] for each in (sound, other))
    assert np.abs(loud).max() > 5 * np.abs(flat).max()


def test_bypassed_and_idle_is_the_guitar() -> None:
    sound = planned("terrarium", bypass_idle=True)
    twin = SoundTwin(sound)
    twin.bypass(True)
    twin.process(guitar(48 * 40))
    later = guitar(48 * 5)
    assert np.array_equal(twin.process(later), np.clip(later, -1, 1))


@pytest.mark.parametrize("changes", [{}, {"bypass_idle": True}], ids=["whole", "idle"])
def test_a_reset_is_as_power_on(changes: dict[str, bool], tmp_path: Path) -> None:
    """Whatever was turned and switched before, also while it rests."""
    ir = long_cabinet(tmp_path)
    sound = planned("terrarium", ir=ir, positions={"gate": 0.4}, **changes)
    soft = np.float32(0.01) * guitar(48 * 100)  # between what thresholds let through
    new = heard_after(SoundTwin(sound), soft)
    for engine in (SoundTwin(sound), HostSound(sound)):
        played(sound, engine)
        engine.use_gate(False)
        engine.set("gate", 0.9)
        engine.set("level", 0.1)
        engine.bypass(True)
        engine.process(guitar(48 * 30))
        engine.reset()
        assert np.array_equal(heard_after(engine, soft), new)
        engine.use_gate(False)
        engine.reset()
        engine.set("gate", 1.0)  # it is used again
        assert np.abs(engine.process(soft)[-480:]).max() < 0.1 * np.abs(new).max()


def heard_after(engine: SoundTwin | HostSound, samples: np.ndarray) -> np.ndarray:
    """Play as it is, with the gate switched off and on, and with the gate's knob turned."""
    parts = [engine.process(samples)]
    engine.use_gate(False)
    engine.use_gate(True)  # where its knob stood
    parts.append(engine.process(samples))
    engine.set("gate", 1.0)
    return np.concatenate([*parts, engine.process(samples)])


def long_cabinet(folder: Path) -> Path:
    noise = np.random.default_rng(3).standard_normal(700)
    path = folder / "cabinet.wav"
    path.write_bytes(make_nam.wav(0.2 * noise * np.exp(-np.arange(700) / 300)))
    return path


def resting(folder: Path, block_frames: int) -> SoundPlan:
    """A sound with a long cabinet that rests while it is bypassed."""
    ir = long_cabinet(folder)
    return planned("terrarium", block_frames=block_frames, ir=ir, bypass_idle=True)


@pytest.mark.parametrize("block_frames", [8, 48])
def test_one_that_rests_with_a_cabinet_has_the_bits_of_its_twin(
    block_frames: int, tmp_path: Path
) -> None:
    """Also where it comes back before the cabinet has forgotten all."""
    sound, size, parts = resting(tmp_path, block_frames), block_frames, {}
    lengths = np.random.default_rng(4).spawn(1)[0].integers(1, 2000, 3)
    for kind in (SoundTwin, HostSound):
        engine, parts[kind] = kind(sound), []
        for frames in lengths:
            for bypassed in (True, False):
                engine.bypass(bypassed)
                parts[kind].append(engine.process(guitar(1200 // size * size)))
                parts[kind].append(engine.process(guitar(int(frames) // size * size)))
    found, expected = (np.concatenate(parts[kind]) for kind in (HostSound, SoundTwin))
    assert np.array_equal(found.view("u4"), expected.view("u4"))


@pytest.mark.parametrize("block_frames", [8, 48])
def test_after_a_rest_nothing_is_heard_of_what_was_before(
    block_frames: int, tmp_path: Path
) -> None:
    sound = resting(tmp_path, block_frames)
    heard = []
    for loudness in (0.0, 1.0):
        engine = HostSound(sound)
        engine.process(loudness * guitar(4800))
        engine.bypass(True)
        engine.process(loudness * guitar(1056))  # it fades, and rests
        engine.process(np.zeros(sound.ringing_frames // 48 * 48 + 48, np.float32))
        engine.bypass(False)
        heard.append(engine.process(guitar(4800)))
    assert np.array_equal(*heard)
    assert np.abs(heard[0]).max() > 0.05


def test_a_block_that_the_chain_cannot_work_in_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="multiple of 8 frames"):
        planned(block_frames=20)
