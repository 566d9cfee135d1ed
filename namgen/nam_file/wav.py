"""WAV files, and an impulse response as a Linear without bias: its samples are the taps."""

from __future__ import annotations

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


class BadResponseError(Exception):
    """What is wrong with a WAV file, as `expected …, found …`."""


def is_wav(data: bytes) -> bool:
    """Whether this is a WAV file, by its first bytes."""
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def response_model(data: bytes) -> NamModel:
    """Read a WAV file as a model; raises BadResponseError for what is no impulse response."""
    wave = read_wave(data, most_channels=1)
    (taps,) = wave.samples
    config = LinearConfig(1, 1, len(taps), bias=False)
    return NamModel("", "Linear", config, taps, float(wave.rate_hz))


def read_wave(data: bytes, *, most_channels: int) -> Wave:
    """Read a WAV file as an impulse response; raises BadResponseError for what is none."""
    chunks = dict(_chunks(data))
    tag, channels, rate_hz, bits = _format(chunks.get(b"fmt "), most_channels)
    size_bytes, body = chunks.get(b"data", (0, b""))
    if size_bytes == _UNFINISHED:
        raise BadResponseError(
            "expected an impulse response, found a WAV file whose header was never finished, as one"
            " written to a pipe; save it again"
        )
    if size_bytes > len(body):
        raise BadResponseError(
            f"expected {size_bytes} bytes of samples, as the WAV header says, found {len(body)};"
            " the file is cut off"
        )
    frame_bytes = channels * (bits // 8)
    frames = len(body) // frame_bytes
    if not frames:
        raise BadResponseError("expected an impulse response, found a WAV file without samples")
    if frames > MAX_RESPONSE_FRAMES:
        raise BadResponseError(
            f"expected an impulse response of at most {MAX_RESPONSE_FRAMES} samples, found a"
            f" recording of {frames}"
        )
    samples = _samples(body[: frames * frame_bytes], tag, bits)
    return Wave(np.ascontiguousarray(samples.reshape(frames, channels).T), rate_hz)


def _chunks(data: bytes) -> Iterator[tuple[bytes, tuple[int, bytes]]]:
    """Every chunk's name, the size it says it has, and what is there of it."""
    start = 12
    while start + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, start)
        yield name, (size, data[start + 8 : start + 8 + size])
        start += 8 + size + size % 2


def _format(chunk: tuple[int, bytes] | None, most_channels: int) -> tuple[int, int, int, int]:
    """Check the format; return integers or floats, channels, the rate in Hz, bits per sample."""
    if chunk is None or len(chunk[1]) < 16:
        raise BadResponseError("expected a WAV file, found one without its format (fmt)")
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", chunk[1])
    if tag == _EXTENSIBLE and len(chunk[1]) >= 26:
        (tag,) = struct.unpack_from("<H", chunk[1], 24)
    if (tag, bits) not in _FORMATS:
        raise BadResponseError(
            "expected a WAV file of 8, 16, 24 or 32-bit integers or 32 or 64-bit floats, found"
            f" format {tag} with {bits} bits"
        )
    if not 1 <= channels <= most_channels:
        raise BadResponseError(
            f"expected a {'mono ' if most_channels == 1 else ''}impulse response, found {channels}"
            " channels; keep one of them, as in sox cab.wav left.wav remix 1"
        )
    if not 1 <= rate_hz <= MAX_SAMPLE_RATE_HZ:
        raise BadResponseError(
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
            raise BadResponseError(f"sample {bad}: expected a finite number, found {floats[bad]}")
        return floats
    if bits == 8:
        return ((np.frombuffer(body, np.uint8).astype(np.float32) - 128) / 128).astype(np.float32)
    if bits == 24:
        wide = np.zeros((len(body) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        body, bits = wide.tobytes(), 32
    whole = np.frombuffer(body, f"<i{bits // 8}").astype(np.float64)
    return (whole / 2.0 ** (bits - 1)).astype(np.float32)
