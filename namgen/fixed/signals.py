"""What namgen plays to a capture to measure it: guitars of its own, the same on every machine.

Plucked strings by the method of Karplus and Strong, from sums and products one by one. Each seed
plays something else; what was played for a choice is never what the choice is judged by.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import numpy as np

from namgen.arithmetic import F32
from namgen.fixed.real import F64

SAMPLE_RATE_HZ = 48000
CALIBRATION_SEEDS = (11, 12, 13)
HELD_OUT_SEED = 2027

_LONGEST_PERIOD = 582
"""Frames of the low E."""

_LEVELS = (1.0, 0.8, 0.63, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03)
_KINDS = ("note", "chord", "dead", "fast", "chord", "note", "note", "rest")
_INTERVALS = ((0, 7), (0, 7, 12), (0, 4, 7, 12), (0, 3, 7, 12), (0, 7, 12, 16, 19, 24), (0, 5))
_FADE_FRAMES = 2400


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody plays: how many things at a time, and how bright and loud."""

    pace: int
    softening: tuple[float, float]  # of the plectrum, from the brightest on
    peak: float


MODERATE = Style(pace=1, softening=(0.2, 0.75), peak=0.9)
EXTREME = Style(pace=6, softening=(0.05, 0.6), peak=1.0)
"""Everything that can be asked of a capture, in a short time."""


@dataclass(frozen=True, slots=True)
class _Event:
    """Strings sounded almost together: semitones above low E, frames until the next event."""

    notes: tuple[int, ...]
    frames: int
    level: float
    muted: bool


@cache
def guitar(seed: int, frames: int, style: Style = MODERATE) -> F32:
    """Play at random for so many frames: notes, chords, dead notes, rests, soft and loud."""
    source = random.Random(seed)
    played = np.zeros(frames)
    at = 0
    while at < frames:
        event = _event(source, style)
        for k, note in enumerate(event.notes):
            begin = at + k * source.randrange(200, 700)
            length = min(event.frames + 12000, frames - begin)
            if length > 0:
                string = _string(source, style, note, length, muted=event.muted)
                played[begin : begin + length] += event.level * string
        at += event.frames
    made = _picked_up(played, style.peak)
    made.flags.writeable = False
    return made


@cache
def calibration() -> F32:
    """Return what steps and choices are made from: loud, soft and very soft playing, decays."""
    fast = [guitar(seed, 72000, EXTREME) for seed in CALIBRATION_SEEDS]
    soft = np.float32(0.1) * guitar(CALIBRATION_SEEDS[0] + 100, 24000)
    very_soft = np.float32(0.01) * guitar(CALIBRATION_SEEDS[1] + 100, 12000)
    made = np.concatenate([*fast, soft, very_soft])
    made.flags.writeable = False
    return made


def loudest(signal: F32, frames: int) -> F32:
    """Return the part of a signal that begins a little before its loudest sample."""
    begin = int(np.abs(signal).argmax()) - frames // 4
    begin = max(min(begin, signal.size - frames), 0)
    return signal[begin : begin + frames]


def held_out(frames: int) -> F32:
    """Return playing that nothing was chosen by."""
    return guitar(HELD_OUT_SEED, frames)


def _event(source: random.Random, style: Style) -> _Event:
    kind = source.choice(_KINDS)
    level, root = source.choice(_LEVELS), source.randrange(0, 20 if kind == "chord" else 36)
    shape = source.choice(_INTERVALS) if kind == "chord" else (0,)
    notes = () if kind == "rest" else tuple(root + step for step in shape)
    held = {"note": (9000, 55000), "chord": (14000, 70000), "rest": (4000, 14000)}
    low, high = held.get(kind, (4500, 9000))
    return _Event(notes, source.randrange(low, high) // style.pace, level, muted=kind == "dead")


def _string(source: random.Random, style: Style, note: int, frames: int, *, muted: bool) -> F64:
    """One string; a whole period is computed at a time, for the loop is one period behind."""
    period = max(round(_LONGEST_PERIOD * 2.0 ** (-note / 12)), 2)
    before, loss = _burst(source, style, period), source.uniform(0.991, 0.9985)
    loss, last, rounds = 0.9 if muted else loss, 0.0, []
    for _ in range(frames // period + 1):
        rounds.append(before)
        delayed = np.concatenate(([last], before[:-1]))
        last, before = float(before[-1]), 0.5 * loss * (before + delayed)
    string = np.concatenate(rounds)[:frames]
    return string * np.minimum(1.0, np.arange(frames, 0, -1) / _FADE_FRAMES)


def _burst(source: random.Random, style: Style, period: int) -> F64:
    """Noise through a plectrum, without what a string plucked there does not have."""
    noise = [source.uniform(-1.0, 1.0) for _ in range(period)]
    soft = _low_pass(noise, source.uniform(*style.softening))
    return soft - 0.8 * np.roll(soft, max(int(period * source.uniform(0.1, 0.3)), 1))


def _low_pass(values: list[float], smoothing: float) -> F64:
    y, out = 0.0, []
    for value in values:
        y = (1.0 - smoothing) * value + smoothing * y
        out.append(y)
    return np.array(out)


def _picked_up(played: F64, loudest: float) -> F32:
    """Without what a pickup does not hear: about 70 Hz to 7 kHz."""
    high = _low_pass(played.tolist(), 0.4)
    band = high - _low_pass(high.tolist(), 0.991)
    peak = float(np.abs(band).max()) or 1.0
    return (band * (loudest / peak)).astype(np.float32)
