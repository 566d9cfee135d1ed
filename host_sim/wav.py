"""Audio files in and out, a block at a time; writing ends in a rename, so no half file remains."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

from namgen.errors import NamgenError, OutputError, UnsupportedError

F32: TypeAlias = npt.NDArray[np.float32]

SUBTYPES = {"float32": "FLOAT", "pcm24": "PCM_24"}
"""The sample formats that can be written, by their names on the command line."""

_HEADER_BYTES = 128  # the PEAK chunk stands before the samples
_WAV_BYTES = 0xFFFF0000  # a plain WAV counts its bytes in 32 bits
_FULL_DISK_BYTES = 1 << 20


class WavReader:
    """An open audio file: 16, 24 and 32-bit integers and floats all become float32."""

    def __init__(self, file: Any, name: str) -> None:
        self._file = file
        self.name = name
        self.sample_rate_hz = int(file.samplerate)
        self.channels = int(file.channels)
        self.frames = int(file.frames)

    def blocks(self, frames: int) -> Iterator[F32]:
        """Yield (frames, channels) float32 blocks; the last may be shorter."""
        yield from self._file.blocks(blocksize=frames, dtype="float32", always_2d=True)


class WavWriter:
    """A WAV file being written; `clipped` counts the samples beyond full scale of an integer."""

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
def open_wav(path: Path) -> Iterator[WavReader]:
    """Open an audio file to read.

    Raises:
        NamgenError: it cannot be read as audio.

    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing"
        raise NamgenError(f"{path}: expected a WAV file, found {found}")
    try:
        with soundfile.SoundFile(path) as file:
            yield WavReader(file, path.name)
    except soundfile.LibsndfileError as error:
        raise NamgenError(f"{path}: expected a WAV file: {error.error_string}") from error


@contextmanager
def create_wav(
    path: Path, *, sample_rate_hz: int, channels: int, subtype: str, frames: int
) -> Iterator[WavWriter]:
    """Write a WAV file under another name and give it its own when all went well.

    Args:
        path: the final name; a file that is there stays until the end.
        sample_rate_hz: frames per second.
        channels: samples per frame.
        subtype: one of `SUBTYPES`.
        frames: how many will be written; beyond 4 GB the format is RF64.

    Raises:
        NamgenError: the place cannot be written, or the subtype is unknown.

    """
    if subtype not in SUBTYPES:
        raise UnsupportedError(f"subtype: expected one of {', '.join(SUBTYPES)}, found {subtype!r}")
    draft = _draft(path)
    container = "RF64" if frames * channels * 4 > _WAV_BYTES else "WAV"
    try:
        _create(draft, path)
        with soundfile.SoundFile(
            draft, "w", sample_rate_hz, channels, SUBTYPES[subtype], format=container
        ) as file:
            yield WavWriter(file, has_limit=subtype != "float32")
        _without_date(draft)
        draft.replace(path)
    except soundfile.LibsndfileError as error:
        raise OutputError(f"{path}: cannot be written: {_reason(error, path.parent)}") from error
    finally:
        with contextlib.suppress(OSError):  # no folder to have it in, or not ours to change
            draft.unlink(missing_ok=True)


def _reason(error: soundfile.LibsndfileError, folder: Path) -> str:
    """What libsndfile says, and what it calls "System error" when a disk is full."""
    free_bytes = shutil.disk_usage(folder).free
    said = str(error.error_string).rstrip(".")
    return f"{said}; {free_bytes:,} bytes are free" if free_bytes < _FULL_DISK_BYTES else said


def _without_date(path: Path) -> None:
    """Zero the time that libsndfile notes in the PEAK chunk of float files: same in, same out.

    The chunk is its name, its size and its version, 4 bytes each, then the time in 4 bytes.
    """
    with path.open("r+b") as file:
        place = file.read(_HEADER_BYTES).find(b"PEAK")
        if place >= 0:
            file.seek(place + 12)
            file.write(bytes(4))


def _draft(path: Path) -> Path:
    """Name a file beside `path` that nobody has."""
    if path.is_dir():
        raise OutputError(f"{path}: expected the name of a file to write, found a folder")
    return path.parent / f".{path.name}.{secrets.token_hex(4)}.part"


def _create(draft: Path, path: Path) -> None:
    try:
        draft.touch(exist_ok=False)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
