"""Restless hands in real time: nothing is late, nothing clicks, and all is right afterwards.

The captures are filters without a curve, so that a sine stays one: from one frame to the next it
goes no further than its frequency lets it, and what the hands may add is `MOST_ADDED`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import make_nam
import numpy as np
import numpy.typing as npt
import pytest
import soundfile

import namgen
from namgen.controls.curves import END_CODES, HIGHEST_CODE
from namgen.pedal_boards import load_pedal_board

pytest.importorskip("unicorn")
from host_sim.pedal import Pedal
from host_sim.pedal_hands import Performance, least_frames, perform
from host_sim.pedal_walk import BOUNCE_S, Step
from host_sim.stm32h750.audio_clock import RealTime, steady

TONE_HZ = 110.0
RATE_HZ = 48_000
PERIOD = round(RATE_HZ / TONE_HZ)
LOUD = 1 << 18  # of 2^23: -30 dB
FULL = (1 << 23) - 1
MOST_ADDED = 0.03
"""Of the sound's own size. A knob adds up to 0.01, changeover, bypass and gate as much; behind them
the tone knobs may turn the sine down and what is added up."""
LOOKAHEAD_FRAMES = 2
"""What the transmitter reads ahead: a block's time is shorter by them."""
NEAR = 0.85
LEAST_LOAD = 0.6
"""Of a block's whole time; in 16 frames `NEAR` is 0.74 of it."""
FADED_IN = 4800


def captures(folder: Path) -> list[Path]:
    """Two that share an engine, and one of another shape; their sound is about as large."""
    made = []
    for number, weights in enumerate(([0.6, 0.2, 0.1], [-0.5, -0.3, 0.05], [0.2] * 4)):
        document = make_nam.linear(len(weights), bias=False, sample_rate=RATE_HZ)
        document = make_nam.put(document, "weights", weights)
        made.append(make_nam.write(folder, document, f"{number}.nam"))
    return made


def cabinet(folder: Path) -> str:
    """A response that falls off within 2 ms."""
    path = folder / "cab.wav"
    soundfile.write(path, 4 * np.exp(-np.arange(300) / 20) / 20, RATE_HZ, subtype="FLOAT")
    return str(path)


def tone(frames: int) -> npt.NDArray[np.int32]:
    sine = np.sin(2 * np.pi * TONE_HZ / RATE_HZ * np.arange(frames))
    return np.rint(LOUD * sine).astype(np.int32)


def sizes(sound: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How large the sound is around every frame: its peak within a period to both sides."""
    padded = np.pad(np.abs(sound), PERIOD, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * PERIOD + 1)
    return np.asarray(windows.max(axis=1))


def largest_step(played: npt.NDArray[np.int32]) -> float:
    """The largest way from a frame to the next, in parts of the sound's size there."""
    sound = played.astype(np.float64)
    around = sizes(sound)
    whole = (around < FULL) & (around > 64)  # what is cut off has corners; a code is no step
    steps = np.abs(np.diff(sound, prepend=sound[:1]))
    return float(np.max(np.where(whole, steps - 2, 0) / around.clip(64)))


def built(board: str, block: int, folder: Path) -> namgen.BuildReport:
    return namgen.build(
        *captures(folder),
        board=board,
        block=block,
        ir=cabinet(folder),
        idle="sleep",  # whose time the emulator need not go through
        out_dir=folder / "out",
    )


def started(board: str, folder: Path, real_time: RealTime | None) -> Pedal:
    elf = folder / "out" / "firmware.elf"
    pedal = Pedal(elf, panel=load_pedal_board(board), real_time=real_time)
    pedal.boot()
    return pedal


def near_the_deadline(board: str, report: namgen.BuildReport, folder: Path) -> RealTime:
    """The pace at which the worst block of a walk takes `NEAR` of the time that there is."""
    pedal = started(board, folder, None)
    perform(pedal, report.sound, report.controls, tone(least_frames(pedal, report.controls)))
    block = pedal.block_frames
    there_is = pedal.cpu_hz / RATE_HZ * (block - LOOKAHEAD_FRAMES)
    pace = NEAR * there_is / max(pedal.block_instructions)
    return RealTime(lookahead_frames=LOOKAHEAD_FRAMES, pace=steady(pace))


def check(pedal: Pedal, found: Performance) -> None:
    """Nothing was late although little time was left; bits, steps and lights are right."""
    assert np.array_equal(found.played, np.stack([found.expected] * 2))
    heard = pedal.audio_report
    assert (heard.torn_blocks, heard.missed_blocks, heard.lost_input_frames) == (0, 0, 0)
    assert pedal.core.memory.read_word(pedal.core.image.address("late_blocks")) == 0
    assert max(pedal.block_loads) > LEAST_LOAD
    assert found.shown is not None
    assert found.wrong == ()
    assert found.lit == found.shown.lit
    assert pedal.panel.violations == []
    assert not pedal.update_mode_requested
    assert largest_step(found.played[0, FADED_IN:]) < 2 * np.pi * TONE_HZ / RATE_HZ + MOST_ADDED


@pytest.mark.parametrize(
    ("board", "block", "seconds"),
    [
        pytest.param("terrarium", 48, 0.5, marks=pytest.mark.slow),
        ("125b", 16, 0.38),
        pytest.param("hothouse", 48, 60.0, marks=pytest.mark.slow),
        pytest.param("125b", 16, 60.0, marks=pytest.mark.slow),
    ],
)
def test_restless_hands(board: str, block: int, seconds: float, tmp_path: Path) -> None:
    report = built(board, block, tmp_path)
    pedal = started(board, tmp_path, near_the_deadline(board, report, tmp_path))
    sound = tone(round(seconds * RATE_HZ / block) * block)
    check(pedal, perform(pedal, report.sound, report.controls, sound, still_frames=FADED_IN))


def test_what_is_hardest_for_hands(tmp_path: Path) -> None:
    """A change of captures on a ramp, two footswitches at once, and noise at a threshold."""
    report = built("terrarium", 48, tmp_path)
    pedal = started("terrarium", tmp_path, near_the_deadline("terrarium", report, tmp_path))
    threshold = END_CODES / HIGHEST_CODE  # where a knob begins to turn
    steps = [
        Step((partial(pedal.turn, "6", 0.9), partial(pedal.turn, "2", 0.1)), 0.004),
        Step((partial(pedal.press, "right", bounce_s=BOUNCE_S),), 0.006),
        Step((partial(pedal.turn, "6", 0.4), partial(pedal.release, "right")), 0.06),
        Step((partial(pedal.press, "left"), partial(pedal.press, "right")), 0.05),
        Step((partial(pedal.release, "left"), partial(pedal.release, "right")), 0.06),
        Step((partial(pedal.press, "left", bounce_s=BOUNCE_S),), 0.006),
        Step((partial(pedal.release, "left", bounce_s=BOUNCE_S),), 0.03),
        Step((partial(pedal.panel.set_noise, 0.003), partial(pedal.turn, "4", threshold)), 0.05),
        Step((partial(pedal.turn, "5", threshold),), 0.05),
    ]
    frames = sum(step.frames(48, report.controls) for step in steps)
    sound = tone(FADED_IN + frames + 960)
    found = perform(pedal, report.sound, report.controls, sound, still_frames=FADED_IN, steps=steps)
    check(pedal, found)
    assert found.shown.capture == 2  # one press alone, and one of the two at once
    assert {("sound_bypass", True), ("sound_bypass", False)} < found.told
