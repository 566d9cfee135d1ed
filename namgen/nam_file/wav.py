"""WAV files, and an impulse response as a Linear without bias: its samples are the taps."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from namgen.arithmetic import F32
from namgen.nam_file.limits import MAX_RESPONSE_FRAMES, MAX_SAMPLE_RATE_HZ
from namgen.nam_file.types import LinearConfig, NamModel

_INTEGERS, _FLOATS, _EXTENSIBLE = 1, 3, 0xFFFE
_UNFINISHED = 0xFFFFFFFF
_FORMATS = {(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)}


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """The samples of a WAV file."""

    samples: F32  # (channels, frames), integers at full scale 1
    rate_hz: int
    sha256: str  # of the file


@dataclass(frozen=True, slots=True)
class WaveKind:
    """What a WAV file has to be."""

    called: str  # with its article
    most_channels: int
    most_frames: int | None = None
    seconds: tuple[int, int] | None = None  # at least and at most

    @property
    def file(self) -> str:
        """What the file has to be, in a few words."""
        span = "" if self.seconds is None else f" of {_span(self.seconds)}"
        return f"{self.called} (WAV){span}"

    def check(self, channels: int) -> None:
        """Refuse a number of channels."""
        if not 1 <= channels <= self.most_channels:
            kind = self.called.split(" ", 1)[1]
            raise BadWaveError(
                f"expected {f'a mono {kind}' if self.most_channels == 1 else self.called}, found"
                f" {channels} channels; keep one of them, as in sox in.wav left.wav remix 1"
            )

    def check_length(self, frames: int, rate_hz: int) -> None:
        """Refuse what is too long, or too short."""
        if self.most_frames is not None and frames > self.most_frames:
            raise BadWaveError(
                f"expected {self.called} of at most {self.most_frames} samples, found a recording"
                f" of {frames}"
            )
        if self.seconds is not None:
            least, most = (limit * rate_hz for limit in self.seconds)
            if not least <= frames <= most:
                raise BadWaveError(
                    f"expected {self.called} of {_span(self.seconds)}, at {rate_hz} Hz {least} to"
                    f" {most} samples, found {frames}"
                )


def _span(seconds: tuple[int, int]) -> str:
    return f"{seconds[0]} to {seconds[1]} s"


class BadWaveError(Exception):
    """What is wrong with a WAV file, as `expected …, found …`."""


_RESPONSE_MODEL = WaveKind("an impulse response", 1, most_frames=MAX_RESPONSE_FRAMES)


def is_wav(data: bytes) -> bool:
    """Whether this is a WAV file, by its first bytes."""
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def response_model(data: bytes) -> NamModel:
    """Read a WAV file as a model; raises BadWaveError for what is no impulse response."""
    wave = read_wave(data, _RESPONSE_MODEL)
    (taps,) = wave.samples
    config = LinearConfig(1, 1, len(taps), bias=False)
    return NamModel("", "Linear", config, taps, float(wave.rate_hz))


def read_wave(data: bytes, kind: WaveKind) -> Wave:
    """Read a WAV file of a kind; raises BadWaveError for what is none."""
    chunks = dict(_chunks(data))
    tag, channels, rate_hz, bits = _format(chunks.get(b"fmt "), kind)
    size_bytes, body = chunks.get(b"data", (0, b""))
    if size_bytes == _UNFINISHED:
        raise BadWaveError(
            f"expected {kind.called}, found a WAV file whose header was never finished, as one"
            " written to a pipe; save it again"
        )
    if size_bytes > len(body):
        raise BadWaveError(
            f"expected {size_bytes} bytes of samples, as the WAV header says, found {len(body)};"
            " the file is cut off"
        )
    frame_bytes = channels * (bits // 8)
    frames = len(body) // frame_bytes
    if not frames:
        raise BadWaveError(f"expected {kind.called}, found a WAV file without samples")
    kind.check_length(frames, rate_hz)
    samples = _samples(body[: frames * frame_bytes], tag, bits)
    sha256 = hashlib.sha256(data).hexdigest()
    return Wave(np.ascontiguousarray(samples.reshape(frames, channels).T), rate_hz, sha256)


def _chunks(data: bytes) -> Iterator[tuple[bytes, tuple[int, bytes]]]:
    """Every chunk's name, the size it says it has, and what is there of it."""
    start = 12
    while start + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, start)
        yield name, (size, data[start + 8 : start + 8 + size])
        start += 8 + size + size % 2


def _format(chunk: tuple[int, bytes] | None, kind: WaveKind) -> tuple[int, int, int, int]:
    """Check the format; return integers or floats, channels, the rate in Hz, bits per sample."""
    if chunk is None or len(chunk[1]) < 16:
        raise BadWaveError("expected a WAV file, found one without its format (fmt)")
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", chunk[1])
    if tag == _EXTENSIBLE and len(chunk[1]) >= 26:
        (tag,) = struct.unpack_from("<H", chunk[1], 24)
    if (tag, bits) not in _FORMATS:
        raise BadWaveError(
            "expected a WAV file of 8, 16, 24 or 32-bit integers or 32 or 64-bit floats, found"
            f" format {tag} with {bits} bits"
        )
    kind.check(channels)
    if not 1 <= rate_hz <= MAX_SAMPLE_RATE_HZ:
        raise BadWaveError(
            f"expected a sample rate from 1 to {MAX_SAMPLE_RATE_HZ} Hz, found {rate_hz}"
        )
    return tag, channels, rate_hz, bits


def _samples(body: bytes, tag: int, bits: int) -> F32:
    """The samples as float32, integers at full scale 1."""
    if tag == _FLOATS:
        with np.errstate(over="ignore"):
            floats: F32 = np.frombuffer(body, f"<f{bits // 8}").astype(np.float32)
        if not np.isfinite(floats).all():
            bad = int(np.argmin(np.isfinite(floats)))
            raise BadWaveError(f"sample {bad}: expected a finite number, found {floats[bad]}")
        return floats
    if bits == 8:
        return ((np.frombuffer(body, np.uint8).astype(np.float32) - 128) / 128).astype(np.float32)
    if bits == 24:
        wide = np.zeros((len(body) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        body, bits = wide.tobytes(), 32
    whole = np.frombuffer(body, f"<i{bits // 8}").astype(np.float64)
    return (whole / 2.0 ** (bits - 1)).astype(np.float32)
