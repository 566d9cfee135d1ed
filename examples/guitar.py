"""Guitar-like test material from plucked-string synthesis; run it to write `guitar.wav`.

python examples/guitar.py
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

F64: TypeAlias = npt.NDArray[np.float64]

SAMPLE_RATE_HZ = 48000
LOW_E_HZ = 82.41
NOISE_DB = -80.0
PEAK = 0.9
RIFF_SEED = 1954


@dataclass(frozen=True, slots=True)
class Event:
    """One stroke: semitones above low E, sounded almost together, and held for `seconds`."""

    notes: tuple[int, ...]
    seconds: float
    level_db: float
    muted: bool = False


RIFF = (
    Event((0, 7, 12), 0.55, -4.0),
    Event((0,), 0.13, -10.0, muted=True),
    Event((0,), 0.13, -10.0, muted=True),
    Event((3, 10, 15), 0.40, -5.0),
    Event((24,), 0.20, -9.0),
    Event((27,), 0.20, -9.0),
    Event((29,), 0.45, -6.0),
    Event((5, 12, 17, 21), 0.90, -18.0),
    Event((12, 16, 19, 24), 0.90, -28.0),
    Event((0, 7, 12, 16, 19, 24), 1.10, -1.0),
)
"""About five seconds: loud and soft chords, dead notes, a short line."""


def lowpass(x: F64, smoothing: float) -> F64:
    """One pole on a short array: `y = (1 - smoothing) * x + smoothing * y_before`."""
    y, out = 0.0, []
    for value in x.tolist():
        y = (1 - smoothing) * value + smoothing * y
        out.append(y)
    return np.array(out)


def pluck(rng: np.random.Generator, *, hz: float, frames: int, muted: bool) -> F64:
    """A Karplus-Strong string: a filtered noise burst round a delay line with an averaging loss.

    The loop is one period behind itself, so a whole period is computed at a time.
    """
    period = max(round(SAMPLE_RATE_HZ / hz - 0.5), 2)
    burst = lowpass(rng.uniform(-1.0, 1.0, period), rng.uniform(0.2, 0.75))
    position = max(int(period * rng.uniform(0.1, 0.3)), 1)
    burst -= 0.8 * np.roll(burst, position)  # the comb of the picking position
    loss = 0.9 if muted else rng.uniform(0.991, 0.9985)
    rounds, before, last = [burst], burst, 0.0
    for _ in range(frames // period):
        delayed = np.concatenate(([last], before[:-1]))
        last, before = float(before[-1]), 0.5 * loss * (before + delayed)
        rounds.append(before)
    return np.concatenate(rounds)[:frames]


def play(events: tuple[Event, ...], rng: np.random.Generator) -> F64:
    """The events in turn, strings left ringing under the next; (frames,), |x| <= `PEAK`."""
    total = sum(event.seconds for event in events)
    x = np.zeros(int(total * SAMPLE_RATE_HZ))
    start_s = 0.0
    for event in events:
        for k, note in enumerate(event.notes):
            at = int((start_s + k * rng.uniform(0.004, 0.015)) * SAMPLE_RATE_HZ)
            frames = min(int((event.seconds + 0.25) * SAMPLE_RATE_HZ), x.size - at)
            detune = 1 + rng.normal(0.0, 0.001)
            hz = LOW_E_HZ * 2 ** (note / 12) * detune
            string = pluck(rng, hz=hz, frames=max(frames, 0), muted=event.muted)
            fade = np.minimum(1.0, np.arange(string.size, 0, -1) / 2400)
            x[at : at + string.size] += 0.5 * 10 ** (event.level_db / 20) * string * fade
        start_s += event.seconds
    return finish(x, rng)


def finish(x: F64, rng: np.random.Generator) -> F64:
    """A pickup's band (70 Hz to 7 kHz), a little noise, and a soft ceiling at `PEAK`."""
    f = np.fft.rfftfreq(2 * x.size, 1 / SAMPLE_RATE_HZ)
    band = (1j * f / (1j * f + 70.0)) / (1 + 1j * f / 7000.0)
    y = np.fft.irfft(np.fft.rfft(x, 2 * x.size) * band)[: x.size]
    y += 10 ** (NOISE_DB / 20) * rng.standard_normal(x.size)
    return PEAK * np.tanh(y / PEAK)


def improvise(seconds: float, seed: int) -> F64:
    """Random playing of about `seconds`: notes, chords, dead notes, from -30 dB to full level."""
    rng = np.random.default_rng(seed)
    events: list[Event] = []
    while sum(event.seconds for event in events) < seconds:
        kind = rng.choice(
            ["note", "chord", "dead", "fast", "rest"], p=[0.32, 0.33, 0.15, 0.15, 0.05]
        )
        level_db = rng.uniform(-30.0, 0.0)
        root = int(rng.integers(0, 20 if kind == "chord" else 40))
        chord = (root, root + 7, root + 12, root + int(rng.choice([15, 16])), root + 19)
        held = {"note": (0.2, 1.2), "chord": (0.3, 1.5), "rest": (0.1, 0.3)}.get(kind, (0.1, 0.2))
        notes = chord[: int(rng.integers(2, 6))] if kind == "chord" else (root,)
        notes = () if kind == "rest" else notes
        events.append(Event(notes, rng.uniform(*held), level_db, muted=kind == "dead"))
    return play(tuple(events), rng)[: int(seconds * SAMPLE_RATE_HZ)]


def main() -> None:
    import soundfile

    path = Path(__file__).with_name("guitar.wav")
    x = play(RIFF, np.random.default_rng(RIFF_SEED))
    soundfile.write(path, x, SAMPLE_RATE_HZ, subtype="PCM_24")
    print(f"{path.name}: {x.size / SAMPLE_RATE_HZ:.2f} s, peak {np.abs(x).max():.3f}")


if __name__ == "__main__":
    main()
