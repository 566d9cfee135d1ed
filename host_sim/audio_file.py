"""Audio files in and out, a block at a time; writing ends in a rename, so no half file remains."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from host_sim.audio_header import Promise, read_promise
from namgen.arithmetic import F32
from namgen.errors import ChoiceError, NamgenError, OutputError, UnsupportedError
from namgen.output_dir import whole_file
from namgen.output_file import check_output_file, special_file

SUBTYPES = {"float32": "FLOAT", "pcm16": "PCM_16", "pcm24": "PCM_24", "pcm32": "PCM_32"}
"""The sample formats that can be written, by their names on the command line; the best first."""

_BYTES = {"float32": 4, "pcm16": 2, "pcm24": 3, "pcm32": 4}


@dataclass(frozen=True, slots=True)
class _Container:
    """A kind of file that keeps every sample as it is."""

    name: str  # as libsndfile calls it
    subtypes: tuple[str, ...] = tuple(SUBTYPES)  # the default first
    limit_bytes: int | None = None  # of the samples
    has_date: bool = False


_WAV = _Container("WAV", limit_bytes=0xFFFF0000, has_date=True)
_RF64 = _Container("RF64")
_AIFF = _Container("AIFF", limit_bytes=0x7FFF0000, has_date=True)
_FLAC = _Container("FLAC", ("pcm24", "pcm16"))
_AU = _Container("AU", limit_bytes=0xFFFF0000)

_CONTAINERS: Mapping[str, _Container] = {
    ".wav": _WAV,
    ".wave": _WAV,
    ".rf64": _RF64,
    ".w64": _Container("W64"),
    ".flac": _FLAC,
    ".aif": _AIFF,
    ".aiff": _AIFF,
    ".aifc": _AIFF,
    ".caf": _Container("CAF"),
    ".au": _AU,
    ".snd": _AU,
}

_SAMPLE_BYTES = {
    "PCM_S8": 1,
    "PCM_U8": 1,
    "ULAW": 1,
    "ALAW": 1,
    "PCM_16": 2,
    "PCM_24": 3,
    "PCM_32": 4,
    "FLOAT": 4,
    "DOUBLE": 8,
}
"""Of the formats that do not pack samples, as libsndfile calls them."""

_MAGIC = (b"RF64", b"BW64", b"riff", b"fLaC", b"caff", b".snd", b"OggS", b"ID3")
_DATED_HEADER_BYTES = 128  # the PEAK chunk stands before the samples
_FULL_DISK_BYTES = 1 << 20
_INCOMPLETE = 24  # libsndfile's number for a header that lacks what it must say
_COUNTED_FRAMES = 4096  # a block of a FLAC file


class _Straight(soundfile.SoundFile):  # type: ignore[misc,unused-ignore]
    """A file read from front to back: soundfile seeks after each read, which a cut FLAC refuses."""

    def seekable(self) -> bool:
        return False


class AudioReader:
    """An open audio file: integers and floats of all sizes become float32.

    `frames` is what can be read, `missing_frames` what the header promises beyond that.
    """

    def __init__(self, file: Any, name: str, *, frames: int, missing_frames: int) -> None:
        self._file = file
        self.name = name
        self.sample_rate_hz = int(file.samplerate)
        self.channels = int(file.channels)
        self.frames = frames
        self.missing_frames = missing_frames

    @property
    def cut(self) -> str:
        """Say how much is not there, as the end of a sentence; empty where nothing is missing."""
        if not self.missing_frames:
            return ""
        promised = self.frames + self.missing_frames
        return f"; {self.missing_frames} of the {promised} frames it promises are missing"

    def blocks(self, frames: int) -> Iterator[F32]:
        """Yield (frames, channels) float32 blocks; the last may be shorter."""
        left = self.frames
        while left:
            block: F32 = self._file.read(min(frames, left), dtype="float32", always_2d=True)
            if not len(block):
                raise NamgenError(f"{self.name}: expected {left} more frames, found none")
            left -= len(block)
            yield block


class AudioWriter:
    """An audio file being written; `clipped` counts the samples beyond full scale of integers."""

    def __init__(self, file: Any, *, has_limit: bool) -> None:
        self._file = file
        self._has_limit = has_limit
        self.clipped = 0

    def write(self, samples: F32) -> None:
        """Append (frames, channels) float32 samples."""
        if self._has_limit:
            self.clipped += int(np.count_nonzero(np.abs(samples) > 1.0))
        self._file.write(samples)


@contextmanager
def open_audio(path: Path) -> Iterator[AudioReader]:
    """Open an audio file to read.

    Raises:
        NamgenError: it cannot be read as audio, or holds no sound.

    """
    found = _no_file(path)
    if found:
        raise NamgenError(f"{path}: expected an audio file, found {found}")
    try:
        promise = read_promise(path)
        frames = _readable_frames(path)
        with _Straight(path) as file:
            missing = int(file.frames) - frames + _cut_off(file, promise)
            _check_sound(path, frames, promise)
            yield AudioReader(file, path.name, frames=frames, missing_frames=missing)
    except soundfile.LibsndfileError as error:
        found = _unreadable(path, error)
        raise NamgenError(f"{path}: expected an audio file, found {found}") from error


def _no_file(path: Path) -> str | None:
    """Say what is there instead of a file; None where it is one."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "nothing"
    return None if stat.S_ISREG(mode) else special_file(mode)


def _unreadable(path: Path, error: soundfile.LibsndfileError) -> str:
    """Say what a file is that libsndfile does not open, or stops to read."""
    if not path.stat().st_size:
        return "an empty file"
    if not _is_audio(path):
        return "a file of another kind"
    if error.code == _INCOMPLETE:
        return "one whose header gives no sample rate or no format"
    return "one that is cut off, damaged, or in an encoding that libsndfile does not read"


def _check_sound(path: Path, frames: int, promise: Promise | None) -> None:
    if frames:
        return
    if promise is not None and promise.is_unfinished:
        raise NamgenError(
            f"{path}: expected sound; its header promises none and {promise.found_bytes} bytes "
            "follow it: the recording was not finished"
        )
    raise NamgenError(f"{path}: expected sound, found a file of 0 frames")


def _cut_off(file: Any, promise: Promise | None) -> int:
    """Frames that a header promises and that libsndfile, which sees the file's size, leaves out."""
    if promise is None or not promise.missing:
        return 0
    frame_bytes = _SAMPLE_BYTES.get(file.subtype, 0) * int(file.channels)
    if frame_bytes:
        return promise.said_bytes // frame_bytes - int(file.frames)
    return round(int(file.frames) * promise.missing / max(1e-9, 1 - promise.missing))  # packed


def _readable_frames(path: Path) -> int:
    """Count what can be read; mostly that is known, but a cut FLAC file still promises all."""
    with soundfile.SoundFile(path) as file:
        frames = int(file.frames)
        try:
            if not frames or (file.seek(frames - 1) and len(file.read(1))) or frames == 1:
                return frames
        except soundfile.LibsndfileError:
            pass
    return _counted(path)


def _counted(path: Path) -> int:
    frames = 0
    with _Straight(path) as file:
        try:
            while block := len(file.read(_COUNTED_FRAMES)):
                frames += block
        except soundfile.LibsndfileError:
            return frames
    return frames


def check_audio_target(
    path: Path, *, subtype: str | None = None, inputs: Iterable[Path] = (), force: bool = False
) -> str:
    """Refuse at once a name that no audio file can or should have; return the sample format.

    The ending of the name is the format. The sample format is by default float32, of a FLAC file
    pcm24. What may be replaced says `check_output_file`.

    Raises:
        ChoiceError: no such format is written, or not with these samples.
        OutputError: the place is none for a result.

    """
    container = _container(path)
    chosen = container.subtypes[0] if subtype is None else subtype
    if chosen not in container.subtypes:
        raise ChoiceError(
            f"{path}: subtype: expected one of {', '.join(container.subtypes)} in a "
            f"{container.name} file, found {chosen!r}"
        )
    check_output_file(path, inputs=inputs, kind="an audio file", is_kind=_is_audio, force=force)
    return chosen


def _container(path: Path) -> _Container:
    found = _CONTAINERS.get(path.suffix.lower())
    if found is None:
        raise ChoiceError(
            f"{path}: expected a name ending in one of {', '.join(_CONTAINERS)}, "
            f"found {path.suffix or 'none'}"
        )
    return found


def _is_audio(path: Path) -> bool:
    """Whether a file begins as audio files do, be it whole or not."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] in (b"RIFF", b"FORM"):
        return head[8:12] in (b"WAVE", b"AIFF", b"AIFC")
    return head.startswith(_MAGIC)


@contextmanager
def create_audio(
    path: Path, *, sample_rate_hz: int, channels: int, subtype: str, frames: int
) -> Iterator[AudioWriter]:
    """Write an audio file under another name and give it its own when all went well.

    Args:
        path: the final name, whose ending is the format; a file that is there stays until the end.
        sample_rate_hz: frames per second.
        channels: samples per frame.
        subtype: what `check_audio_target` returned.
        frames: how many will be written; a WAV beyond 4 GB becomes an RF64.

    Raises:
        NamgenError: the place cannot be written, or the format cannot hold this.

    """
    container = _large_enough(path, frames * channels * _BYTES[subtype])
    if not soundfile.check_format(container.name, SUBTYPES[subtype]):
        raise UnsupportedError(f"{path}: libsndfile cannot write {container.name} with {subtype}")
    try:
        with whole_file(path) as draft:
            with soundfile.SoundFile(
                draft, "w", sample_rate_hz, channels, SUBTYPES[subtype], format=container.name
            ) as file:
                yield AudioWriter(file, has_limit=subtype != "float32")
            if container.has_date and subtype == "float32":
                _remove_date(draft)
    except soundfile.LibsndfileError as error:
        raise OutputError(f"{path}: cannot be written: {_reason(error, path)}") from error


def _large_enough(path: Path, size_bytes: int) -> _Container:
    container = _container(path)
    if container.limit_bytes is None or size_bytes <= container.limit_bytes:
        return container
    if container is _WAV:
        return _RF64
    raise UnsupportedError(
        f"{path}: a {container.name} file holds {container.limit_bytes} bytes of samples, "
        f"{size_bytes} are needed; .wav, .w64, .caf and .flac hold more"
    )


def _reason(error: soundfile.LibsndfileError, path: Path) -> str:
    """What libsndfile says; of what it calls "System error", what there is to know."""
    free_bytes = shutil.disk_usage(path.resolve().parent).free
    if free_bytes < _FULL_DISK_BYTES:
        return f"{os.strerror(errno.ENOSPC)}; {free_bytes:,} bytes are free"
    return str(error.error_string).rstrip(".")


def _remove_date(path: Path) -> None:
    """Zero the time that libsndfile notes in the PEAK chunk of float files: same in, same out.

    The chunk is its name, its size and its version, 4 bytes each, then the time in 4 bytes.
    """
    with path.open("r+b") as file:
        place = file.read(_DATED_HEADER_BYTES).find(b"PEAK")
        if place >= 0:
            file.seek(place + 12)
            file.write(bytes(4))
