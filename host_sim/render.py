"""Plays an audio file through a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import soxr

from host_sim.audio_file import (
    AudioReader,
    AudioWriter,
    check_audio_target,
    create_audio,
    open_audio,
)
from host_sim.engines import Engine
from namgen.arithmetic import F32
from namgen.errors import NamgenError

CHUNK_FRAMES = 4096
"""Frames read at a time; no output depends on it."""

RESAMPLER_QUALITY = "VHQ"


@dataclass(frozen=True, slots=True)
class Format:
    """What a model takes and gives."""

    in_channels: int
    out_channels: int
    sample_rate_hz: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was written."""

    frames: int
    sample_rate_hz: int
    resampled: bool
    clipped: int  # samples beyond full scale, cut by an integer format
    peak: float
    missing_frames: int = 0  # that the input's header promises and the file does not hold


def render(
    engine: Engine,
    form: Format,
    source: Path,
    target: Path,
    *,
    channel: int | None = None,
    resample: bool = False,
    subtype: str | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda done, frames: None,
) -> Rendered:
    """Play `source` through the engine into `target`, frame for frame.

    The output has the length and the sample rate of the input. With `resample`, an input of
    another rate is brought to the model's, and the output back to the file's; both resamplers are
    linear in phase and their delay is taken out, so the output stays in step with the input.

    Args:
        engine: a model in its start state.
        form: the model's channels and sample rate.
        source: an audio file.
        target: the audio file to write; the ending of its name is the format.
        channel: the channel to play, from 1, when the file has more than the model takes.
        resample: allow a sample rate other than the model's.
        subtype: one of `SUBTYPES`; by default float32, in a FLAC file pcm24.
        force: replace also a file that is no audio file.
        progress: called with the frames done and their total.

    Raises:
        NamgenError: a file cannot be read or written, or does not suit the model.

    """
    subtype = check_audio_target(target, subtype=subtype, inputs=(source,), force=force)
    with open_audio(source) as audio:
        _check_rate(audio, form, resample=resample)
        column = _columns(audio, form, channel)
        resampled = audio.sample_rate_hz != form.sample_rate_hz
        run = _resampling(engine, form, audio.sample_rate_hz) if resampled else _direct(engine)
        played = _exactly(run(_chunks(audio, column)), audio.frames, form.out_channels)
        with create_audio(
            target,
            sample_rate_hz=audio.sample_rate_hz,
            channels=form.out_channels,
            subtype=subtype,
            frames=audio.frames,
        ) as out:
            done, peak = _write(played, out, lambda frames: progress(frames, audio.frames))
        rate_hz, missing = audio.sample_rate_hz, audio.missing_frames
        return Rendered(done, rate_hz, resampled, out.clipped, peak, missing)


def _write(
    played: Iterator[F32], out: AudioWriter, progress: Callable[[int], None]
) -> tuple[int, float]:
    """Write all samples; return their frames and peak."""
    done, peak = 0, 0.0
    for samples in played:
        out.write(samples)
        done += len(samples)
        peak = max(peak, float(np.max(np.abs(samples), initial=0.0)))
        progress(done)
    return done, peak


Chunks: TypeAlias = Iterator[tuple[F32, bool]]
"""(frames, channels) samples, and whether they are the last."""

Run: TypeAlias = Callable[[Chunks], Iterator[F32]]


def _check_rate(audio: AudioReader, form: Format, *, resample: bool) -> None:
    if audio.sample_rate_hz != form.sample_rate_hz and not resample:
        raise NamgenError(
            f"{audio.name}: expected the model's sample rate, {form.sample_rate_hz} Hz, "
            f"found {audio.sample_rate_hz} Hz; --resample converts to it and back{audio.cut}"
        )


def _columns(audio: AudioReader, form: Format, channel: int | None) -> slice:
    """Choose the channels of the file that the model hears."""
    if channel is not None and form.in_channels > 1:
        raise NamgenError(
            f"channel: the model takes {form.in_channels} channels at once; leave --channel out"
        )
    if channel is not None:
        if not 1 <= channel <= audio.channels:
            raise NamgenError(
                f"{audio.name}: channel: expected 1 to {audio.channels}, found {channel}{audio.cut}"
            )
        return slice(channel - 1, channel)
    if audio.channels != form.in_channels:
        hint = f"; --channel 1 to {audio.channels} chooses one" if form.in_channels == 1 else ""
        raise NamgenError(
            f"{audio.name}: expected {form.in_channels} channel"
            f"{'s' if form.in_channels > 1 else ''}, found {audio.channels}{hint}{audio.cut}"
        )
    return slice(None)


def _chunks(audio: AudioReader, column: slice) -> Chunks:
    seen = 0
    for block in audio.blocks(CHUNK_FRAMES):
        seen += len(block)
        yield np.ascontiguousarray(block[:, column]), seen >= audio.frames


@runtime_checkable
class Lagging(Protocol):
    """An engine that keeps samples back until they make a block."""

    def finish(self) -> F32:
        """Play what it kept."""


def _played(engine: Engine, samples: F32, *, last: bool) -> F32:
    played = engine.process(samples)
    return (
        np.concatenate([played, engine.finish()])
        if last and isinstance(engine, Lagging)
        else played
    )


def _direct(engine: Engine) -> Run:
    def run(chunks: Chunks) -> Iterator[F32]:
        for samples, last in chunks:
            yield _played(engine, samples, last=last)

    return run


def _resampling(engine: Engine, form: Format, file_rate_hz: int) -> Run:
    """To the model's rate, through the model, and back to the file's."""
    rate = form.sample_rate_hz
    inward = _resampler(file_rate_hz, rate, form.in_channels)
    outward = _resampler(rate, file_rate_hz, form.out_channels)

    def run(chunks: Chunks) -> Iterator[F32]:
        for samples, last in chunks:
            heard = _matrix(inward.resample_chunk(samples, last=last), form.in_channels)
            played = _played(engine, heard, last=last)
            yield _matrix(outward.resample_chunk(played, last=last), form.out_channels)

    return run


def _resampler(from_hz: int, to_hz: int, channels: int) -> soxr.ResampleStream:
    return soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality=RESAMPLER_QUALITY)


def _matrix(samples: F32, channels: int) -> F32:
    return np.ascontiguousarray(samples.reshape(-1, channels))


def _exactly(chunks: Iterator[F32], frames: int, channels: int) -> Iterator[F32]:
    """Cut or fill with zeros to `frames`; two resamplings may be off by a frame."""
    done = 0
    for samples in chunks:
        kept = samples[: frames - done]
        done += len(kept)
        yield kept
    if done < frames:
        yield np.zeros((frames - done, channels), np.float32)
