"""From a path to the samples of a WAV file; one of another kind is refused by its name."""

from __future__ import annotations

from pathlib import Path

from namgen.errors import FileError, Problem
from namgen.nam_file import kinds
from namgen.nam_file.json_text import load, printable
from namgen.nam_file.limits import MAX_FILE_BYTES
from namgen.nam_file.wav import BadWaveError, Wave, WaveKind, is_wav, read_wave


def read_audio(path: Path, kind: WaveKind, *, most_bytes: int = MAX_FILE_BYTES) -> Wave:
    """Read a WAV file whose first channel is not silent.

    Raises:
        FileError: it is none, or not of the kind.

    """
    data = load(path, expected=kind.file, most_bytes=most_bytes)
    try:
        if not is_wav(data):
            found = kinds.of_bytes(data) or "a file of another kind"
            raise BadWaveError(f"expected {kind.file}, found {found}")
        wave = read_wave(data, kind)
        if not wave.samples[0].any():
            where = " in the first channel" if len(wave.samples) > 1 else ""
            raise BadWaveError(f"expected {kind.file}, found silence{where}")
    except BadWaveError as error:
        raise FileError(printable(str(path)), [Problem("", str(error))]) from error
    return wave
