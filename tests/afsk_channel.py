"""Bad ways from a pedal's output to a file: what a cable, an amplifier and a sound card may do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from namgen.afsk.framing import pass_bits
from namgen.afsk.tones import SAMPLE_RATE_HZ, codes_of

F64 = npt.NDArray[np.float64]
FULL_SCALE = 1 << 23


def played(message: bytes, passes: int = 1) -> F64:
    """What the pedal plays, as parts of full scale."""
    return codes_of(np.tile(pass_bits(message), passes)) / FULL_SCALE


@dataclass(frozen=True)
class Recorded:
    samples: F64  # (frames, 1)
    rate_hz: int
    gain_db: float
    hum_db: float  # against the signal

    @property
    def is_hopeless(self) -> bool:
        """Loud, and with more hum than signal: the recorder clips on the hum."""
        return self.gain_db > -6 and self.hum_db >= 0


def recorded(sound: F64, rng: np.random.Generator, *, late: bool = False) -> Recorded:
    """As flash.md's channel: clipped, filtered, resampled by another clock, hum, noise, DC."""
    ends = (int(rng.uniform(0.05, 2.0) * SAMPLE_RATE_HZ), int(rng.uniform(0.02, 1.0) * 48_000))
    sound = np.pad(sound, ends)
    sound = _overdriven(sound, rng) if rng.random() < 0.5 else sound
    sound = _filtered(sound, rng) if rng.random() < 0.5 else sound
    gain_db = rng.uniform(-40, 0)
    sound = sound * 10 ** (gain_db / 20) * rng.choice([-1, 1])
    rate_hz = int(rng.choice([44_100, 48_000, 96_000]))
    sound = soxr.resample(sound, SAMPLE_RATE_HZ, rate_hz * (1 + rng.uniform(-300, 300) * 1e-6))
    hum_db = rng.uniform(-30, 6)
    sound = _noisy(sound, rate_hz, hum_db, rng)
    if rng.random() < 0.3:
        sound = np.clip(sound * rng.uniform(1, 2), -0.7, 0.7)
    sound = np.clip(np.rint(sound * 32767), -32768, 32767) / 32768
    if late:
        sound = sound[int(rng.uniform(0, 0.45) * len(sound)) :]
    return Recorded(sound[:, np.newaxis], rate_hz, gain_db, hum_db)


def _overdriven(sound: F64, rng: np.random.Generator) -> F64:
    high = rng.uniform(0.5, 1.0)
    low = high if rng.random() < 0.5 else rng.uniform(0.3, 1.0)
    return np.clip(sound * 10 ** (rng.uniform(0, 24) / 20), -low, high)


def _filtered(sound: F64, rng: np.random.Generator) -> F64:
    corner = np.exp(rng.uniform(np.log(1500), np.log(15_000)))
    count = 1 << (len(sound) - 1).bit_length()
    frequency = np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ)
    shape = 1 / (1 + 1j * frequency / corner) * (1j * frequency / 15) / (1 + 1j * frequency / 15)
    return np.fft.irfft(np.fft.rfft(sound, count) * shape, count)[: len(sound)]


def _noisy(sound: F64, rate_hz: int, hum_db: float, rng: np.random.Generator) -> F64:
    power = np.mean(sound[sound != 0] ** 2)
    noise = np.sqrt(power * 10 ** (-rng.uniform(10, 40) / 10))
    out = sound + noise * rng.standard_normal(len(sound)) + rng.uniform(-0.05, 0.05)
    time, mains = np.arange(len(sound)) / rate_hz, rng.choice([50, 60])
    hum = np.sqrt(power) * 10 ** (hum_db / 20)
    for harmonic, part in ((1, 1), (2, 0.3), (3, 0.4), (5, 0.2), (7, 0.1)):
        phase = rng.uniform(0, 2 * np.pi)
        out = out + hum * part * np.sin(2 * np.pi * mains * harmonic * time + phase)
    return np.asarray(out)
