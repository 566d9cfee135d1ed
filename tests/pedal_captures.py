"""Pedals of several captures for tests: of two shapes, with cabinets and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import make_nam
import numpy as np

from host_sim.sound_engines import HostSound
from namgen.arithmetic import F32
from namgen.nam_file import read
from namgen.order import make_order
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal.twin import SoundTwin
from namgen.pedal.wanted import Cabinets, Capture, PedalWanted
from namgen.pedal_boards import load_pedal_board
from namgen.targets import load_target

SIZES = (8, 16, 48)
TAPS = {8: 700, 16: 400, 48: 300}
"""Of cabinets, by the size of a block: in two levels and in parts."""


def network(seed: int, loudness_db: float) -> make_nam.Json:
    """A capture of one shape, small enough for NumPy in short blocks; its start is not zero."""
    array = make_nam.a1_array(3, dilations=[1, 2, 60], head_bias=True)
    document = make_nam.a1(array)
    document["weights"] = make_nam.weights(len(document["weights"]), seed=seed)
    return {**document, "metadata": {"loudness": loudness_db, "input_level_dbu": 3.0 + seed}}


def cabinet(folder: Path, seed: int) -> Path:
    noise = np.random.default_rng(seed).standard_normal(900)
    path = folder / f"cabinet{seed}.wav"
    path.write_bytes(make_nam.wav(0.2 * noise * np.exp(-np.arange(900) / 90)))
    return path


def files(folder: Path) -> list[Path]:
    """Three captures: two of one shape, and an LSTM."""
    lstm = make_nam.lstm(3, 1, metadata={"loudness": -19.0})
    documents = {"clean": network(1, -20.0), "dark": lstm, "lead": network(2, -16.5)}
    return [make_nam.write(folder, made, f"{name}.nam") for name, made in documents.items()]


def wanted(folder: Path, block_frames: int, *, cabinets: bool, **changes: Any) -> PedalWanted:
    """Four captures: these three, and the first one again, louder."""
    clean, lstm, lead = files(folder)
    irs = [cabinet(folder, 1), None, cabinet(folder, 2), None] if cabinets else [None] * 4
    captures = (
        Capture(clean, "clean", ir=irs[0]),
        Capture(lstm, "dark", trim_db=-3.0, ir=irs[1]),
        Capture(lead, "lead", ir=irs[2]),
        Capture(clean, "loud", trim_db=4.0, ir=irs[3]),
    )
    board = load_pedal_board(changes.pop("board", "terrarium"))
    return PedalWanted(captures, board, cabinets=Cabinets(TAPS[block_frames]), **changes)


def planned(folder: Path, block_frames: int = 48, **changes: Any) -> SoundPlan:
    pedal = wanted(folder, block_frames, cabinets=changes.pop("cabinets", False), **changes)
    order = make_order(load_target("daisy"), clock=None, block_frames=block_frames)
    return plan_sound(pedal, order, {c.path: read(c.path) for c in pedal.captures})


def guitar(frames: int, seed: int = 8) -> F32:
    random = np.random.default_rng(seed)
    return (0.3 * random.standard_normal(frames)).astype(np.float32)


def played(sound: SoundPlan, engine: SoundTwin | HostSound, seed: int = 5) -> F32:
    """Play, and before every few blocks choose, switch and turn at random."""
    random, size = np.random.default_rng(seed), sound.chain.block_frames
    names = [parameter.name for parameter in sound.chain.parameters]
    parts = []
    for _ in range(16):
        engine.set(str(random.choice(names)), float(random.uniform()))
        if random.random() < 0.6:
            engine.choose(int(random.integers(len(sound.captures) + 1)))
        if sound.chain.switches_cabinet and random.random() < 0.5:
            engine.use_cabinet(bool(random.integers(2)))
        if random.random() < 0.4:
            engine.bypass(bool(random.integers(2)))
        parts.append(engine.process(guitar(size * int(random.integers(1, 1200 // size)))))
    return np.concatenate(parts)
