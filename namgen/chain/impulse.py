"""From a WAV file of any rate, length and number of channels to a response that a pedal plays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.decimals import gain
from namgen.chain.impulse_length import ALLOWED_DB, LOWEST_HZ, Shortened, shorten
from namgen.chain.minimum_phase import minimum_phase
from namgen.chain.plan import Response
from namgen.chain.turns import F64
from namgen.nam_file.audio import read_audio
from namgen.nam_file.json_text import printable
from namgen.nam_file.limits import MAX_AUDIO_CHANNELS, MAX_RESPONSE_FRAMES
from namgen.nam_file.wav import WaveKind
from namgen.passes.resample import check_length, resample_samples

LEVEL_DB = -18
"""The NAM plug-in plays responses so much lower, at 48 kHz."""

LEVEL_RATE_HZ = 48_000
ONSET = 0.01
"""Of the peak: what is quieter before it is silence."""

KEPT_BEFORE_ONSET = 4

_RESPONSE = WaveKind("an impulse response", MAX_AUDIO_CHANNELS, most_frames=MAX_RESPONSE_FRAMES)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """An impulse response as a file has it."""

    name: str
    samples: F32  # (channels, frames)
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done to a response, for people."""

    what: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Impulse:
    """A response ready to be played, and what became of the file on the way."""

    response: Response
    steps: tuple[Done, ...]
    deviation_db: float  # from the whole response, above LOWEST_HZ


def read_impulse(path: Path) -> Recording:
    """Read a WAV file.

    Raises:
        FileError: it is none, or no impulse response.

    """
    wave = read_audio(path, _RESPONSE)
    return Recording(printable(path.name), wave.samples, wave.rate_hz)


def prepare(
    recording: Recording,
    *,
    rate_hz: int,
    length: int | None = None,
    with_minimum_phase: bool = False,
) -> Impulse:
    """Make a response for a rate: of one channel, without silence before it, short and level.

    Args:
        recording: what a file has.
        rate_hz: at which it is played.
        length: taps; None for the fewest that keep within 0.5 dB of the whole above 80 Hz.
        with_minimum_phase: whether only the magnitude of the response is kept.

    Raises:
        UnsupportedError: at this rate it would have millions of taps.

    """
    steps: list[Done] = []
    whole = _at_rate(_one_channel(recording, steps), recording.rate_hz, rate_hz, steps)
    taps = _without_silence(whole, rate_hz, steps)
    if with_minimum_phase:
        taps = minimum_phase(taps)
        steps.append(Done("phase", "minimum phase, the magnitude kept"))
    short = shorten(taps, whole=whole, rate_hz=rate_hz, length=length)
    steps.append(Done("length", _told(short, len(taps))))
    level = float(gain(LEVEL_DB)) * (LEVEL_RATE_HZ / rate_hz)
    steps.append(Done("level", f"{LEVEL_DB} dB at {LEVEL_RATE_HZ} Hz, as the NAM plug-in has it"))
    response = Response(recording.name, short.taps * level)
    return Impulse(response, tuple(steps), short.deviation_db)


def _one_channel(recording: Recording, steps: list[Done]) -> F32:
    channels = len(recording.samples)
    if channels > 1:
        steps.append(Done("channels", f"the first of {channels} channels is used"))
    first: F32 = recording.samples[0]
    return first


def _at_rate(taps: F32, from_hz: int, to_hz: int, steps: list[Done]) -> F64:
    """Resample by a cubic, as the plug-in does: the values stay, where NAM Core scales them."""
    if from_hz == to_hz:
        return taps.astype(np.float64)
    check_length(len(taps), from_hz=from_hz, to_hz=to_hz)
    made = resample_samples(taps, from_hz=from_hz, to_hz=to_hz)
    told = f"resampled from {from_hz} to {to_hz} Hz: {len(taps)} samples became {len(made)}"
    steps.append(Done("rate", told))
    return made.astype(np.float64)


def _without_silence(taps: F64, rate_hz: int, steps: list[Done]) -> F64:
    size = np.abs(taps)
    onset = int(np.argmax(size > ONSET * size.max()))
    cut = max(0, onset - KEPT_BEFORE_ONSET)
    if cut:
        told = f"{cut} samples ({1000 * cut / rate_hz:.1f} ms) of silence before it were cut"
        steps.append(Done("silence", told))
    return taps[cut:]


def _told(short: Shortened, there: int) -> str:
    if not short.faded:
        return f"all {len(short.taps)} taps"
    worst = f"{short.deviation_db:.2f} dB of the whole response above {LOWEST_HZ} Hz"
    kept = f"{len(short.taps)} of {there} taps, the last {short.faded} faded: within {worst}"
    return kept if short.deviation_db <= ALLOWED_DB else f"{kept}, more than {ALLOWED_DB} dB"
