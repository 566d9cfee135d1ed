"""A recording of somebody's own playing, which integers are made for: `--calibrate my.wav`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from namgen.arithmetic import F32
from namgen.nam_file.audio import read_audio
from namgen.nam_file.json_text import printable
from namgen.nam_file.limits import (
    MAX_AUDIO_CHANNELS,
    MAX_RECORDING_BYTES,
    MAX_RECORDING_SECONDS,
)
from namgen.nam_file.wav import WaveKind
from namgen.passes.resample import resample_samples

ENDING = ".wav"
"""By which a recording is told from `true` and `false`, and from what follows an option."""

_GUITAR = WaveKind("a guitar recording", MAX_AUDIO_CHANNELS, seconds=(1, MAX_RECORDING_SECONDS))

_DOOR = np.float32(2.0)
"""What a network in integers takes at most."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What somebody played."""

    path: Path
    sha256: str  # of the file
    rate_hz: int
    samples: F32 = field(compare=False, repr=False)  # (frames,) of the first channel

    @property
    def name(self) -> str:
        """Of the file, on one line."""
        return printable(self.path.name)

    def __str__(self) -> str:
        peak_db = 20 * math.log10(float(np.abs(self.samples).max()))
        return f"{self.name}, whose peak is {peak_db:.1f} dBFS"

    def at(self, rate_hz: int) -> F32:
        """Return it as a network of a rate hears it, (frames,)."""
        made = self.samples
        if rate_hz != self.rate_hz:
            made = resample_samples(made, from_hz=self.rate_hz, to_hz=rate_hz)
        return np.clip(made, -_DOOR, _DOOR)


def is_recording(word: str) -> bool:
    """Whether a word names a recording, by its ending."""
    return word.lower().endswith(ENDING)


def a_recording(found: str) -> str:
    """Say what a word that names no recording has to be, behind "expected"."""
    return f"a recording's name, as my{ENDING}: WAV is what is read; found {found!r}"


def read_recording(path: Path) -> Recording:
    """Read a WAV file: one channel or the first of several, of any rate, 1 to 30 seconds.

    Raises:
        FileError: it is none, or nothing that can be listened to.

    """
    wave = read_audio(path, _GUITAR, most_bytes=MAX_RECORDING_BYTES)
    return Recording(path, wave.sha256, wave.rate_hz, wave.samples[0].copy())
